"""The privacy page and the truth beside the box, made from the configuration (K12, W14)."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from devotional.readers.privacy import facts, in_words
from devotional.readers.pruning import EMPTY_FOR, KEPT_FOR
from harness.actors import Browser
from tests.reflections.helpers import plain

PAGE = "/privacy/"
BESIDE = ("/read/on-doors/opening/", "/reflect/on-doors/opening/", PAGE)


def said(path: str = PAGE) -> str:
    return plain(Client().get(path).content.decode())


def test_it_is_the_same_for_everyone(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        reply = reader.get(PAGE)
    assert reply.status_code == 200
    assert reply["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert reply["Vary"] == "Accept-Encoding"
    assert not reply.cookies
    assert reply.content == Client().get(PAGE).content
    assert Client().get(PAGE, headers={"if-none-match": reply["ETag"]}).status_code == 304


def test_every_page_leads_to_it(reader: Browser) -> None:
    for path in ("/", "/read/on-doors/opening/", "/reflect/on-doors/opening/", "/nowhere/", PAGE):
        foot = re.findall(r"<footer.*?</footer>", reader.get(path).content.decode(), re.DOTALL)
        assert re.findall(r'href="(.*?)"', foot[0]) == [PAGE], path


def test_who_runs_the_site(content: Path, settings: Settings) -> None:
    settings.SITE_OPERATOR, settings.SITE_CONTACT = "Sam <b>", "sam@example.org"
    html = Client().get(PAGE).content.decode()
    assert "Sam &lt;b&gt; (sam@example.org), who decides what is stored here" in html
    assert "No contact address is given here" not in html


def test_a_host_without_a_contact(content: Path, settings: Settings) -> None:
    settings.SITE_OPERATOR = "Sam"
    assert "No contact address is given here" in said()


def test_a_host_who_has_not_said_who_they_are(content: Path) -> None:
    assert "hasn’t given a name here" in said()
    assert "the person who runs this site decides" not in said()


def test_the_retention_that_is_said_is_the_one_that_is_carried_out(content: Path) -> None:
    assert (in_words(KEPT_FOR), in_words(EMPTY_FOR)) == ("12 months", "7 days")
    text = said()
    assert "your group memberships are erased 12 months after your last visit" in text
    assert "If you never wrote anything, it’s 7 days." in text
    assert "Kept for 30 days, the newest until there is a newer one" in text


def test_every_cookie_that_is_set_is_named_with_its_life(
    guest: Browser, settings: Settings
) -> None:
    """What a save really sets, against what the page says."""
    cookies = guest.write("opening", before="Hello.").cookies
    cookies.load(guest.get("/erase/reader/").cookies.output(header=""))
    named = {cookie.name: cookie.life for cookie in facts().cookies}
    assert set(guest.cookies) <= set(named)
    assert named == {"reader": "400 days", "session": "1 hour"}
    assert guest.cookies["reader"]["max-age"] == 400 * 24 * 60 * 60
    assert settings.SESSION_COOKIE_AGE == 3600
    shown = re.findall(r"<dt>(\w+)</dt><dd>.*?<span class=\"life\">(.*?)\.<", page_html())
    assert dict(shown) == named


def page_html() -> str:
    return str(Client().get(PAGE).content.decode())


@pytest.mark.parametrize("offered", [True, False])
def test_mail_is_spoken_of_where_it_is_sent(
    offered: bool, content: Path, settings: Settings
) -> None:
    settings.MAIL_OFFERED = offered
    text = said()
    assert ("This site sends no email." in text) is not offered
    assert ("this site’s mail server" in text) is offered
    assert ("Anyone who can read your email" in text) is offered


def test_without_https_it_says_so(content: Path, settings: Settings) -> None:
    settings.SECURE_COOKIES = False
    assert "(no https)" in said()


def test_with_https_it_says_nothing(content: Path, settings: Settings) -> None:
    settings.SECURE_COOKIES = True
    assert "https" not in said()


@pytest.mark.parametrize("path", BESIDE)
@pytest.mark.parametrize("beside", [True, False])
def test_where_the_key_lies(
    path: str, beside: bool, content: Path, settings: Settings, tmp_path: Path, db: Any
) -> None:
    settings.DATA = tmp_path / "data"
    settings.KEY_RING = (settings.DATA if beside else tmp_path / "keys") / "keyring"
    text = said(path)
    assert ("It’s kept in the same folder as the database." in text) is beside
    assert ("It’s kept apart from the database" in text) is not beside


def test_a_link_out_of_the_data_folder_is_seen_through(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "keys")
    settings.DATA, settings.KEY_RING = tmp_path / "keys", tmp_path / "data" / "keyring"
    assert facts().keys_beside


@pytest.mark.parametrize("path", BESIDE)
@pytest.mark.parametrize("debug", [True, False])
def test_a_site_in_development_says_so(
    path: str, debug: bool, content: Path, settings: Settings, db: Any
) -> None:
    settings.DEBUG = debug
    assert ("development mode" in said(path)) is debug


@pytest.mark.parametrize("path", BESIDE)
def test_who_can_read_it(path: str, content: Path, settings: Settings, db: Any) -> None:
    settings.SITE_OPERATOR = "Sam"
    html = Client().get(path).content.decode()
    answers = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))
    assert answers["Your group and its leader"] == "No. Only the lines you choose to share."
    assert answers["The person who runs this site, on the site itself"].startswith("No.")
    disk = answers["The person who runs this site, behind the scenes"]
    assert disk.startswith("Technically yes, and we can’t prevent it.")
    assert "Sam also holds the key." in disk
    assert answers["Anyone who uses this browser"].startswith("Yes")
    assert answers["Anyone who has your return code or password"].startswith("Yes")


@pytest.mark.parametrize("path", BESIDE)
@pytest.mark.parametrize("https", [True, False])
def test_an_open_connection_is_named_beside_the_box(
    path: str, https: bool, content: Path, settings: Settings, db: Any
) -> None:
    settings.SECURE_COOKIES = https
    assert ("Others on the same network" in said(path)) is not https
