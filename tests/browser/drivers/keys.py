"""The keys of a keyboard that write no letter, as WebDriver names them.

https://www.w3.org/TR/webdriver2/#keyboard-actions has the table of their code points.
"""

from typing import Any

CODE_POINTS = {
    "Backspace": "\ue003",
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Control": "\ue009",
    "Escape": "\ue00c",
    "Space": "\ue00d",
    "End": "\ue010",
    "Home": "\ue011",
}


def code_of(key: str) -> str:
    """The code point of a key by its name, or the letter itself."""
    return CODE_POINTS.get(key, key)


def typing(text: str) -> list[dict[str, Any]]:
    """The key actions that write a text. A new line is written by the key that makes one."""
    actions = []
    for letter in text:
        key = code_of("Enter") if letter == "\n" else letter
        actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
    return actions


def chord(keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """The key actions that press keys at once and let go of them in turn."""
    codes = [code_of(key) for key in keys]
    return [{"type": "keyDown", "value": code} for code in codes] + [
        {"type": "keyUp", "value": code} for code in reversed(codes)
    ]
