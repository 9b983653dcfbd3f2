"""Several files become one that means the same, or are refused with their line."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from pytest_django import Settings

from devotional.lib.bundles import BundleFinder
from devotional.lib.bundles.css import bare_css
from devotional.lib.bundles.modules import read_module
from devotional.lib.bundles.source import Source
from devotional.lib.bundles.tokens import tokens

type Write = Callable[[str, str], None]
type Bundle = Callable[..., str]


@pytest.fixture
def static(tmp_path: Path, settings: Settings) -> Path:
    """An empty static folder, with the finders of the site looking into it."""
    folder = tmp_path / "static"
    folder.mkdir()
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder",
        "devotional.lib.bundles.BundleFinder",
    ]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATIC_BUNDLES = {}
    return folder


@pytest.fixture
def write(static: Path) -> Write:
    def write(name: str, text: str) -> None:
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text(text)

    return write


@pytest.fixture
def bundle(static: Path, settings: Settings) -> Bundle:
    """Join files as the bundle `name` and return its text."""

    def bundle(name: str, *names: str) -> str:
        settings.STATIC_BUNDLES = {name: list(names)}
        found = finders.find(name)
        assert found is not None
        return Path(found).read_text()

    return bundle


def source(text: str, name: str = "css/a.css") -> Source:
    return Source(name, text, (Path(name), 0, 0))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        act()
    return str(caught.value)


# CSS


@pytest.mark.parametrize(
    ("css", "bare"),
    [
        ('a::before { content: "/* not one */" }', 'a::before { content: "/* not one */" }'),
        ("a { content: 'it\\'s /*' ; top: 0 /**/ }", "a { content: 'it\\'s /*' ; top: 0  }"),
        ("a { background: url(/*x*/a.svg) }", "a { background: url(/*x*/a.svg) }"),
        ("a { background: url( 'a/*b*/.svg' ) }", "a { background: url( 'a/*b*/.svg' ) }"),
        ("a/* x */.b { top: 0 }", "a/**/.b { top: 0 }"),
        ("a /* x */ .b { top: 0 }", "a  .b { top: 0 }"),
        ("a,/* x */b { top: 0 }", "a,b { top: 0 }"),
        ("a { --x:/* none */; }", "a { --x:; }"),
        (".a\\/* { top: 0 }", ".a\\/* { top: 0 }"),
        (".a\\{ { top: 0 }", ".a\\{ { top: 0 }"),
        ("a { width: calc(1px * 2 / 3) }", "a { width: calc(1px * 2 / 3) }"),
    ],
)
def test_only_what_is_a_comment_goes(css: str, bare: str) -> None:
    assert bare_css(source(css), within="css/site.css") == bare + "\n"


@pytest.mark.parametrize(
    ("css", "complaint"),
    [
        ("a {\n top: 0;\n", "css/a.css, line 1: { is never closed"),
        ("a { }\n}\n", "css/a.css, line 2: } closes nothing"),
        ("a { top: calc(1px }\n", "css/a.css, line 1: } closes nothing"),
        ("a { }\n/* open", "css/a.css, line 2: a comment or string that is never closed"),
        ('a { content: "\n" }', "css/a.css, line 1: a comment or string that is never closed"),
        (
            '\n@import "b.css";',
            "css/a.css, line 2: @import works only at the top of a file, so cannot be joined",
        ),
    ],
)
def test_css_that_would_spoil_what_follows_is_refused(css: str, complaint: str) -> None:
    assert refusal(lambda: bare_css(source(css), within="css/site.css")) == complaint


@pytest.mark.parametrize("url", ["/a.svg", "#a", "data:,x", "https://example.org/a.svg"])
def test_a_url_that_holds_anywhere_may_move_to_another_folder(url: str) -> None:
    css = f"a {{ background: url({url}) }}\n"
    assert bare_css(source(css, "base/a.css"), within="css/site.css") == css


def test_a_relative_url_may_not_move_to_another_folder() -> None:
    css = source('a {}\nb { background: url("../a.svg") }', "base/a.css")
    assert refusal(lambda: bare_css(css, within="css/site.css")) == (
        "base/a.css, line 2: a relative url() would no longer be found from css/site.css"
    )


# JavaScript


def test_a_module_is_taken_once_however_often_it_is_named(write: Write, bundle: Bundle) -> None:
    write("js/a.js", 'import { c } from "./c.js";\nc();\n')
    write("js/b.js", 'import { c } from "./c.js";\nc();\n')
    write("js/c.js", "export function c() {}\n")
    joined = bundle("js/site.js", "js/a.js", "js/c.js", "js/b.js", "js/a.js")
    assert re.findall(r"^// (.*)$", joined, re.MULTILINE) == ["js/c.js", "js/a.js", "js/b.js"]


KEPT = r"""
const address = "http://example.org/"; // stays, it shares a line
const quoted = '/* not one */', other = "it's \" // fine";
const template = `
// within a template
/* and this */

  ${[1, 2].map((n) => `${n} // ${"}"} import { x } from "./x.js"`).join(`}`)}
`;
const regex = /['"`/*]/g, klass = /[/'"]+/u, third = 6 / 2 / 1;
const after = (third) / 2 + [1][0] / 3; let i = 1; i++ / 2; // '
const found = () => /"/.test("'"); if (typeof /'/ === "object") throw /`/;
const object = { import: 1, export: 2, var: 3 };
object.import; object.export; object?.var; { let importance = 1; }
const cut = 1 /* stays */ + 2;
export const done = "end"
""".strip()


def test_strings_templates_and_expressions_pass_unchanged(write: Write, bundle: Bundle) -> None:
    write("js/a.js", f"// dropped\n   // dropped\n/* dropped\n*/\n{KEPT}\n")
    assert bundle("js/site.js", "js/a.js") == (
        f"// js/a.js\nlet $m0; try {{\n{KEPT.replace('export const', 'const')}\n"
        "$m0 = { done };\n} catch (error) { reportError(error); }\n"
    )


def test_tokens_are_the_whole_source() -> None:
    assert "".join(token.text for token in tokens(source(KEPT, "js/a.js"))) == KEPT


IMPORT = 'only import { name } from "./file.js" can be joined'
EXPORT = "only export function, async function, const name = and class can be joined"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('import "./b.js";', IMPORT),
        ('import b from "./b.js";', IMPORT),
        ('import * as b from "./b.js";', IMPORT),
        ('import { a, * } from "./b.js";', IMPORT),
        ('import { a } from "./b.json" with { type: "json" };', IMPORT),
        ("import { a", "{ is never closed"),
        ('import { a } from "htmx";', f'"htmx" is not a relative path; {IMPORT}'),
        ('if (a) { import("./b.js"); }', IMPORT),
        ("console.log(import.meta.url);", IMPORT),
        ("export default function a() {}", EXPORT),
        ("export { a };", EXPORT),
        ('export * from "./b.js";', EXPORT),
        ("export let a = 1;", EXPORT),
        ("export const { a } = b;", EXPORT),
        ("export class {}", EXPORT),
        ("export const a = f(1, 2), b = 2;", None),
        ("export const a = 1,\n  b = 2;", None),
        ("if (a) { var b = 1; }", "var would leak out of its module; use const or let"),
        ("const a = `open", "a template is never closed"),
        ("const a = `${ open", "a template is never closed"),
        ("const a = 'open", "a comment or string that is never closed"),
        ("/* open", "a comment or string that is never closed"),
        ("f(]", "] closes nothing"),
        ("}", "} closes nothing"),
    ],
)
def test_what_cannot_be_joined_is_refused_with_its_line(line: str, complaint: str | None) -> None:
    expected = complaint or "export one name with each const, and end it with a semicolon"
    text = f"// one\n\n{line}\n"
    assert refusal(lambda: read_module(source(text, "js/a.js"))) == (f"js/a.js, line 3: {expected}")


def test_an_export_without_a_semicolon_ends_with_its_line() -> None:
    text = "export const a = (b, c) => [b, c]\nlet d, e\nexport function* f() {}"
    assert read_module(source(text, "js/a.js")).exports == ["a", "f"]


def test_imports_are_connected_or_refused(write: Write, bundle: Bundle) -> None:
    write("js/a.js", '\nimport { b } from "./b.js";\n')
    assert refusal(lambda: bundle("js/s.js", "js/a.js")) == (
        "js/a.js, line 2: there is no static file js/b.js"
    )
    write("js/b.js", "export const c = 1;\n")
    assert refusal(lambda: bundle("js/s.js", "js/a.js")) == (
        "js/a.js, line 2: js/b.js does not export b"
    )
    write("js/b.js", 'import { a } from "../js/a.js";\nexport const b = 1;\n')
    assert refusal(lambda: bundle("js/s.js", "js/a.js")) == (
        "js/b.js, line 1: imports go in a circle: js/a.js > js/b.js > js/a.js"
    )
    write("js/a.js", 'import { b } from "../../../b.js";\n')
    assert refusal(lambda: bundle("js/s.js", "js/a.js")) == (
        "js/a.js, line 1: there is no static file ../../b.js"
    )


# Finding


def test_only_bundles_are_found(write: Write, bundle: Bundle) -> None:
    write("css/a.css", "a { top: 0 }")
    bundle("css/site.css", "css/a.css")
    finder = BundleFinder()
    assert finder.find("css/a.css") == []
    assert finder.find("css/none.css", find_all=True) == []
    assert [Path(found).name for found in finder.find("css/site.css", find_all=True)] == [
        "site.css"
    ]


def test_a_missing_source_and_an_unknown_kind_are_named(write: Write, bundle: Bundle) -> None:
    assert refusal(lambda: bundle("css/site.css", "css/a.css")) == (
        "css/site.css: there is no static file css/a.css"
    )
    write("notes.txt", "")
    assert refusal(lambda: bundle("all.txt", "notes.txt")) == (
        "all.txt: only .css and .js files can be joined"
    )


def test_a_change_of_any_source_is_seen(
    static: Path, write: Write, bundle: Bundle, settings: Settings
) -> None:
    write("js/a.js", 'import { b } from "./b.js";\nb();\n')
    write("js/b.js", "export function b() {}\n")
    first = bundle("js/site.js", "js/a.js")
    place = finders.find("js/site.js")
    assert place is not None
    made = Path(place).stat().st_ino
    assert bundle("js/site.js", "js/a.js") == first
    assert Path(place).stat().st_ino == made  # not joined again
    write("js/b.js", "export function b() { go(); }\n")
    assert bundle("js/site.js", "js/a.js") == first.replace("b() {}", "b() { go(); }")
    write("js/c.js", "more();\n")
    assert bundle("js/site.js", "js/a.js", "js/c.js").count("more();") == 1
    (static / "js/b.js").unlink()
    assert refusal(lambda: bundle("js/site.js", "js/a.js")) == (
        "js/a.js, line 1: there is no static file js/b.js"
    )


def test_a_check_tells_every_mistake(write: Write, settings: Settings) -> None:
    write("css/a.css", "a {")
    write("js/a.js", "go();")
    write("js/both.js", "go();")
    settings.STATIC_BUNDLES = {
        "css/site.css": ["css/a.css"],
        "js/site.js": ["js/a.js"],
        "js/both.js": ["js/a.js"],
    }
    assert [(error.id, error.msg) for error in BundleFinder().check()] == [
        ("bundles.E001", "css/a.css, line 1: { is never closed"),
        ("bundles.E001", "js/both.js: a bundle and a file have the same name"),
    ]


def collect(settings: Settings) -> dict[str, str]:
    """Collect as in production; what was collected, by name without its hash."""
    settings.STORAGES = {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    root = Path(settings.STATIC_ROOT)
    return {
        re.sub(r"\.[0-9a-f]{12}\.", ".HASH.", str(path.relative_to(root))): path.read_text()
        for path in root.rglob("*")
        if path.suffix in (".css", ".js", ".svg") and re.search(r"\.[0-9a-f]{12}\.", path.name)
    }


def test_bundles_are_collected_with_hashed_names_and_urls(write: Write, settings: Settings) -> None:
    write("icons/a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    write("css/a.css", '/* url("../icons/none.svg") */\na { background: url("../icons/a.svg") }')
    write("js/a.js", 'import { b } from "./b.js";\nb();')
    write("js/b.js", "export function b() {}")
    settings.STATIC_BUNDLES = {"css/site.css": ["css/a.css"], "js/site.js": ["js/a.js"]}
    collected = collect(settings)
    assert sorted(collected) == [
        "css/a.HASH.css",
        "css/site.HASH.css",
        "icons/a.HASH.svg",
        "js/a.HASH.js",
        "js/b.HASH.js",
        "js/site.HASH.js",
    ]
    assert re.sub(r"[0-9a-f]{12}", "HASH", collected["css/site.HASH.css"]) == (
        'a { background: url("../icons/a.HASH.svg") }\n'
    )
    assert collected["js/site.HASH.js"].count("import") == 0


def test_what_is_collected_again_is_fresh(write: Write, settings: Settings) -> None:
    """Also where the sources look old, as files from a package or an image do."""
    write("css/a.css", "a { top: 0 }")
    write("css/b.css", "b { top: 0 }")
    for name in ("css/a.css", "css/b.css"):
        os.utime(Path(settings.STATICFILES_DIRS[0]) / name, (0, 0))
    settings.STATIC_BUNDLES = {"css/site.css": ["css/a.css"]}
    collect(settings)
    for path in Path(settings.STATIC_ROOT).rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    settings.STATIC_BUNDLES = {"css/site.css": ["css/b.css"]}
    collect(settings)
    collected = Path(settings.STATIC_ROOT) / "css/site.css"
    assert collected.read_text() == "b { top: 0 }\n"


def test_ignored_bundles_are_not_collected(write: Write, settings: Settings) -> None:
    write("css/a.css", "a { top: 0 }")
    settings.STATIC_BUNDLES = {"css/site.css": ["css/a.css"]}
    assert [name for name, _ in BundleFinder().list(["*.css"])] == []
    assert [name for name, _ in BundleFinder().list(None)] == ["css/site.css"]


def test_the_site_s_own_bundles_can_be_joined() -> None:
    assert BundleFinder().check() == []
