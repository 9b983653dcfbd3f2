"""Our JavaScript modules as they are collected: every import by its hashed name, no file twice.

Django rewrites the plain form `import … from "./x.js"` and passes over all others. Such an import
would load a second copy of a module, with a state of its own, that no browser keeps for good.
"""

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

# `import` as a word of its own, and what follows it up to the name of a file.
IMPORT = re.compile(r"""^import\b[^;"'`]*["'`]([^"'`]+)|\bimport\(([^)]*)\)""", re.M)
HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")
AT_ONCE = 6  # connections that a browser opens to one server by HTTP/1.1


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """Each module of `static/js` by its name below it."""
    folder = Path(__file__).parents[2] / "static" / "js"
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.js")}


def imports_of(name: str, text: str) -> list[str]:
    """The names below `static/js` of what a module imports when it begins."""
    return [place_of(each, name) for each, _later in IMPORT.findall(text) if each]


def imported_later(name: str, text: str) -> list[str]:
    """The same for what it imports when there is need of it."""
    return [place_of(each.strip("\"'"), name) for _at_once, each in IMPORT.findall(text) if each]


def place_of(target: str, name: str) -> str:
    return str((Path("/") / name).parent.joinpath(target).resolve())[1:]


def test_every_import_is_collected_by_its_hashed_name(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["css", "js", "svg", "txt"]  # takes long
    settings.STORAGES = {"staticfiles": {"BACKEND": "devotional.lib.static.StaticStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    listed = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())["paths"]
    seen = 0
    for name, hashed in listed.items():
        if not re.fullmatch(r"js/.+\.js", name):
            continue
        text = (settings.STATIC_ROOT / hashed).read_text()
        for at_once, later in IMPORT.findall(text):
            target = at_once or later.strip("\"'")
            assert HASHED.search(target), (name, target)
            place = (settings.STATIC_ROOT / hashed).parent / target
            named = str(place.resolve().relative_to(settings.STATIC_ROOT.resolve()))
            assert named in listed.values(), (name, target)
            seen += 1
    assert seen >= 30


def test_an_import_has_the_one_form_that_is_rewritten(sources: dict[str, str]) -> None:
    plain = re.compile(
        r'import (?:\{ [\w, ]+ \} from )?"\.{1,2}/[\w./]+";|.* import\("\.{1,2}/[\w./]+"\)[;.].*'
    )
    for name, text in sources.items():
        code = re.sub(r"^\s*//.*$", "", text, flags=re.M)
        for line in re.findall(r"^.*\bimport\b.*$|^.*\bfrom +[\"'`].*$", code, re.M):
            assert plain.fullmatch(line), (name, line)


def test_a_page_fetches_beside_each_other_what_its_script_imports(
    sources: dict[str, str], content: Path
) -> None:
    html = Client().get("/read/on-doors/hinges/").content.decode()
    scripts = re.findall(r'<script type="module" src="/static/js/([^"]+)">', html)
    preloaded = re.findall(r'<link rel="modulepreload" href="/static/js/([^"]+)">', html)
    assert scripts == ["site.js", "personal.js"]
    assert sorted(preloaded) == sorted(closure("site.js", sources) - {"site.js"})
    assert len(scripts) + len(preloaded) <= AT_ONCE


def closure(name: str, sources: dict[str, str]) -> set[str]:
    """A module with all that it imports, and these in their turn."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting += imports_of(each, sources[each])
    return reached


def test_every_module_is_reached_from_a_page(sources: dict[str, str]) -> None:
    templates = Path(__file__).parents[2] / "templates"
    named = {
        name
        for template in templates.rglob("*.html")
        for name in re.findall(r"{% static 'js/([^']+)' %}", template.read_text())
    }
    named |= {each for name, text in sources.items() for each in imported_later(name, text)}
    reached = set().union(*(closure(name, sources) for name in named))
    assert reached == set(sources)
