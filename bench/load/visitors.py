"""What readers and passers-by ask for under load, ready to be sent by `wrk`.

Readers are those of a population. Each is a device that has opened its page as a browser would, so
that it holds a token, and for a save all that its form holds.
"""

from collections.abc import Iterable
from dataclasses import replace

from bench.load.wrk import Ask, Form
from harness.http_client import FORM, Device, Page, encoded
from harness.population import PROMPT, SECTION, device_of, token_of

# As a phone asks for a page.
BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9",
    "User-Agent": "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/140 Mobile",
}


def passing_by(path: str, **headers: str) -> list[Ask]:
    """Someone without a cookie."""
    return [Ask(path, BROWSER | headers)]


def coming_back(path: str, readers: Iterable[int], **headers: str) -> list[Ask]:
    """Readers, each with their own cookie."""
    return [
        Ask(path, BROWSER | headers | {"Cookie": f"reader={token_of(number)}"})
        for number in readers
    ]


def about_to_save(port: int, readers: Iterable[int]) -> list[Form]:
    """The forms of readers who have the section open and go on writing in its first box."""
    return [form_of(device_of(port, number)) for number in readers]


def sent_to(forms: Iterable[Form], url: str, path: str) -> list[Form]:
    """The very same forms for a view of the twin at `url`, which calls the words `text`."""
    return [
        replace(form, path=path, headers={**form.headers, "Origin": url}, text_name="text")
        for form in forms
    ]


def form_of(device: Device) -> Form:
    page = Page(device, SECTION)
    page.open()
    device.close()
    version = f"version-{PROMPT}"
    kept = {
        name: value
        for name, value in page.fields.items()
        if name != "op" and not name.startswith(("text-", "version-"))
    }
    return Form(
        path=page.path,
        headers=BROWSER | device.headers() | {"Content-Type": FORM, "HX-Request": "true"},
        body=encoded(kept).decode(),
        text_name=f"text-{PROMPT}",
        version_name=version,
        version=int(page.fields.get(version, "0")),
    )
