"""What a running site prints: a line a request, and nothing of what was sent (S7).

Each request here carries canaries wherever a request can hold something: address, query, headers,
cookies, form, even its method. Then the server ends, and all that it printed is looked through.
"""

import contextlib
import http.client
import json
import re
import socket
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from devotional.environment.values import LOG_FORMATS
from harness.databases import Database
from harness.http_client import Device, Page
from harness.server import Server, children, free_port, running

WORD = "canary4f1d9c"
# A token, an address and a code as they look; and secrets of the host's own.
TOKEN = "Q3anary_4f1d9cTOKEN-xyz"
ADDRESS = "203.0.113.77"
CODE = "7QK P3V 8XN 2MD 5RT 9WZ 4HB"
SECRET_KEY = f"secret-{WORD}-key-0123456789-abcdefghijklmnopqrstuvwxyz"
EMAIL_URL = f"smtp://sam%40example.org:pass-{WORD}@127.0.0.1:9"
HELD_BACK = (WORD, TOKEN, ADDRESS, CODE, CODE.replace(" ", ""), CODE.replace(" ", "+"))

PATHS = (
    *(f"/j/{TOKEN}", f"/calendar/{TOKEN}.ics", f"/{WORD}/", f"/static/{WORD}.css"),
    *(f"/read/{WORD}/", f"/read/{WORD}/{WORD}", f"/preview/{WORD}.png", f"/journal/of/{WORD}/"),
    *("/", "/journal/", "/account/sign-in/", "/robots.txt", "/healthz", "/readyz"),
)
FORMS = (
    *("/account/sign-in/", "/account/sign-in/code/", "/account/return/", "/journal/search/"),
    *("/groups/new/", f"/j/{TOKEN}", "/reflect/the-continual-pursuit-of-breakthrough/opening/"),
)
FORM = dict.fromkeys(("words", "text", "code", "login", "password", "name"), f"{WORD} {CODE}")
FORM |= {"email": f"{WORD}@example.org", "first_name": WORD, "text-becoming": WORD, WORD: "1"}
CARRIED = {
    "Cookie": f"reader={TOKEN}; session={TOKEN}; csrftoken={TOKEN}",
    "Referer": f"http://127.0.0.1/{WORD}",
    "User-Agent": WORD,
    "X-Forwarded-For": ADDRESS,
    "Forwarded": f"for={ADDRESS}",
    "X-Real-Ip": ADDRESS,
    "X-Request-Id": WORD,
    "Accept-Language": WORD,
    "Authorization": f"Bearer {TOKEN}",
    "Content-Type": "application/x-www-form-urlencoded",
}


def send(server: Server, method: str, path: str, body: str = "", **more: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with contextlib.closing(connection), contextlib.suppress(http.client.HTTPException, OSError):
        connection.request(method, path, body.encode(), CARRIED | more)
        connection.getresponse().read()


def send_raw(server: Server, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(said)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass


def ask_for_everything(server: Server, data: Path) -> None:
    for path in PATHS:
        for method in ("GET", "HEAD", "PUT", WORD):
            send(server, method, f"{path}?q={WORD}&code={TOKEN}")
    here = {"Origin": f"http://127.0.0.1:{server.port}"}
    for path in FORMS:
        send(server, "POST", f"{path}?q={WORD}", urlencode(FORM), **here)
        send(server, "POST", path, urlencode(FORM), Origin=f"https://{WORD}.example")
        send(server, "POST", path, urlencode(FORM), **{"Content-Type": f"text/{WORD}"}, **here)
        # Beyond what is read of a form, and beyond what granian takes of headers.
        send(server, "POST", path, f"text={WORD}" + "x" * 3_000_000, **here)
    send(server, "GET", "/", **{WORD: "x" * 100_000})
    send(server, "GET", "/", Host=f"{WORD}.example")
    send_raw(server, f"GET /{WORD} HTTP/9.9\r\nHost: {WORD}\r\n\r\n".encode())
    send_raw(server, f"{WORD}\r\n{TOKEN}\r\n\r\n".encode())
    send_raw(server, f"GET /%ff%00{WORD} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    said = f"POST /account/return/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n{WORD}"
    send_raw(server, said.encode())
    break_it(server, data)


def break_it(server: Server, data: Path) -> None:
    """An error of ours, with words and tokens of someone who is known."""
    device = Device(server.port)
    with contextlib.closing(device):
        page = Page(device)
        assert page.save(WORD).status == 200
        form = device.get("/journal/search/").fields | {"words": WORD, "earlier": "on"}
        with Database(data).away("devotional_revision"):
            assert device.post(f"/journal/search/?q={WORD}", form).status == 500


@pytest.fixture(scope="module", params=LOG_FORMATS)
def printed(
    request: pytest.FixtureRequest, started: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, list[str], str]:
    """The format, all lines that a server printed, and how its processes are listed."""
    data = tmp_path_factory.mktemp("logs") / "data"
    with running(
        data,
        free_port(),
        LOG_FORMAT=request.param,
        WORKERS="2",
        SECRET_KEY=SECRET_KEY,
        EMAIL_URL=EMAIL_URL,
    ) as server:
        main = server.process.pid
        listed = ""
        if sys.platform == "linux":
            for pid in (main, *children(main)):
                listed += Path(f"/proc/{pid}/cmdline").read_text()
        ask_for_everything(server, data)
        assert server.stop() == 0
    return request.param, server.lines, listed


def test_nothing_of_what_was_sent_is_printed(printed: tuple[str, list[str], str]) -> None:
    _format, lines, _listed = printed
    assert [line for line in lines for word in HELD_BACK if word in line] == []
    # Nor where it came from: that address is in the lines that say where site and database are.
    ours = ("is running at", "database:")
    assert [line for line in lines if "127.0.0.1" in line and not any(map(line.count, ours))] == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_secret_is_in_the_list_of_processes(printed: tuple[str, list[str], str]) -> None:
    listed = printed[2]
    assert "devotional.lib.web_server" in listed
    assert WORD not in listed


def test_each_request_has_a_line(printed: tuple[str, list[str], str]) -> None:
    log_format, lines, _listed = printed
    said = set()
    if log_format == "json":
        records = [json.loads(line) for line in lines]
        assert {"time", "level", "logger", "message"} <= set.intersection(*map(set, records))
        for each in records:
            if each["logger"] == "devotional.access":
                assert re.fullmatch(r"[0-9a-f]{12}", each["request"])
                assert isinstance(each["ms"], int)
                said.add((each["method"], each["route"], each["status"]))
    else:
        line_of = re.compile(
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO devotional\.access: "
            r"(\S+) (.+) (\d{3}) \d+ ms \[[0-9a-f]{12}\]"
        )
        found = [line_of.fullmatch(line) for line in lines]
        said = {(each[1], each[2], int(each[3])) for each in found if each}
    assert {
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("(other)", "/", 403),
        ("GET", "/j/<anything:token>", 404),
        ("GET", "/calendar/<str:token>.ics", 404),
        ("GET", "(no page)", 404),
        ("GET", "/robots.txt", 200),
        ("GET", "/read/<slug:devotional_id>/", 404),
        ("POST", "/account/return/", 403),
        ("GET", "-", 400),  # another host's name
    } <= said
    # That all is well is asked every few seconds.
    assert not {route for _method, route, status in said if status == 200} & {"/healthz", "/readyz"}


def test_an_error_is_found_by_its_request(printed: tuple[str, list[str], str]) -> None:
    log_format, lines, _listed = printed
    if log_format == "json":
        records = [json.loads(line) for line in lines]
        (error,) = [
            each
            for each in records
            if each["logger"] == "django.request" and each["message"].startswith("500 ")
        ]
        assert error["places"][0].endswith(", raised through")
        assert error["message"].startswith("500 POST /journal/search/")
        (line,) = [each for each in records if each.get("status") == 500]
        assert (line["request"], line["route"]) == (error["request"], "/journal/search/")
        return
    (error,) = [
        line for line in lines if " ERROR django.request: 500 POST /journal/search/" in line
    ]
    (line,) = [line for line in lines if " devotional.access: " in line and "/ 500 " in line]
    assert error.rpartition(" ")[2] == line.rpartition(" ")[2]
    assert lines[lines.index(error) + 1].endswith(", raised through")
