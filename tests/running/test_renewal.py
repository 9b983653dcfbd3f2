"""Under a running site a changed template and newly collected files show in every worker."""

import http.client
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.first_start import LONGEST
from harness.server import Server, eventually, free_port, running

CODE = Path(__file__).resolve().parents[2]
COVER = "/read/the-continual-pursuit-of-breakthrough/"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A copy of the code, which a test may change."""
    copy = tmp_path / "code"
    for name in ("devotional", "templates", "static", "content"):
        shutil.copytree(CODE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CODE / "manage.py", copy)
    return copy


def pages(server: Server, path: str) -> set[str]:
    """What is answered by enough connections to meet both workers."""
    return {page(server, path) for _ in range(16)}


def page(server: Server, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_each_worker_shows_what_has_changed(data: Path, code: Path) -> None:
    with running(data, free_port(), code=code, WORKERS="2") as server:
        (before,) = pages(server, COVER)
        template = code / "templates" / "base.html"
        template.write_text(template.read_text().replace("<main", "<!-- anew --><main"))
        assert eventually(lambda: all("<!-- anew -->" in it for it in pages(server, COVER)))
        (after,) = pages(server, COVER)
        assert after.replace("<!-- anew -->", "") == before

        sheet = code / "static" / "css" / "print.css"
        sheet.write_text(sheet.read_text() + ".anew { color: red }\n")
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput"],
            cwd=code,
            env={"DATA": str(data)},
            check=True,
            capture_output=True,
            timeout=LONGEST,
        )
        (old,) = sheets({after})
        assert eventually(lambda: old not in sheets(pages(server, COVER)))
        (new,) = sheets(pages(server, COVER))
        assert all(".anew" in it for it in pages(server, new))
        assert all(".anew" not in it for it in pages(server, old))
        assert server.stop() == 0


def sheets(pages: set[str]) -> set[str]:
    """The addresses of the style sheets that the pages name."""
    named = re.compile(r'href="(/static/css/[^"]+)"')
    return {address for each in pages for address in named.findall(each)}
