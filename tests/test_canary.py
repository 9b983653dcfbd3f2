"""A reader's words are in their own replies, sealed in the database, and nowhere else (B5).

The same is asked of a running server, its files, journals and output, by `make bench-reliability`.
"""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from devotional.readers.models import Account, Merge
from devotional.reflections.models import Reflection
from harness.actors import Browser
from harness.canary import canary, finds_itself, hits
from harness.databases import kept_rows
from harness.html_forms import Fields
from harness.mailbox import Mailbox
from tests.groups.factories import found
from tests.readers.conftest import mailbox as mailbox
from tests.sharing.actions import bring, preview, stand


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says, at DEBUG, as the site's own handler writes it."""
    [handler] = [
        each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler
    ]
    written = io.StringIO()
    before = handler.setStream(written)
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    yield written
    logging.getLogger().setLevel(level)
    handler.setStream(before)


def stored() -> bytes:
    """Every row of every table, sessions and caches too: as text, and each blob as hex."""
    return kept_rows(connection)


@pytest.mark.django_db(transaction=True)
def test_words_are_nowhere_but_with_their_owner(
    new_browser: Callable[[], Browser], mailbox: Mailbox, log: io.StringIO
) -> None:
    words = {
        name: canary(name, "suite")
        for name in (
            *("standing", "earlier", "deleted", "guest", "shared", "unlike"),
            *("sought", "code", "login", "secret"),
        )
    }
    owner, elsewhere, visitor = new_browser(), new_browser(), new_browser()
    owner.write("opening", before=words["earlier"])
    owner.write("opening", before=f"Something else, {words['standing']}")
    owner.write("hinges", turn=words["deleted"])
    standing, deleted = Reflection.objects.order_by("begun_at")

    def send(browser: Browser, path: str, **fields: str) -> int:
        return int(browser.post(path, fields).status_code)

    for word, status in ((words["standing"], 200), (words["sought"], 200), ("x" * 201, 422)):
        assert send(owner, "/journal/search/", words=word, earlier="on") == status
    mark = f"/hinges/mark/{standing.pk}/"
    shown = Fields(owner.get(mark).content.decode()).values
    quote = {"quote": words["standing"], "at": "16", "seen": shown["seen"]}
    assert send(owner, mark, **quote) == 302
    assert send(owner, f"/journal/delete/{deleted.pk}/") == 302

    # Coming back with other words, which become the owner's.
    code = owner.post("/account/return-code/", {"replaces": ""})
    typed = code.context["code"]
    elsewhere.write("opening", before=words["guest"])
    assert send(elsewhere, "/account/return/", code=words["code"]) == 422
    assert send(elsewhere, "/account/return/", code=typed) == 303
    question = Fields(elsewhere.get("/account/arrive/").content.decode()).values
    elsewhere.post("/account/arrive/", question | {"whose": "mine"})
    assert Merge.objects.count() == 1

    # Ways in, right ones and wrong ones.
    assert send(owner, "/account/email/", email="sam@example.org") == 302
    assert send(owner, "/account/password/", name="sam", password=words["secret"]) == 302
    assert Account.objects.count() == 1
    page = Fields(visitor.get("/account/sign-in/").content.decode()).values
    for login in (words["login"], "sam"):
        wrong = visitor.post(
            "/account/sign-in/", page | {"login": login, "password": words["code"]}
        )
        assert wrong.status_code == 422

    # Words brought to a group: those, to its members, and no other.
    owner.write("opening", closed=f"{words['unlike']} {words['shared']}")
    closed = Reflection.objects.get(prompt="closed")
    group = found(visitor, sam=owner)
    assert preview(owner, closed, words["shared"]).status_code == 200
    assert bring(owner, closed, words["shared"]).status_code == 303
    assert stand(group) == [words["shared"]]
    sent = {"group": str(group.pk), "words": words["sought"], "whole": "yes"}
    for path in (f"/share/{closed.pk}/", f"/share/{closed.pk}/bring/"):
        assert send(owner, path, **sent) == 409

    # A failure in the middle of it.
    visitor.raise_request_exception = owner.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE devotional_revision RENAME TO away")
    try:
        broken = {"words": words["sought"], "earlier": "on"}
        assert send(owner, "/journal/search/", **broken) == 500
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO devotional_revision")

    assert all(map(finds_itself, words.values()))
    everything = words.values()
    assert list(hits(stored(), everything)) == []
    assert list(hits(log.getvalue().encode(), everything)) == []
    assert "500 POST /journal/search/" in log.getvalue()
    mails = b"".join(mail.as_bytes() for mail in mailbox.mails)
    assert mails
    assert list(hits(mails, everything)) == []
    assert typed.replace(" ", "").encode() not in stored() + log.getvalue().encode()
