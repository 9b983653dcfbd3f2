"""Taking everything over a slow network: saves go on, and what breaks off is no ZIP (K10)."""

import os
import shutil
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.http_client import Device, Page
from harness.site import Site
from harness.waiting import PATIENCE
from tests.journal.export_reader import Taken

ZIP = "/export/everything.zip"


@pytest.fixture
def writer(own_site: Site) -> Iterator[Page]:
    """Someone whose words don't compress and don't fit into what a socket holds."""
    own_site.start()
    page = Page(Device(own_site.port))
    for _number in range(40):
        assert page.save(os.urandom(45_000).hex()).status == 200
    yield page
    page.device.close()


def begun(page: Page, connection: socket.socket) -> bytes:
    """Begin a download and read no more than its beginning."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", page.device.port))
    said = page.device.headers() | {"Host": f"127.0.0.1:{page.device.port}"}
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    connection.sendall(f"GET {ZIP} HTTP/1.1\r\n{head}\r\n".encode())
    start = b""
    while b"PK" not in start:
        start += connection.recv(4096)
    return start


def rest_of(connection: socket.socket, start: bytes) -> bytes:
    received = bytearray(start)
    try:
        while part := connection.recv(65536):
            received += part
            if received.endswith(b"\r\n0\r\n\r\n"):
                break
    except OSError:
        pass
    return bytes(received)


def unchunked(reply: bytes) -> bytes:
    """The body of a reply in chunks, as far as it came."""
    body, rest = b"", reply.split(b"\r\n\r\n", 1)[1]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        if not size or not int(size, 16):
            break
        body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return body


def test_saves_go_on_during_a_slow_download_and_a_broken_one_is_no_zip(
    writer: Page, own_site: Site, tmp_path: Path
) -> None:
    with socket.socket() as connection:
        start = begun(writer, connection)
        assert b"200 OK" in start
        for number in range(5):
            assert writer.save(f"Saved meanwhile, {number}.").status == 200
        taken = Taken(unchunked(rest_of(connection, start)))
    texts = [each["text"] for each in taken.reflections()[0]["revisions"]]
    assert [len(text) for text in texts][:39] == [90_000] * 39

    with socket.socket() as connection:
        start = begun(writer, connection)
        own_site.kill()
        received = unchunked(rest_of(connection, start))
    broken = tmp_path / "broken.zip"
    broken.write_bytes(received)
    assert received.startswith(b"PK")
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(broken)
    if unzip := shutil.which("unzip"):
        assert subprocess.run([unzip, "-tq", broken], check=False, timeout=PATIENCE).returncode != 0
