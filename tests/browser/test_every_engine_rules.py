"""The ruled paper of a writing box, measured in pixels: a rule under each line of text (B16).

In each engine a box with 60 lines of letters without descenders is photographed, at the five sizes
of *Aa* and in both lights. Where a rule isn't within a pixel of where its line of text wants it, or
there are more rules than lines or fewer, or a rule is thicker than one pixel, the picture is kept.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image

from tests.browser import phrases
from tests.browser.drivers.page import Page, radio
from tests.browser.engines import NewPerson, keep_picture
from tests.browser.pictures import Band, bands_in, colour_at, picture_of

LINES = 60
LETTERS = "zzzzz"  # they stand on the baseline with their whole width
SIZES = ("Smallest", "Small", "Large", "Larger", "Largest")
# A width at which the lines of no size are a whole number of pixels high, if nothing rounds them;
# and higher than 60 lines at the largest size.
WINDOW = (460, 4200)
OFF = 1.0  # pixels that a rule may stand off its line
# Shares of the contrast from black to white: rules have two fifths of it, ink four.
RULE, INK = 0.1, 0.6

FILL = """(words) => {
    const box = document.querySelector("textarea.box");
    box.value = words;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.blur();
}"""
# Where the lines of the box stand in the window, and how far below its baseline a line ends: half
# of what its height leaves beside the letters, and their descent.
MEASURE = """async () => {
    await document.fonts.ready;
    const box = document.querySelector("textarea.box");
    box.scrollIntoView({ block: "start", behavior: "instant" });
    const style = getComputedStyle(box);
    const brush = document.createElement("canvas").getContext("2d");
    brush.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const letters = brush.measureText("z");
    const line = parseFloat(style.lineHeight);
    const [up, down] = [letters.fontBoundingBoxAscent, letters.fontBoundingBoxDescent];
    const { left, top } = box.getBoundingClientRect();
    return {
        left: left + box.clientLeft,
        top: top + box.clientTop,
        width: box.clientWidth,
        height: box.clientHeight,
        scrolls: box.scrollHeight - box.clientHeight,
        padding: parseFloat(style.paddingLeft),
        letters: brush.measureText("zzzzz").width,
        line,
        below: (line - up - down) / 2 + down,
    };
}"""


@dataclass(frozen=True)
class Ruled:
    """A box as it was drawn: its rules, and the lines of ink."""

    rules: list[Band]
    lines: list[Band]
    below: float  # pixels from a baseline to the end of its line, as the typeface has it

    def faults(self) -> list[str]:
        found = [
            f"a rule of {rule.bottom - rule.top} px at {rule.top}"
            for rule in self.rules
            if rule.bottom - rule.top != 1
        ]
        if (len(self.rules), len(self.lines)) != (LINES, LINES):
            return [*found, f"{len(self.rules)} rules under {len(self.lines)} lines of {LINES}"]
        # A rule is the last row of pixels of its line.
        off = [
            rule.bottom - line.bottom - self.below
            for rule, line in zip(self.rules, self.lines, strict=True)
        ]
        return found + [
            f"the rule of line {number} stands {by:+.2f} px off"
            for number, by in enumerate(off, start=1)
            if abs(by) > OFF
        ]


def ruled(picture: Image.Image, place: dict[str, Any]) -> Ruled:
    """Find the rules where nothing is written, and the ink where the letters stand."""
    top, bottom = round(place["top"]), round(place["top"] + place["height"])
    begin = round(place["left"] + place["padding"])
    written = picture.crop((begin, top, begin + round(place["letters"]), bottom))
    end = round(place["left"] + place["width"] - place["padding"])
    blank = picture.crop((end - 100, top, end, bottom))
    paper = colour_at(blank, (0, 3))
    return Ruled(
        rules=bands_in(blank, paper, RULE),
        lines=bands_in(written, paper, INK),
        below=place["below"],
    )


def choose(page: Page, light: str, size: str) -> None:
    """Choose a light and a size of the text on the sheet *Aa*."""
    if not page.has(radio(light)):
        page.click(phrases.AA)
    page.click(radio(light))
    page.click(radio(size))
    page.driver.press("Escape")
    page.wait(lambda: not page.has(radio(light)), "the sheet stays")


@pytest.mark.parametrize("light", ["Light", "Dark"])
def test_a_rule_stands_under_each_line(light: str, new_person: NewPerson) -> None:
    page = new_person(size=WINDOW)
    page.open(phrases.HINGY)
    page.scroll_to(phrases.REFLECT)
    page.sees(phrases.FORM_OF_NOBODY)
    page.evaluate(FILL, "\n".join([LETTERS] * LINES))
    faults = []
    for size in SIZES:
        choose(page, light, size)
        place = page.evaluate(MEASURE)
        assert place["scrolls"] <= 0, (size, place, "the box has not grown with its words")
        assert 0 <= place["top"] < place["top"] + place["height"] <= WINDOW[1], (size, place)
        png = page.driver.screenshot()
        found = ruled(picture_of(png), place).faults()
        if found:
            name = f"rules-{page.driver.engine}-{light}-{size}"
            faults += [f"{size}: {fault}" for fault in [*found[:5], keep_picture(name, png).name]]
    assert not faults, "\n".join(faults)
