"""Worker, offline page and manifest: the same for everyone, and a new worker for every change."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from devotional.content.loader import forget_library
from harness.actors import Browser

ADDRESSES = {
    "/service-worker.js": "text/javascript; charset=utf-8",
    "/offline/": "text/html; charset=utf-8",
    "/manifest.webmanifest": "application/manifest+json",
}


def known() -> dict[str, Any]:
    """What the worker is told of the site."""
    source = Client().get("/service-worker.js").content.decode()
    (told,) = re.findall(r"^const known = (\{.*?\n\});$", source, re.M | re.S)
    read: dict[str, Any] = json.loads(told)
    return read


def version() -> str:
    forget_library()
    return str(known()["version"])


@pytest.mark.parametrize("path", ADDRESSES)
def test_all_three_are_public(
    path: str, reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        reply = reader.get(path)
    assert reply.status_code == 200
    assert reply["Content-Type"] == ADDRESSES[path]
    assert not reply.cookies
    assert reply["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert reply["Vary"] == "Accept-Encoding"
    assert reply.content == Client().get(path).content
    assert b"canary" not in reply.content
    again = reader.get(path, headers={"if-none-match": reply["ETag"]})
    assert again.status_code == 304


def test_the_worker_is_told_of_public_things_only(content: Path) -> None:
    """It knows no address of a reader's own, and each one it knows answers as public."""
    told = known()
    source = Client().get("/service-worker.js").content.decode()
    assert "/reflect/" not in source
    assert "csrf" not in source
    assert (told["home"], told["offline"]) == ("/", "/offline/")
    assert told["pages"] == ["/read/", "/end/", "/print/", "/handout/", "/guide/", "/meeting/"]
    assert told["assets"] == sorted(told["assets"])
    for asset in told["assets"]:
        name = asset.removeprefix(told["static"])
        assert asset == told["static"] + name
        assert finders.find(name), asset


def test_the_worker_takes_along_what_every_page_needs(content: Path) -> None:
    assert {name.removeprefix("/static/") for name in known()["assets"]} == {
        "css/base.css",
        "css/fonts.css",
        "css/pages.css",
        "css/writing.css",
        "django_htmx/htmx-2.min.js",
        "fonts/literata-latin.woff2",
        "icons/apple-touch-icon.png",
        "icons/favicon.svg",
        "js/reading/kept_pages.js",
        "js/reading/place.js",
        "js/reading/together.js",
        "js/session/reader.js",
        "js/site.js",
        "js/ui/appearance.js",
        "js/session/storage.js",
    }


def test_the_worker_takes_along_every_module(
    content: Path, settings: Settings, tmp_path: Path
) -> None:
    """Also those that only other modules name: a kept page would lie there without its boxes."""
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["css", "ico", "js", "json", "svg", "txt"]
    settings.STORAGES = {"staticfiles": {"BACKEND": "devotional.lib.static.StaticStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    settings.STORAGES = dict(settings.STORAGES)  # reads the list that was just written
    sources = Path(settings.STATICFILES_DIRS[0]) / "js"
    told = [re.sub(r"\.[0-9a-f]{12}\.js$", ".js", name) for name in known()["assets"]]
    assert {name.removeprefix("/static/js/") for name in told if "/static/js/" in name} == {
        str(path.relative_to(sources)) for path in sources.rglob("*.js")
    }


def test_a_new_worker_for_every_changed_text(content: Path) -> None:
    before = version()
    assert version() == before
    file = content / "on-doors.md"
    file.write_text(file.read_text().replace("changed its mind", "learned to move"))
    assert version() != before


def test_a_new_worker_for_every_changed_static_file(
    content: Path, settings: Settings, tmp_path: Path
) -> None:
    """Also one that no page names: a picture or a typeface that a stylesheet asks for."""
    static = tmp_path / "static"
    (static / "icons").mkdir(parents=True)
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, static]
    settings.STATIC_ROOT = tmp_path / "collected"
    # What a worker is told are names, and compressing takes nearly all of the time.
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["css", "ico", "js", "json", "svg", "txt"]
    settings.STORAGES = {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }

    def collected(words: str) -> str:
        (static / "icons" / "extra.svg").write_text(words)
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        # Makes the storage anew, which reads the manifest as a new process would.
        settings.STORAGES = dict(settings.STORAGES)
        return version()

    first, again, changed = collected("<svg/>"), collected("<svg/>"), collected("<svg></svg>")
    assert first == again
    assert changed != first
    assert all(re.search(r"\.[0-9a-f]{12}\.\w+$", name) for name in known()["assets"])


def test_a_new_worker_for_a_changed_offline_page(content: Path, settings: Settings) -> None:
    before = version()
    settings.SITE_NAME = "Quiet Hours"
    assert version() != before


def test_the_manifest_is_complete_and_of_this_site(content: Path, settings: Settings) -> None:
    settings.SITE_NAME = "Quiet Hours"
    told = json.loads(Client().get("/manifest.webmanifest").content)
    icons = told.pop("icons")
    assert told == {
        "id": "/",
        "name": "Quiet Hours",
        "short_name": "Quiet Hours",
        "lang": "en",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fdfaf4",
        "theme_color": "#fdfaf4",
    }
    assert [(icon["src"], icon["sizes"], icon["purpose"]) for icon in icons] == [
        ("/static/icons/icon-192.png", "192x192", "any"),
        ("/static/icons/icon-512.png", "512x512", "any"),
        ("/static/icons/maskable-512.png", "512x512", "maskable"),
    ]
    for icon in icons:
        place = finders.find(icon["src"].removeprefix("/static/"))
        assert place
        header = Path(place).read_bytes()[:24]
        width, height = int.from_bytes(header[16:20]), int.from_bytes(header[20:24])
        assert (header[1:4], f"{width}x{height}") == (b"PNG", icon["sizes"])


def test_every_page_names_the_manifest_and_hides_the_line_of_a_kept_copy(reader: Browser) -> None:
    """The worker shows the line by taking ` hidden` away: it must find both as it expects them."""
    for path in ("/", "/read/on-doors/hinges/", "/reflect/on-doors/opening/", "/offline/"):
        html = reader.get(path).content.decode()
        assert html.count('<link rel="manifest" href="/manifest.webmanifest">') == 1
        assert html.count("<html") == 1
        assert len(re.findall(r'<aside class="kept-copy"[^>]* hidden>', html)) == 1
        reasons = re.findall(r'<span data-why="(\w+)" hidden>', html)
        assert reasons == ["offline", "unreachable", "slow", "failing"]


def test_the_offline_page_holds_no_reader_and_nothing_inline(content: Path) -> None:
    html = Client().get("/offline/").content.decode()
    assert html.count('<h1 data-offline="You’re offline">This page can’t be reached</h1>') == 1
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", html) == []
    assert re.findall(r"csrf|user\.|messages|/reflect/", html) == []
