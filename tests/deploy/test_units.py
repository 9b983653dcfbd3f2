"""The units as systemd reads them: sound, confined, and true about our own commands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from devotional import environment
from devotional.lib.web_server import STOP_SECONDS
from harness.waiting import PATIENCE
from tests.deploy.tools import tool
from tests.deploy.units import DEPLOY, SERVICES, TIMERS, settings_in, variables_in

# In tenths; systemd's own word for up to 2.0 is OK. Ours need the network and a data folder.
EXPOSURE = 15

# What every service of ours says, so that none is more open than the site itself.
SANDBOX = {
    "User",
    "Group",
    "WorkingDirectory",
    "EnvironmentFile",
    "StateDirectory",
    "StateDirectoryMode",
    "UMask",
    "LimitCORE",
    "ProtectSystem",
    "ProtectHome",
    "PrivateTmp",
    "PrivateDevices",
    "NoNewPrivileges",
    "CapabilityBoundingSet",
    "MemoryDenyWriteExecute",
    "RestrictAddressFamilies",
    "RestrictNamespaces",
    "SystemCallArchitectures",
    "SystemCallFilter",
}


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tool("systemd-analyze"), *words],
        capture_output=True,
        text=True,
        check=False,
        # It draws its table as wide as a terminal is.
        env={"PATH": "/usr/bin:/bin", "SYSTEMD_COLORS": "0", "COLUMNS": "200"},
        timeout=PATIENCE,
    )


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    """What systemd says to our units, copied to `folder`, with a program where ours would be."""
    copies = []
    for unit in [*SERVICES, *TIMERS]:
        text = unit.read_text().replace("/opt/devotional/.venv/bin/python", sys.executable)
        (folder / unit.name).write_text(text)
        copies.append(str(folder / unit.name))
    return analyze("verify", "--recursive-errors=no", *copies)


def test_there_are_units() -> None:
    names = {unit.name for unit in [*SERVICES, *TIMERS]}
    assert {"devotional.service", "devotional-prune.service", "devotional-prune.timer"} <= names


def test_systemd_has_nothing_to_say(tmp_path: Path) -> None:
    said = verified(tmp_path)
    assert (said.stdout, said.stderr, said.returncode) == ("", "", 0)


def test_systemd_would_have_said_it(tmp_path: Path) -> None:
    """Else silence would mean nothing."""
    unit = tmp_path / "odd.service"
    unit.write_text(f"[Service]\nExecStart={sys.executable}\nProtectSytem=strict\n")
    assert "ProtectSytem" in analyze("verify", "--recursive-errors=no", str(unit)).stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_little_is_exposed(unit: Path) -> None:
    said = analyze("security", "--offline=yes", f"--threshold={EXPOSURE}", str(unit))
    assert said.returncode == 0, said.stdout[-200:]
    lowest = analyze("security", "--offline=yes", "--threshold=1", str(unit))
    assert lowest.returncode != 0  # the threshold is looked at


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_no_service_is_more_open_than_the_site(unit: Path) -> None:
    site = settings_in((DEPLOY / "devotional.service").read_text())
    here = settings_in(unit.read_text())
    said = {name: here.get(name) for name in SANDBOX}
    wanted = {name: site[name] for name in SANDBOX}
    # One may write to a folder more: where backups go.
    more = " ".join(said.pop("StateDirectory") or []).split()
    assert set(" ".join(wanted.pop("StateDirectory")).split()) <= set(more)
    assert said == wanted


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_what_a_service_starts_is_there(unit: Path) -> None:
    starts = settings_in(unit.read_text())["ExecStart"]
    commands = [re.fullmatch(r"\S+/\.venv/bin/python manage\.py (\S+).*", one) for one in starts]
    assert [one[1] for one in commands if one and one[1] in get_commands()] != []
    assert None not in commands


@pytest.mark.parametrize("timer", TIMERS, ids=lambda unit: unit.name)
def test_a_timer_starts_its_service_once_a_day(timer: Path) -> None:
    assert timer.with_suffix(".service") in SERVICES
    (when,) = settings_in(timer.read_text())["OnCalendar"]
    said = analyze("calendar", "--iterations=2", when).stdout
    days = re.findall(r"(?:Next elapse|Iter\. #2): \w+ (\d{4}-\d\d-\d\d)", said)
    assert len(set(days)) == 2


def test_a_stop_is_given_more_time_than_it_takes() -> None:
    unit = settings_in((DEPLOY / "devotional.service").read_text())
    assert unit["KillSignal"] == ["SIGTERM"]
    assert unit["KillMode"] == ["mixed"]  # the main process alone is told, and tells its workers
    assert int(unit["TimeoutStopSec"][0]) > STOP_SECONDS


def test_the_variables_are_ours_and_keep_the_key_apart() -> None:
    text = (DEPLOY / "devotional.env").read_text()
    given = variables_in(text)
    offered = variables_in(re.sub(r"^#(?=[A-Z_]+=)", "", text, flags=re.MULTILINE))
    assert set(given) < set(offered) <= set(environment.VARIABLES)
    for values in (given, offered):
        env = environment.read(values, base=Path("/opt/devotional"))
        assert env.https
        assert env.trusted_proxies == 1
        folders = settings_in((DEPLOY / "devotional.service").read_text())["StateDirectory"][0]
        kept = [Path("/var/lib") / name for name in folders.split()]
        assert [env.data, env.key_ring.parent] == kept
        assert env.data not in env.key_ring.parents
