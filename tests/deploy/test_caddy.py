"""The Caddyfile for one small server: sound, patient with a restart, and silent about readers."""

import json
import os
import subprocess
import threading
from pathlib import Path

from harness.http_client import Page, Reply
from harness.server import PATIENCE
from harness.slow_clients import Address
from harness.visitor import NAME
from tests.deploy.conftest import Place
from tests.deploy.proxies import arriving, caddy
from tests.deploy.tools import tool
from tests.deploy.units import DEPLOY


def run(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(tmp_path))
    return subprocess.run(
        [tool("caddy"), *words],
        env=os.environ | homes,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_caddy_finds_it_sound(tmp_path: Path) -> None:
    file = str(DEPLOY / "Caddyfile")
    said = run(tmp_path, "validate", "--adapter", "caddyfile", "--config", file)
    assert (said.returncode, said.stdout) == (0, "Valid configuration\n"), said.stderr
    lines = map(json.loads, said.stderr.splitlines())
    [warning] = [line["msg"] for line in lines if line["level"] == "warn"]
    assert warning.startswith("server is listening only on the HTTP port")  # to lead to https
    assert run(tmp_path, "fmt", file).stdout == Path(file).read_text()


def test_caddy_would_have_said_it(tmp_path: Path) -> None:
    odd = tmp_path / "Caddyfile"
    odd.write_text((DEPLOY / "Caddyfile").read_text().replace("reverse_proxy", "reverse_prxy"))
    said = run(tmp_path, "validate", "--adapter", "caddyfile", "--config", str(odd))
    assert said.returncode != 0


def test_a_restart_is_waited_for(place: Place, tmp_path: Path) -> None:
    """Who opens a page meanwhile sees it a little later. What is sent may be refused, by Caddy
    before 2.11, and then the device keeps it and sends it again."""
    replies: list[Reply] = []
    with caddy(place.port, tmp_path) as proxy, arriving(proxy) as arrive:
        page, reader = Page(arrive()), arrive()
        with place.running() as server:
            assert page.save("Before the restart.").status == 200
            assert server.stop() == 0  # SIGTERM

        opening = threading.Thread(target=lambda: replies.append(reader.get("/privacy/")))
        opening.start()
        form = page.filled({"becoming": "While it was away."})
        with place.running() as server:
            opening.join(PATIENCE)
            assert [reply.status for reply in replies] == [200]
            assert page.send(form).status == 200
            assert page.text() == "While it was away."
            assert server.stop() == 0


def test_no_line_holds_an_address_or_a_request(tmp_path: Path) -> None:
    """Not even where a request fails: it may have been for an invitation."""
    with caddy(1, tmp_path, patience="0s") as proxy, arriving(proxy) as arrive:
        assert arrive("127.0.0.77").get("/j/canary-of-a-token?canary=query").status == 503
        log = (tmp_path / "caddy.log").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert "serving initial configuration" in [line["msg"] for line in lines]
    assert "canary" not in log
    assert "127.0.0.77" not in log


def test_no_line_holds_the_address_of_a_form_that_was_cut_off(site: Place, tmp_path: Path) -> None:
    with caddy(site.port, tmp_path, body_seconds=1) as proxy:
        address = Address(proxy.https, NAME, proxy.ca, source="127.0.0.77")
        with address.post() as connection:
            assert connection.recv(12) == b"HTTP/1.1 503"
    assert "127.0.0.77" not in (tmp_path / "caddy.log").read_text()
