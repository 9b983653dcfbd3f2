"""What can be measured in a screenshot: how bright it is, and where rules and words stand."""

import io
from dataclasses import dataclass

from PIL import Image, ImageChops

type Colour = tuple[int, int, int]


def picture_of(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def brightness(png: bytes) -> int:
    """How bright the page itself is, 0 to 255: at its lower edge, where nothing is written."""
    picture = picture_of(png)
    found = picture.convert("L").getpixel((2, picture.height - 3))
    assert isinstance(found, float | int)
    return round(found)


@dataclass(frozen=True)
class Band:
    """Rows of pixels, one below the other, that are not of the paper's colour alone."""

    top: int
    bottom: int  # the first row that is paper again


def colour_at(picture: Image.Image, place: tuple[int, int]) -> Colour:
    found = picture.getpixel(place)
    assert isinstance(found, tuple)
    red, green, blue = found
    return (int(red), int(green), int(blue))


def bands_in(picture: Image.Image, paper: Colour, share: float) -> list[Band]:
    """What stands on the paper, from top to bottom, each with its rows.

    A row counts where one of its pixels is unlike the paper by `share` of the whole contrast from
    black to white, in any of the three colours.
    """
    difference = ImageChops.difference(picture, Image.new("RGB", picture.size, paper))
    red, green, blue = difference.split()
    strongest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    marks = strongest.point([255 if value >= share * 255 else 0 for value in range(256)])
    is_marked = [
        marks.crop((0, row, marks.width, row + 1)).getbbox() is not None
        for row in range(marks.height)
    ]
    bands = []
    begun = None
    for row, marked in enumerate([*is_marked, False]):
        if marked and begun is None:
            begun = row
        elif not marked and begun is not None:
            bands.append(Band(begun, row))
            begun = None
    return bands
