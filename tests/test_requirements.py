"""What is installed is what was pinned, what was pinned is what is asked for, and may be used.

Without a network: whether a pin has a known weakness, `make audit` asks where there is one.
"""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"([\w.-]+)==(\S+)((?: --hash=sha256:[0-9a-f]{64})+)")

# Licences under which we may hand the program on with its parts, by the words that name them.
FREE = re.compile(
    r"\b(MIT|MIT-0|BSD|BSD-[0-3]-Clause|0BSD|Apache|ISC|MPL|PSF|Python Software Foundation"
    r"|HPND|MIT-CMU|CMU|Unlicense|Public Domain|Zlib|CC0)\b",
    re.IGNORECASE,
)

# Whose metadata names none: read in the licence that comes with it.
READ = {"axe-playwright-python": "MIT"}


def pins(name: str) -> dict[NormalizedName, str]:
    """Each package and its version; every line is a pin with its hashes, or the test fails."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    found: dict[NormalizedName, str] = {}
    for line in text.splitlines():
        line = " ".join(line.partition(" #")[0].split())
        if not line or line.startswith("#"):
            continue
        pin = PIN.fullmatch(line)
        assert pin, f"{name}: not a pin with hashes: {line[:80]}"
        package = canonicalize_name(pin[1])
        assert package not in found, f"{name}: {package} stands there twice"
        found[package] = pin[2]
    return found


RUN = pins("requirements.txt")
DEV = pins("requirements-dev.txt")


def asked_for(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return [Requirement(each) for each in wanted]


def needed_by(package: str, extras: set[str]) -> list[Requirement]:
    """What an installed package asks for on this machine."""
    found = []
    for line in distribution(package).requires or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": each}) for each in {"", *extras}):
            found.append(requirement)
    return found


def everything(wanted: list[Requirement], pinned: dict[str, str]) -> set[str]:
    """All that `wanted` brings along, each held against its pin."""
    seen: set[tuple[str, frozenset[str]]] = set()
    to_see = list(wanted)
    while to_see:
        requirement = to_see.pop()
        package = canonicalize_name(requirement.name)
        key = (package, frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        assert package in pinned, f"{requirement} is asked for and not pinned: make lock"
        version = Version(pinned[package])
        fits = requirement.specifier.contains(version, prereleases=True)
        assert fits, f"{package} is pinned to {version}, and {requirement} is asked for: make lock"
        to_see += needed_by(package, requirement.extras)
    return {package for package, _extras in seen}


@pytest.mark.parametrize(
    ("wanted", "pinned"),
    [(asked_for(), RUN), (asked_for("dev"), DEV)],
    ids=["requirements.txt", "requirements-dev.txt"],
)
def test_the_lock_is_in_step_with_what_is_asked_for(
    wanted: list[Requirement], pinned: dict[str, str]
) -> None:
    """Nothing is missing, nothing is of a version that isn't asked for, nothing is left over."""
    left_over = set(pinned) - everything(wanted, pinned)
    # Some are for other systems only, and pinned all the same.
    assert {package for package in left_over if is_installed(package)} == set()


def is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


def test_both_locks_agree_and_are_what_is_installed() -> None:
    assert {package: DEV.get(package) for package in RUN} == RUN
    installed = {name: distribution(name).version for name in DEV if is_installed(name)}
    assert {name: DEV[name] for name in installed} == installed


def licence_of(package: str) -> str:
    if package in READ:
        return READ[package]
    about = distribution(package).metadata
    said = [about.get("License-Expression") or "", (about.get("License") or "").split("\n")[0]]
    said += [
        each.rpartition("::")[2]
        for each in about.get_all("Classifier") or []
        if each.startswith("License ::")
    ]
    return " / ".join(each.strip() for each in said if each.strip())


def test_every_licence_allows_what_we_do() -> None:
    unknown = {
        package: licence_of(package)
        for package in DEV
        if is_installed(package) and not FREE.search(licence_of(package))
    }
    assert unknown == {}
