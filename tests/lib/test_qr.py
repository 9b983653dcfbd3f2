"""The code on a screen or sheet, read back by a reader of codes that isn't the maker of it."""

import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from devotional.lib.qr import qr_svg

LINK = "https://devotional.example/j/" + "Zm9vYmFyYmF6cXV4cXV1eA"


def drawn(svg: str, size: int = 4) -> Image.Image:
    """The picture that the SVG describes: rows of strokes, by relative moves."""
    found = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    path = re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert found
    assert path
    picture = Image.new("L", (int(found[1]) * size,) * 2, 255)
    x = y = 0.0
    for move, values in re.findall(r"([Mmh])([-\d. ]+)", path[1]):
        numbers = [float(value) for value in values.split()]
        if move == "h":
            box = (x * size, (y - 0.5) * size, (x + numbers[0]) * size - 1, (y + 0.5) * size - 1)
            ImageDraw.Draw(picture).rectangle(box, fill=0)
            x += numbers[0]
        else:
            x, y = (x + numbers[0], y + numbers[1]) if move == "m" else (numbers[0], numbers[1])
    return picture


@pytest.mark.parametrize("text", [LINK, LINK * 6, "https://a.example/", "Grüße & <b>"])
def test_it_is_read_back_as_the_very_text(text: str) -> None:
    code = zxingcpp.read_barcode(drawn(qr_svg(text, title="Link")))
    assert code is not None
    assert (code.text, code.format) == (text, zxingcpp.BarcodeFormat.QRCode)


def test_white_stands_around_it() -> None:
    picture = drawn(qr_svg(LINK, title="Link"), size=1)
    dark = picture.point(lambda grey: 255 - grey).getbbox()
    side = picture.width
    assert dark == (4, 4, side - 4, side - 4)


def test_its_name_is_said_and_nothing_in_it_is_markup() -> None:
    svg = qr_svg("https://a.example/?<script>", title='Open “A & B” <now> "')
    assert svg.startswith('<svg role="img" ')
    assert "<title>Open “A &amp; B” &lt;now&gt;" in svg
    assert "script" not in svg
    assert "style" not in svg


def test_it_is_dark_on_white_whatever_the_theme() -> None:
    assert re.findall(r'(?:fill|stroke)="([^"]+)"', qr_svg(LINK, title="Link")) == ["#fff", "#000"]
