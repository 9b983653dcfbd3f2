"""docs/deploying.md does what it says: each line of its recipes is run here, or held to our names.

What would change the machine itself (packages, users, services) is not run; that what it names is
there, and is what the units mean, is looked at instead.
"""

import re
import shlex
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import resolve

from devotional import environment
from harness.site import ROOT
from harness.visitor import NAME, SITE
from harness.waiting import PATIENCE
from tests.deploy.installed import SOURCE
from tests.deploy.units import DEPLOY, SERVICES, TIMERS, moved, settings_in, variables_in

PAGE = (ROOT / "docs/deploying.md").read_text()
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
MANAGE = "/opt/devotional/deploy/manage"
SITE_UNIT = settings_in((DEPLOY / "devotional.service").read_text())


def first_word(line: str) -> str:
    return shlex.split(line)[0]


def lines_of(*programs: str) -> list[str]:
    return [line for line in LINES if first_word(line) in programs]


def test_files_are_put_where_the_recipes_put_them(tmp_path: Path) -> None:
    """Every `git` and `install`, in order, below a folder of the test."""
    repository = tmp_path / "repository"
    for name in (*SOURCE, "Makefile"):
        copy: Callable[..., object] = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        repository.mkdir(exist_ok=True)
        copy(ROOT / name, repository / name)
    git = ["git", "-C", str(repository), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "All of it"]):
        subprocess.run([*git, *words], check=True, timeout=PATIENCE)
    places = {
        "/opt/devotional": tmp_path / "opt/devotional",
        "/etc": tmp_path / "etc",
    }
    for folder in ("opt", "etc/systemd/system", "etc/caddy", "etc/nginx/conf.d"):
        (tmp_path / folder).mkdir(parents=True)

    script = moved("\n".join(lines_of("git", "install")), places)
    subprocess.run(
        ["sh", "-eu", "-c", script],
        env={"PATH": "/usr/bin:/bin", "REPOSITORY": str(repository)},
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )

    etc = tmp_path / "etc"
    for unit in [*SERVICES, *TIMERS]:
        assert (etc / "systemd/system" / unit.name).read_text() == unit.read_text()
    variables = etc / "devotional.env"
    assert stat.S_IMODE(variables.stat().st_mode) == 0o600  # it may hold the mail's password
    assert str(variables).removeprefix(str(tmp_path)) == SITE_UNIT["EnvironmentFile"][0]
    assert variables_in(variables.read_text())["SITE_URL"] == SITE
    assert (etc / "caddy/Caddyfile").read_text() == (DEPLOY / "Caddyfile").read_text()
    put = etc / "nginx/conf.d/devotional.conf"
    assert put.read_text() == (DEPLOY / "nginx.conf").read_text()


def test_services_are_those_that_are_put_there() -> None:
    known = {unit.name for unit in [*SERVICES, *TIMERS]} | {"devotional", "caddy", "nginx"}
    for line in lines_of("systemctl", "journalctl"):
        named = [word for word in shlex.split(line)[1:] if word[0] != "-" and not word.isdigit()]
        if "systemctl" in line:
            assert named.pop(0) in ("daemon-reload", "enable", "reload", "restart")
        assert set(named) <= known, line


def test_the_user_is_the_units_own() -> None:
    (line,) = lines_of("adduser")
    words = shlex.split(line)
    assert [words[-1]] == SITE_UNIT["User"] == SITE_UNIT["Group"]
    state = [f"/var/lib/{name}" for name in SITE_UNIT["StateDirectory"][0].split()]
    assert words[words.index("--home") + 1] == state[0]
    (copied,) = lines_of("scp")
    assert shlex.split(copied)[1] == f"root@{NAME}:{state[1]}/keyring"


@pytest.mark.parametrize("line", lines_of(MANAGE))
def test_commands_are_ours(line: str) -> None:
    assert shlex.split(line)[1] in get_commands()


@pytest.mark.parametrize("line", lines_of("curl"))
def test_pages_that_are_asked_for_are_there(line: str) -> None:
    address = shlex.split(line)[-1]
    origin, path = re.fullmatch(r"(https?://[^/]+)(/.*)", address).groups()  # type: ignore[union-attr]
    assert origin in (SITE, "http://127.0.0.1:8000")
    resolve(path)


@pytest.mark.parametrize("line", lines_of("make"))
def test_make_knows_its_targets(line: str) -> None:
    words = moved(line, {"/opt/devotional": ROOT})
    subprocess.run(
        [*shlex.split(words), "--dry-run"], check=True, capture_output=True, timeout=PATIENCE
    )


def test_variables_and_files_that_are_named_are_there() -> None:
    inline = set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", PAGE, flags=re.M | re.S)))
    variables = {found[1] for word in inline if (found := re.match(r"([A-Z_]{4,})(=|$)", word))}
    assert variables <= set(environment.VARIABLES)
    assert "DATABASE_URL" in variables
    for word in inline:
        if word.startswith("deploy/"):
            assert (ROOT / word.split()[0]).exists(), word
