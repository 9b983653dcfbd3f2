"""The picture that a messenger shows beside a link: the title on paper, and the hinge in its light.

One for each devotional, the same for everyone, with the devotional's own words and nothing else: an
invitation shows it too (T9), so not even the site's name, which may be a church's. A title with
letters that our typeface lacks, or too long for the picture, is left to the text beside it; then
the hinge stands alone.
"""

import io
import unicodedata
from functools import lru_cache

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont
from PIL.ImageText import Text

WIDTH, HEIGHT = 1200, 630
FONT = "static/fonts/literata-latin.woff2"

# The colours of the style sheets by day; a picture can hold neither oklch() nor two schemes.
PAPER, INK, SOFT, RULE = "#fdfaf4", "#2e241d", "#685b4f", "#ded6cb"
LIGHT, LIGHT_AS_TEXT, SHADE = "#ebb34b", "#844b07", "#bdbad3"

MARGIN = 88
COLUMN, TALLEST = 740, 400  # the room for a title
LARGEST, SMALLEST, SMALL = 88, 44, 32  # sizes of a title, and of the line below it
BESIDE_WORDS = 1010  # from the left, the middle of the hinge
GROWN = 0.35  # how far the light has come, as on the cover's page
NO_CHARACTER = "\uffff"  # no typeface has it, so its picture is the one for what is missing


@lru_cache(maxsize=64)
def picture(title: str, below: str = "") -> bytes:
    """A PNG of a devotional's title, with a small line below it."""
    large, small = set_in_lines(title, LARGEST), set_in_lines(below, SMALL)
    words = [text for text in (large, small) if large and text]
    middle = BESIDE_WORDS if words else WIDTH // 2
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw_light(image, middle=middle)
    draw_words(image, words)
    draw_hinge(image, middle=middle)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def set_in_lines(text: str, size: int) -> Text[str] | None:
    """The text in lines that fit the column, smaller where it is long; None where it can't be."""
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(letter for letter in composed if unicodedata.category(letter) != "Cf")
    try:
        font = ImageFont.truetype(str(settings.BASE_DIR / FONT), size)
    except OSError:  # the FreeType that Pillow was built with can't read this file
        return None
    if not seen.strip() or not has_letters(font, seen):
        return None
    words = Text(" ".join(seen.split()), font, spacing=size * 0.2)
    try:
        words.wrap(COLUMN, TALLEST, scaling=("shrink", min(size, SMALLEST)))
    except ValueError:  # too long at the smallest size
        return None
    return words


def has_letters(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Whether the typeface has each of them: a row of empty boxes helps nobody."""
    missing = bytes(font.getmask(NO_CHARACTER))
    return all(bytes(font.getmask(letter)) != missing for letter in set(text))


def draw_light(image: Image.Image, *, middle: int) -> None:
    """The glow behind the hinge, and the line above that has come so far."""
    strength = 0.2 + 0.32 * GROWN
    # Pillow's gradient is 0 in the middle and 181 where its edge is nearest.
    fading = Image.radial_gradient("L").point(lambda far: max(0, 181 - far) * 255 / 181 * strength)
    glow = fading.resize((2000, 1400), Image.Resampling.BICUBIC)
    image.paste(LIGHT, (middle - 1000, 300 - 700), glow)
    ImageDraw.Draw(image).rectangle((0, 0, WIDTH, 7), fill=RULE)
    size = round(WIDTH * GROWN), 8
    growing = Image.linear_gradient("L").rotate(90).resize(size)
    line = Image.composite(Image.new("RGB", size, LIGHT), Image.new("RGB", size, SHADE), growing)
    image.paste(line, (0, 0))


def draw_words(image: Image.Image, words: list[Text[str]]) -> None:
    """One under the other, the whole in the middle of the height."""
    draw = ImageDraw.Draw(image)
    boxes = [text.get_bbox() for text in words]
    gap = SMALL
    y = (HEIGHT + 8 - sum(bottom for _, _, _, bottom in boxes) - gap * (len(words) - 1)) / 2
    for text, (_, _, _, bottom), ink in zip(words, boxes, (INK, SOFT), strict=False):
        draw.text((MARGIN, y), text, fill=ink)
        y += bottom + gap


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
