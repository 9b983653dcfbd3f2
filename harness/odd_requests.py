"""Requests that nobody's browser sends, made from a seed: odd in their query, body, path, headers,
cookies and codings, and otherwise as a reader's who may do what they ask for.

A body is always as long as it says, and a request always at its end: what is cut off on the way is
looked at elsewhere, and a server may wait for the rest of it.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_from_bytes, urlencode

from harness.http_client import FORM
from harness.odd_texts import odd_text

VALUES = [
    *("", "0", "-1", "1", "2", "9" * 400, "-" + "9" * 30, "1e999", "NaN", "0x10", "１２", "٣", "½"),
    *("2026-02-30", "0000-00-00", "9999-12-31", "0001-01-01", "24:61", "23:59:60", "week"),
    *("9999-12-31T23:59:59.999999-23:59", "0001-01-01T00:00:00+23:59", "2026-01-01T00:00"),
    *("yes", "no", "on", "null", "None", "[]", "{}", '{"id":', "[" * 3000, "true"),
    *("00000000-0000-0000-0000-000000000000", "{00000000000000000000000000000000}", "urn:uuid:x"),
    *("//elsewhere.example/", "javascript:alert(1)", "/\\elsewhere.example", "../../../etc/passwd"),
    *("a@b", "a@b.example", "ü@ü.example", "a@" + "b." * 200 + "example", '"a b"@c.example'),
    *("a@b.example\r\nBcc: c@d.example", "' OR 1=1 --", "%s%n%d", "{{ 7 * 7 }}", "\u202e\u2066x"),
    *("the-continual-pursuit-of-breakthrough", "hingy", "Europe/London", "Mars/Base", "7", "14"),
]
TYPES = [
    FORM,
    f"{FORM}; charset=utf-8",
    f"{FORM}; charset=latin-1",
    f"{FORM}; charset=hex",
    f"{FORM}; charset=utf-16",
    f"{FORM}; charset=\x00",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "x" * 300,
    "application/json",
    "text/plain; charset=idna",
    "\xff\xfe",
    "",
    "x" * 5000,
]
HEADERS = [
    *("Accept", "Accept-Encoding", "Accept-Language", "Range", "If-Range", "If-None-Match"),
    *("If-Match", "If-Modified-Since", "If-Unmodified-Since", "Referer", "Origin", "User-Agent"),
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "Sec-Fetch-Site"),
    *("HX-Request", "HX-Current-URL", "HX-Target", "HX-Trigger", "HX-Prompt", "HX-Boosted"),
    *("X-CSRFToken", "Authorization", "X-HTTP-Method-Override", "Content-Encoding", "Purpose"),
    *("HX-Current-URL-URI-AutoEncoded", "HX-Target-URI-AutoEncoded", "X-Requested-With", "DNT"),
]
HEADER_VALUES = [
    *(b"", b"*", b"\xff\xfe", b"\xc3\x28", b"W/", b'W/"x"', b'"', b"bytes=0-,9-1", b"q=;;,,=="),
    *(b"Thu, 99 Foo 2026 99:99:99 GMT", b"Sun Nov  6 08:49:37 1994", b"en;q=nan, *;q=-1"),
    *(b"gzip;q=9e999, br;q=", b"http://[::1", b"http://x:99999/", b"null", b"%00%ff", b"a" * 9000),
    *(b"xx-" + b"y" * 600, b"de-DE-u-co-phonebk, zh-Hant;q=0.5", b"https, http", b"::1, 1.2.3.4"),
    *(
        "ünïcode שלום".encode(),
        b"\t tabs \t",
        b"1",
        b"true",
        b"false",
        b"Basic \xff",
        b"same-origin",
    ),
]
PATH_PARTS = [
    *("", ".", "..", "%00", "%ff", "%ED%A0%80", "%2e%2e", "%2F", "%5c", "%25", "%0d%0aX:%20y", "+"),
    *(
        "a" * 3000,
        quote("שלום"),
        "%C3%28",
        "-",
        "_",
        "0",
        "9" * 40,
        "ffffffff-ffff",
        "x.png",
        ";a=b",
    ),
    *("00000000-0000-0000-0000-000000000000", "opening", "hingy", "%F0%9F%98%80", "'", "%22", "|"),
]


@dataclass(slots=True)
class Ask:
    """One request, to be made odd and then sent."""

    method: str
    path: str
    query: str
    headers: dict[str, bytes]
    cookies: dict[str, str]
    body: bytes

    def wire(self, port: int) -> bytes:
        """As it goes over the network."""
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        said = {"Host": f"127.0.0.1:{port}".encode()} | self.headers
        said |= {"Cookie": jar.encode("latin-1", "replace")} if jar else {}
        said |= {"Content-Length": str(len(self.body)).encode()} if self.body else {}
        said["Connection"] = b"close"
        target = self.path + (f"?{self.query}" if self.query else "")
        lines = [f"{self.method} {target} HTTP/1.1".encode("utf-8", "surrogateescape")]
        lines += [name.encode() + b": " + value for name, value in said.items()]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


@dataclass(frozen=True, slots=True)
class Source:
    """What odd requests are made from: chance, and the names that fields have here."""

    chance: random.Random
    names: Sequence[str]

    def value(self) -> str:
        return odd_text(self.chance) if self.chance.random() < 0.3 else self.chance.choice(VALUES)

    def fields(self) -> list[tuple[str, str]]:
        """A form: odd values under names that are looked for here."""
        chosen = self.chance.choices(self.names, k=self.chance.choice((1, 2, 3, 8)))
        return [(name, self.value()) for name in chosen]


def odd_query(ask: Ask, source: Source) -> None:
    ask.query = urlencode(source.fields(), errors="surrogatepass")[:40_000]
    if source.chance.random() < 0.3:
        ask.query = source.chance.choice(("&&==&", "%", "%ff=%fe", "a[]=1&a.b=2", "=", "?" * 50))


def odd_form(ask: Ask, source: Source) -> None:
    ask.headers["Content-Type"] = FORM.encode()
    ask.body = urlencode(source.fields(), errors="surrogatepass").encode()


def odd_body(ask: Ask, source: Source) -> None:
    odd_form(ask, source)
    kind = source.chance.choice(TYPES).replace("\0", "")
    ask.headers["Content-Type"] = kind.encode("latin-1")
    match source.chance.randrange(5):
        case 0:
            ask.body = source.chance.randbytes(source.chance.choice((1, 30, 3000)))
        case 1:
            ask.body = quote_from_bytes(source.chance.randbytes(60)).encode()
        case 2:
            ask.body = "&".join(f"f{number}=1" for number in range(1500)).encode()
        case 3:
            ask.body = multipart(source)


def multipart(source: Source) -> bytes:
    """Parts that are named, unnamed, files, in odd codings, and with no end."""
    heads = (
        b'Content-Disposition: form-data; name="%s"',
        b'Content-Disposition: form-data; name="%s"; filename="x.png"\r\nContent-Type: image/png',
        b"Content-Disposition: form-data; name*=utf-8''%s",
        b'Content-Disposition: form-data; name="%s"\r\nContent-Transfer-Encoding: base64',
        b"Content-Disposition: %s",
    )
    parts = []
    for name, value in source.fields():
        head = source.chance.choice(heads) % name.encode("utf-8", "replace")
        parts.append(b"--x\r\n" + head + b"\r\n\r\n" + value.encode("utf-8", "surrogatepass"))
    return b"\r\n".join(parts) + source.chance.choice((b"\r\n--x--\r\n", b"\r\n--x", b""))


def odd_path(ask: Ask, source: Source) -> None:
    parts = ask.path.split("/")
    for _time in range(source.chance.choice((1, 1, 2))):
        at = source.chance.randrange(1, max(2, len(parts)))
        parts[at : at + source.chance.choice((0, 1))] = [source.chance.choice(PATH_PARTS)]
    ask.path = "/".join(parts)
    ask.path = ask.path if ask.path.startswith("/") else f"/{ask.path}"


def odd_headers(ask: Ask, source: Source) -> None:
    for name in source.chance.choices(HEADERS, k=source.chance.choice((1, 2, 5))):
        ask.headers[name] = source.chance.choice(HEADER_VALUES)


def odd_cookies(ask: Ask, source: Source) -> None:
    name = source.chance.choice(("reader", "csrftoken", "session", "other", "$Version", ""))
    odd = ("", "=", '"', '"\\', "\xff", "a" * 5000, "%00", "x; reader=y", "\\303\\050", "{}", ",")
    ask.cookies = dict(ask.cookies) if source.chance.random() < 0.7 else {}
    ask.cookies[name] = source.chance.choice(odd)


WAYS: list[Callable[[Ask, Source], None]] = [
    *(odd_query, odd_form, odd_form, odd_body, odd_path, odd_headers, odd_cookies)
]


def made_odd(ask: Ask, source: Source) -> Ask:
    """`ask`, odd in one way or in two."""
    for way in source.chance.choices(WAYS, k=source.chance.choice((1, 1, 2))):
        way(ask, source)
    return ask
