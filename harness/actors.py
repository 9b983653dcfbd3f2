"""The people who use the site under test, as browsers to the server within one process.

They hold cookies, send an Origin as browsers do, and write by filling in the form they were given.
"""

from typing import Any

from django.test import Client

from harness.html_forms import Fields

ORIGIN = "http://testserver"
# What a browser says when a page of another site makes it send something here.
FORGED = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}


class Browser(Client):
    """One person's browser."""

    def __init__(self) -> None:
        # The host's pages ask for Django's token.
        super().__init__(enforce_csrf_checks=True, headers={"origin": ORIGIN})

    def fields(self, path: str) -> dict[str, str]:
        """The fields of the form at `path`, filled as they were given."""
        return Fields(self.get(path).content.decode()).values

    def texts(self, path: str = "/reflect/on-doors/opening/panel/") -> dict[str, str]:
        """What stands in the boxes at `path`, by prompt."""
        return {
            name.removeprefix("text-"): value
            for name, value in self.fields(path).items()
            if name.startswith("text-")
        }

    def write(
        self, section: str = "opening", *, htmx: bool = True, change: Any = None, **texts: str
    ) -> Any:
        """Fill in the form of a section and send it: `write("opening", before="…")`."""
        path = f"/reflect/on-doors/{section}/"
        sent = self.fields(path + "panel/")
        sent |= {f"text-{prompt}": text for prompt, text in texts.items()}
        sent |= change or {}
        return self.send(path, sent, htmx=htmx)

    def send(self, path: str, fields: dict[str, str] | None = None, *, htmx: bool = True) -> Any:
        return self.post(path, fields, headers={"hx-request": "true"} if htmx else None)
