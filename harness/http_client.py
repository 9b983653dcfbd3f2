"""A reader's browser over plain HTTP, for load and faults: cookies, the form, and one save.

It fills in whatever form it was given and sends it back, and knows of fields by name only where
the protocol does: `text-…`, `version-…` and `op`. It retries nothing; that is for the caller.
"""

import http.client
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from harness.html_forms import Fields

DEVOTIONAL = "the-continual-pursuit-of-breakthrough"
SECTIONS = {
    "opening": ("becoming", "healing"),
    "hingy": ("choice", "pivot"),
    "gradual": ("lighter", "cultivate"),
}
FORM = "application/x-www-form-urlencoded"
TIMEOUT = 40  # seconds; a save may wait for a lock, but an answer must come


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes

    @property
    def html(self) -> str:
        return self.body.decode("utf-8", "replace")

    @cached_property
    def fields(self) -> dict[str, str]:
        return Fields(self.html).values

    @property
    def asks_to_retry(self) -> bool:
        """Whether this is the answer for when nothing can be written just now (W8)."""
        return self.status == 503 and self.headers.get("retry-after", "").isdigit()

    def names_digest_of(self, text: str) -> bool:
        """Whether the answer's hashes, where it has any, hold that of `text`."""
        found = re.findall(r'data-digest="([0-9a-f]{64})"', self.html)
        return not found or sha256(text.encode()).hexdigest() in found


class Device:
    """One browser of one reader, at an address of its own where `address` names one.

    The site must be told of a proxy then (TRUSTED_PROXIES): what this sends is what one would.
    """

    def __init__(self, port: int, address: str = "") -> None:
        self.port = port
        self.address = address
        self.cookies: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    @property
    def reader_digest(self) -> str:
        """The hash under which the server knows this device; empty before the first save."""
        token = self.cookies.get("reader", "")
        return sha256(token.encode()).hexdigest() if token else ""

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> Reply:
        """One request and its answer. Raises OSError or HTTPException where none comes."""
        if self._connection is None:
            self._connection = self.connect(timeout)
        try:
            self._connection.request(method, path, body, self.headers() | dict(headers or {}))
            response = self._connection.getresponse()
            reply = Reply(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
            self._keep_cookies(response.headers.get_all("Set-Cookie") or [])
        except BaseException:
            self.close()
            raise
        if response.will_close:
            self.close()
        return reply

    def connect(self, timeout: float) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def headers(self) -> dict[str, str]:
        """What a browser says by itself with every request."""
        said = {"Origin": f"http://127.0.0.1:{self.port}", "Sec-Fetch-Site": "same-origin"}
        if self.address:
            said["X-Forwarded-For"] = self.address
        if self.cookies:
            said["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return said

    def _keep_cookies(self, set_cookies: list[str]) -> None:
        for header in set_cookies:
            for name, morsel in SimpleCookie(header).items():
                if morsel["max-age"] == 0:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value

    def get(self, path: str) -> Reply:
        return self.request("GET", path)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Reply:
        """Send a form as htmx does."""
        said = {"Content-Type": FORM, "HX-Request": "true"} | headers
        return self.request("POST", path, encoded(fields), said)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def encoded(fields: Mapping[str, str]) -> bytes:
    """A form's body; lone surrogates go out as the three bytes that nothing should ever send."""
    return urlencode(fields, errors="surrogatepass").encode()


class Page:
    """The form of one section as a device holds it, between one save and the next."""

    def __init__(self, device: Device, section: str = "opening") -> None:
        self.device = device
        self.section = section
        self.path = f"/reflect/{DEVOTIONAL}/{section}/"
        self.fields: dict[str, str] = {}

    def open(self) -> dict[str, str]:
        """Fetch the form; what stands in its boxes, by prompt."""
        reply = self.device.get(f"{self.path}panel/")
        if reply.status != 200:
            raise AssertionError(f"the panel answered {reply.status}")
        self.fields = reply.fields
        return texts_in(reply.fields)

    def filled(self, texts: Mapping[str, str], op: str | None = None) -> dict[str, str]:
        """The form to send for saving `texts` by prompt. Keep it for sending it again."""
        if not self.fields:
            self.open()
        hidden = {n: v for n, v in self.fields.items() if not n.startswith("text-")}
        words = {f"text-{prompt}": text for prompt, text in texts.items()}
        return hidden | words | {"op": op or str(uuid.uuid4())}

    def send(self, form: Mapping[str, str], **headers: str) -> Reply:
        """Send a form; on an answer that tells of newer fields, hold those from now on."""
        reply = self.device.post(self.path, form, **headers)
        if reply.status in (200, 409):
            if "writer" in reply.fields:  # the foot of the form was drawn anew, all of it
                self.fields = {n: v for n, v in self.fields.items() if not is_plain(n)}
            self.fields |= reply.fields
        return reply

    def save(self, text: str, prompt: str = "", **headers: str) -> Reply:
        """One save of one box, the section's first if not said."""
        return self.send(self.filled({prompt or SECTIONS[self.section][0]: text}), **headers)

    def renew(self, form: Mapping[str, str]) -> dict[str, str]:
        """`form` with what a newly fetched form says of who is writing; words, versions and the
        operation stay as they were first sent."""
        self.open()
        kept = {
            name: value
            for name, value in form.items()
            if name in ("op", "reading", "questions") or not is_plain(name)
        }
        return {name: value for name, value in self.fields.items() if is_plain(name)} | kept

    def text(self, prompt: str = "") -> str:
        """What stands in a box now, asked anew."""
        return self.open()[prompt or SECTIONS[self.section][0]]


def is_plain(name: str) -> bool:
    """Whether a field says something of the form and not of one box."""
    return not name.startswith(("text-", "version-"))


def texts_in(fields: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("text-"): value
        for name, value in fields.items()
        if name.startswith("text-")
    }
