"""Reads the forms of a page as a browser would send them. Needs no Django."""

from html.parser import HTMLParser


class Fields(HTMLParser):
    """The fields of the forms in a page, as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, str] = {}
        self._textarea: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "input" and at.get("name") and at.get("type") == "hidden":
            self.values[at["name"]] = at.get("value", "")
        if tag == "textarea" and "disabled" not in at:
            self._textarea = at["name"]
            self.values[self._textarea] = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            # HTML drops one newline right after the opening tag.
            self.values[self._textarea] = self.values[self._textarea].removeprefix("\n")
            self._textarea = None
