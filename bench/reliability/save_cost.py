"""What a save costs beside the plainest views that insert one row: same settings, same database.

All are called as a server calls them, one after the other in turn, so that whatever else the
machine does meets them alike. A ratio says more than seconds. The bar is held against the plainest
view that this site could have for a reader: token checked, reader looked up, a form of one field,
a sealed row, an answer from a template. The bare insert, which asks nobody's leave, stands beside
it for what it is.
"""

import io
import random
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import include, path

from bench.plainest import plain_save
from bench.reliability.report import Options, Row, percentile
from devotional.reflections.models import KeyCheck
from harness.actors import ORIGIN, Browser
from harness.html_forms import Fields
from harness.http_client import DEVOTIONAL, FORM, encoded

PAIRS = 400
WARM = 30
RATIO = 2.0
QUERIES = 8
PATH = f"/reflect/{DEVOTIONAL}/opening/"


def plainest(request: HttpRequest) -> HttpResponse:
    KeyCheck.objects.create(sealed=request.POST["text"].encode())
    return HttpResponse("Saved.")


urlpatterns = [
    path("plainest/", plainest),
    path("private/", plain_save),
    path("", include("devotional.urls")),
]

type Sender = Callable[[str], None]


def run(options: Options) -> Iterator[Row]:
    with override_settings(ROOT_URLCONF=__name__):
        yield compare(options)


def compare(options: Options) -> Row:
    chance = random.Random(options.seed)  # noqa: S311  # a seed to run it again
    ours, other = Writer(), Writer()
    costs: dict[Sender, list[float]] = {
        ours.type_on: [],
        other.replace: [],
        other.insert: [],
        insert_bare: [],
    }
    for number in range(WARM + PAIRS):
        text = f"{chance.getrandbits(256)} " * 20  # about 1.5 KB, all of it new
        for save in chance.sample(list(costs), len(costs)):
            began = time.perf_counter()
            save(text)
            took = time.perf_counter() - began
            for writer in (ours, other):
                writer.take_in()  # a browser's work, not the server's
            if number >= WARM:
                costs[save].append(took)
    with CaptureQueriesContext(connection) as queries:
        other.replace("Other words, to count.")
    typing, wording, plain, bare = (statistics.median(times) for times in costs.values())
    return Row(
        "save cost",
        f"{PAIRS} saves as autosave makes them and {PAIRS} of the plainest private view, in turn",
        f"ratio {typing / plain:.2f} (at most {RATIO:.0f}): medians {typing * 1000:.2f} and "
        f"{plain * 1000:.2f} ms, p95 {percentile(costs[ours.type_on], 0.95) * 1000:.1f} ms; "
        f"with an earlier wording kept {wording / plain:.2f}; to a bare insert of "
        f"{bare * 1000:.2f} ms {typing / bare:.2f}; {len(queries)} queries (at most {QUERIES})",
        typing / plain <= RATIO and len(queries) <= QUERIES,
    )


def insert_bare(text: str) -> None:
    status, _ = call("/plainest/", encoded({"text": text}))
    assert status == 200


class Writer:
    """A reader with one box."""

    def __init__(self) -> None:
        browser = Browser()
        first = browser.get(f"{PATH}panel/").content.decode()
        form = Fields(first).values | {"text-becoming": "The first words."}
        assert browser.send(PATH, form).status_code == 200
        self.cookies = "; ".join(f"{name}={one.value}" for name, one in browser.cookies.items())
        self.fields = browser.fields(f"{PATH}panel/")
        del self.fields["text-healing"]
        self.text = self.html = ""

    def type_on(self, text: str) -> None:
        """What autosave does: some words more."""
        self.text += text[:8]
        self.send(self.text)

    def replace(self, text: str) -> None:
        """Other words take the place of what stood, which stays in the history."""
        self.send(text)

    def send(self, text: str) -> None:
        status, html = call(PATH, encoded(self.fields | {"text-becoming": text}), self.cookies)
        assert status == 200, status
        self.html = html

    def take_in(self) -> None:
        self.fields |= Fields(self.html).values
        self.html = ""

    def insert(self, text: str) -> None:
        status, _ = call("/private/", encoded(self.fields | {"text": text}), self.cookies)
        assert status == 200, status


application = get_wsgi_application()


def call(where: str, body: bytes, cookies: str = "") -> tuple[int, str]:
    """One request as a WSGI server makes it."""
    statuses: list[str] = []

    def start_response(status: str, headers: Any, error: Any = None, /) -> Callable[[bytes], None]:
        statuses.append(status)
        return lambda data: None

    host = urlsplit(ORIGIN).netloc
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": where,
        "SERVER_NAME": host,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "HTTP_ORIGIN": ORIGIN,
        "HTTP_HX_REQUEST": "true",
        "HTTP_COOKIE": cookies,
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }
    response = application(environ, start_response)
    try:
        html = b"".join(response).decode()
    finally:
        response.close()
    return int(statuses[0].split()[0]), html
