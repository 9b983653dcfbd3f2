"""A QR code as an inline SVG: for a screen, and for a sheet that is printed.

It knows nothing of what the text leads to. No style attributes, so that our content security
policy holds, and always dark on white, because cameras fail on a code in a dark theme's colours.
"""

import segno
from django.utils.safestring import SafeString, mark_safe

QUIET_ZONE = 4  # modules of white on each side: what the standard asks for


def qr_svg(text: str, *, title: str) -> SafeString:
    """The code for `text` (at least level M), as wide as its place; `title` is its name aloud."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(
        border=QUIET_ZONE, dark="#000", light="#fff", title=title, svgclass="qr", omitsize=True
    )
    # Edges without grey, also where a module isn't a whole number of pixels wide.
    svg = svg.replace("<svg ", '<svg role="img" shape-rendering="crispEdges" ', 1)
    return mark_safe(svg)  # noqa: S308  # segno escapes the title, and the text isn't in it
