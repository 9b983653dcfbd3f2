"""Names for files that every system takes: Windows, macOS, Linux, Android, and note-takers' links.

Nothing here makes a file.
"""

import re
import unicodedata

LONGEST = 100  # bytes of UTF-8; systems allow 255, but count folders too
# Refused by Windows or Android, or meant for links by Obsidian.
REFUSED = re.compile(r'[<>:"/\\|?*#^\[\]]+')
# Names of devices on Windows, whatever the ending.
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?", re.I)


def file_name(words: str, ending: str = "", *, taken: set[str], otherwise: str) -> str:
    """A name like `words`, which isn't in `taken` yet and is put there; `otherwise` for none.

    Names that differ only by case or by how letters are composed are one name to some systems.
    """
    plain = without_tricks(words) or otherwise
    if RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    number = 1
    while True:
        last = f" {number}{ending}" if number > 1 else ending
        name = f"{shortened(plain, LONGEST - len(last.encode()))}{last}"
        if same_to_some(name) not in taken:
            taken.add(same_to_some(name))
            return name
        number += 1


def without_tricks(words: str) -> str:
    """`words` on one line, with nothing that can't be seen or that a system refuses."""
    words = REFUSED.sub(" ", unicodedata.normalize("NFC", words))
    # C: controls, marks for direction, halves of characters, what is not assigned. Z: all spaces.
    seen = (
        " "
        if (kind := unicodedata.category(one)[0]) == "Z" or one in "\n\r\t"
        else ""
        if kind == "C"
        else one
        for one in words
    )
    return " ".join("".join(seen).split()).strip(" .")


def shortened(words: str, size: int) -> str:
    """The beginning of `words` that fits into `size` bytes, cut at a word where there is one."""
    if len(words.encode()) <= size:
        return words
    cut = words.encode()[:size].decode(errors="ignore")
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > len(cut) // 2 else cut).rstrip(" .")


def same_to_some(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
