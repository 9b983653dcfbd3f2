"""The picture that a messenger shows beside a link: the title on paper, and the hinge in its light.

Each is drawn once for what is written on it, kept in the data folder, and the same for everyone.
On it stand the devotional's own words and nothing else: an invitation shows it too (T9), so not
even the site's name, which may be a church's. A title with letters that our typeface lacks is left
to the text beside the picture; then the hinge stands alone.
"""

import contextlib
import io
import os
import tempfile
import threading
from dataclasses import astuple, dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from devotional.content.library import Devotional, Section
from devotional.lib.typesetting import Type, Typeface, fitted, settable

WIDTH, HEIGHT = 1200, 630
DRAWN_AS = "1"  # another number for another drawing: what is kept is then drawn anew

# The colours of tokens.css by day; a picture can hold neither oklch() nor two schemes.
PAPER, INK, SOFT, RULE = "#fdfaf4", "#2e241d", "#685b4f", "#ded6cb"
LIGHT, LIGHT_AS_TEXT, SHADE = "#ebb34b", "#844b07", "#bdbad3"

DIGITS = 24  # of a digest in a name

MARGIN = 88
BESIDE_WORDS = 1010  # from the left, the middle of the hinge
COLUMN = 740  # of the words; the hinge stands beside it
SIZES = range(88, 43, -4)  # of a title
SMALL = 32
GLOW_COVER = 0.35  # how far the light has grown on a cover, as on its page

# One at a time: drawing is all computing, and two who ask at once want the same picture.
_drawing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands on one picture."""

    title: str
    above: str = ""
    below: str = ""
    light: float = GLOW_COVER  # 0 to 1

    @property
    def digest(self) -> str:
        return sha256("\0".join(map(str, (DRAWN_AS, *astuple(self)))).encode()).hexdigest()[:DIGITS]


def of_cover(devotional: Devotional) -> Preview:
    by = _("by %(author)s") % {"author": devotional.author} if devotional.author else ""
    return Preview(title=devotional.title, below=by)


def of_section(devotional: Devotional, section: Section) -> Preview:
    parts = len(devotional.sections)
    titles_differ = section.title != devotional.title
    return Preview(
        title=section.title,
        above=_("Part %(n)s of %(parts)s") % {"n": section.number, "parts": parts},
        below=devotional.title if titles_differ else "",
        light=section.number / parts,
    )


def picture(preview: Preview, *, name: str) -> bytes:
    """The PNG of `preview`, from the data folder where it is there.

    `name` says what page it is for: of each, only the picture last drawn is kept.
    """
    file = settings.PREVIEWS / f"{name}.{preview.digest}.png"
    with _drawing:
        with contextlib.suppress(OSError):
            return file.read_bytes()
        png = drawn(preview)
        with contextlib.suppress(OSError):  # a full disk costs a drawing, not the picture
            keep(file, png, name=name)
        return png


def keep(file: Path, png: bytes, *, name: str) -> None:
    """Put the picture in its place whole, and take away those that it follows."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(png)
        Path(temporary).replace(file)
    finally:
        Path(temporary).unlink(missing_ok=True)
    for earlier in file.parent.glob(f"{name}.{'?' * DIGITS}.png"):
        if earlier != file:
            earlier.unlink(missing_ok=True)


@lru_cache(maxsize=4)  # for those who waited while it was drawn and could not be kept
def drawn(preview: Preview) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    has_words = can_be_set(preview.title)
    middle = BESIDE_WORDS if has_words else WIDTH // 2
    draw_light(image, preview.light, middle=middle)
    if has_words:
        draw_words(image, preview)
    draw_hinge(image, middle=middle)
    file = io.BytesIO()
    image.save(file, "PNG")  # about 70 KB; trying harder takes three times as long
    return file.getvalue()


def can_be_set(text: str) -> bool:
    """Whether there is something to set, and our typeface has each of its letters."""
    try:
        return bool(settable(text)) and literata(440).at(SMALL).can_set(settable(text))
    except OSError:  # this machine can't open the typeface
        return False


def draw_light(image: Image.Image, grown: float, *, middle: int) -> None:
    """The glow behind the hinge, and the line above that has come so far."""
    strength = 0.2 + 0.32 * grown
    # Pillow's gradient is 0 in the middle and 181 where its edge is nearest.
    fading = Image.radial_gradient("L").point(lambda far: max(0, 181 - far) * 255 / 181 * strength)
    glow = fading.resize((2000, 1400), Image.Resampling.BICUBIC)
    image.paste(LIGHT, (middle - 1000, 300 - 700), glow)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 7), fill=RULE)
    reach = round(WIDTH * grown)
    line = Image.composite(
        Image.new("RGB", (reach, 8), LIGHT),
        Image.new("RGB", (reach, 8), SHADE),
        Image.linear_gradient("L").rotate(90).resize((reach, 8)),
    )
    image.paste(line, (0, 0))


def draw_words(image: Image.Image, preview: Preview) -> None:
    """The title and the small lines around it."""
    face = literata(440)
    # A small line that can't be set is missed by nobody.
    above, below = (
        settable(line) if can_be_set(line) else "" for line in (preview.above, preview.below)
    )
    small, small_lines = fitted(below, face, sizes=[SMALL], width=COLUMN, most_lines=2)
    title, lines = fitted(
        settable(preview.title), literata(500), sizes=SIZES, width=COLUMN, most_lines=4
    )
    write(image, title, lines, small, above=above, below=small_lines)


def write(
    image: Image.Image, type_: Type, lines: list[str], small: Type, *, above: str, below: list[str]
) -> None:
    """Set the lines one under the other, the whole in the middle of the height."""
    size = type_.fonts[0].size
    step, small_step = size * 1.17, SMALL * 1.4
    height = step * len(lines) + small_step * len(below) + (24 if below else 0)
    height += small_step + 20 if above else 0
    y = (HEIGHT + 8 - height) / 2
    draw = ImageDraw.Draw(image)
    if above:
        small.draw(draw, above, x=MARGIN, baseline=y + SMALL, fill=LIGHT_AS_TEXT)
        y += small_step + 20
    for line in lines:
        type_.draw(draw, line, x=MARGIN, baseline=y + size * 0.9, fill=INK)
        y += step
    y += 24
    for line in below:
        small.draw(draw, line, x=MARGIN, baseline=y + SMALL * 0.9, fill=SOFT)
        y += small_step


def draw_hinge(image: Image.Image, *, middle: int) -> None:
    """The glyph of templates/glyph.html, large: a leaf in shade, a leaf in light, the pin."""
    finer = 3  # drawn so much larger and made smaller, for smooth edges
    unit = 14 * finer
    width, height = 24 * unit, 24 * unit
    glyph = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(glyph)

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * unit, y * unit) for x, y in points]

    shaded = at((10.5, 5.25), (4.75, 3.5), (4.75, 20.5), (10.5, 18.75))
    lit = at((10.5, 5.25), (19.5, 2.5), (19.5, 21.5), (10.5, 18.75))
    for leaf, near, far in ((shaded, "#cfc9d8", "#e6e1e8"), (lit, "#fae1ac", "#efb550")):
        mask = Image.new("L", glyph.size)
        ImageDraw.Draw(mask).polygon(leaf, fill=255)
        across = Image.linear_gradient("L").rotate(90 if leaf is lit else -90)
        shades = Image.composite(
            Image.new("RGB", glyph.size, far),
            Image.new("RGB", glyph.size, near),
            across.resize(glyph.size),
        )
        glyph.paste(shades, (0, 0), mask)
    for points, thick in (
        ([*lit, lit[0]], 0.55),
        (shaded, 0.55),
        (at((10.5, 3), (10.5, 21)), 0.85),
    ):
        pen = round(thick * unit)
        draw.line(points, fill=LIGHT_AS_TEXT, width=pen, joint="curve")
        for x, y in points:
            draw.circle((x, y), pen / 2 - 1, fill=LIGHT_AS_TEXT)
    glyph = glyph.resize((width // finer, height // finer), Image.Resampling.LANCZOS)
    # The drawing's middle is left of the square's: 12.1 of 24.
    image.paste(glyph, (middle - glyph.width // 2, (HEIGHT + 8 - glyph.height) // 2), glyph)


def literata(weight: int) -> Typeface:
    fonts = Path(settings.BASE_DIR) / "static" / "fonts"
    names = ("literata-latin", "literata-latin-ext")
    return Typeface(tuple(fonts / f"{name}.woff2" for name in names), weight)
