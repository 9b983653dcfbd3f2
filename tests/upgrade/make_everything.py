"""Makes a backup of a site with something in every table, with the code of the state at hand.

    python -m tests.upgrade.make_everything tests/upgrade/from_0007

Run once for a version that is published, and named by its newest migration; what later ones make of
it is what `test_upgrade.py` looks at. People write by the forms; what has many pages is done by the
verbs below them. What each sealed row must say goes into `words.json`.
"""

import gzip
import json
import os
import shutil
import sys
from datetime import date, time
from pathlib import Path
from typing import Any

TEXTS = (
    "Plain words.",
    "A family 👩‍👩‍👧‍👦, a thumb 👍🏽, a flag 🏴󠁧󠁢󠁷󠁬󠁳󠁿, and 𝔡𝔬𝔬𝔯𝔰.",
    "שלום \u202eמימין\u202c ואז לא, ومن اليمين \u2067أيضًا\u2069.",
    "One line\r\nand the next\r\n\r\nand \rone more  \n",
    "  \t spaces before, and after \u00a0 ",
    "e\u0301 is not é, and \ufeff is a mark.",
    "A NUL \0 in between.",
    "A long one, and no part of it like another: " + " ".join(map(str, range(1200))),
)

PASSKEY = {"credential": {"id": "b64", "rawId": "b64", "response": {"transports": ["hybrid"]}}}


def main(out: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    from tests.conftest import DOORS

    setup_test_environment()
    settings.CONTENT_DIR = Path(settings.DATA) / "texts"
    settings.CONTENT_DIR.mkdir()
    (settings.CONTENT_DIR / "on-doors.md").write_text(DOORS)
    call_command("migrate", interactive=False, verbosity=0)
    from devotional.reflections.keys import prove_key_ring

    prove_key_ring()
    tokens = fill()
    require_something_everywhere()
    from tests.upgrade.everything import found

    backup = Path(settings.DATA) / "made.backup"
    call_command("backup", str(backup))
    (out / "site.backup.gz").write_bytes(gzip.compress(backup.read_bytes(), mtime=0))
    shutil.copyfile(settings.KEY_RING, out / "keyring")
    held = found()
    rows = {table: len(rows) for table, rows in held["tables"].items()}
    says = {"tokens": tokens, "rows": rows, "sealed": held["sealed"]}
    (out / "words.json").write_text(json.dumps(says, indent=1, ensure_ascii=True) + "\n")


def fill() -> list[str]:
    """Put something into every table; the cookie of each browser that stays known."""
    from devotional.readers.merging import merge
    from devotional.readers.return_codes import make_code
    from tests.groups.factories import reader_in

    writers = [write(text) for text in TEXTS]
    lead, mate, guest = writers[:3]
    merge(reader_in(guest), into=reader_in(lead))
    make_code(reader_in(lead))
    sign_up(reader_in(lead), reader_in(mate))
    second_reading(lead)
    meet(lead, mate)
    delete_one(writers[3])
    return [writer.cookies["reader"].value for writer in writers if writer is not guest]


def done(response: Any) -> None:
    assert response.status_code == 200, response.content.decode()


def write(text: str) -> Any:
    """Someone who writes, changes it, and sends an old form once."""
    from harness.actors import Browser

    browser = Browser()
    done(browser.write("opening", before=text, closed=text))
    done(browser.write("opening", before="All of it anew, so that what stood is kept."))
    done(browser.write("hinges", turn=text))
    late = browser.write("opening", change={"version-before": "1"}, before=f"Late. {text}")
    assert late.status_code == 409, late
    return browser


def sign_up(one: Any, other: Any) -> None:
    from allauth.mfa.models import Authenticator

    from devotional.readers.accounts import account_of, add_email, add_password

    account = account_of(one)
    add_email(account, "anna@example.org")
    Authenticator.objects.create(user=account, type="webauthn", data={"name": "Phone", **PASSKEY})
    add_password(account_of(other), name="bert", password="a door on its hinges")


def second_reading(browser: Any) -> None:
    from devotional.reflections.answers import Place
    from devotional.reflections.on_paper import mark_on_paper
    from devotional.reflections.readings import begin_again
    from tests.groups.factories import reader_in

    begin_again(reader_in(browser), "on-doors")
    done(browser.write("opening", before="A year later."))
    mark_on_paper(reader_in(browser), Place("on-doors", "hinges", "", reading=2), on=True)


def meet(lead: Any, mate: Any) -> None:
    """A group with all that one may have, and words before it."""
    from devotional.content.loader import current_library
    from devotional.groups.feeds import renew_feed
    from devotional.groups.group_page import say_read
    from devotional.groups.invitations import invitation_of
    from devotional.groups.joining import join
    from devotional.groups.members import make_group
    from devotional.journal.hinges import mark, marking_of
    from devotional.reflections.models import Reflection
    from devotional.reflections.passages import Passage
    from devotional.sharing.actions import share
    from tests.groups.factories import reader_in

    devotional = current_library().devotional("on-doors")
    assert devotional is not None
    leads = make_group(
        reader_in(lead),
        name="Thursdays 🕯",
        devotional=devotional,
        first_name="Lea",
        rhythm=7,
        first_on=date(2026, 1, 8),
        meets_at=time(19, 30),
        skipped=["2026-01-15"],
    )
    invitation = invitation_of(leads)
    assert invitation is not None
    member = join(reader_in(mate), invitation, name="Mo")
    renew_feed(member)
    say_read(member, "opening", is_read=True)
    for reflection in Reflection.objects.by(reader_in(mate)).filter(section="hinges"):
        words = reflection.text
        share(reader_in(mate), membership=member, reflection=reflection, words=words)
        passage = Passage.lifted(words, 2, 9)
        assert passage is not None
        assert mark(reader_in(mate), marking_of(reader_in(mate), reflection), passage)


def delete_one(browser: Any) -> None:
    from devotional.journal.deleting import delete_reflection
    from devotional.reflections.models import Reflection
    from tests.groups.factories import reader_in

    reader = reader_in(browser)
    reflection = Reflection.objects.by(reader).get(prompt="before")
    assert delete_reflection(reader, reflection.pk)


def require_something_everywhere() -> None:
    """Every table of ours, and of the ways in, has a row."""
    from django.apps import apps

    from devotional.lib.backups.copying import tables_left_out

    for model in apps.get_models():
        table = model._meta.db_table
        ours = table.startswith("devotional_") or table in ("mfa_authenticator",)
        if ours and table not in tables_left_out() | {"devotional_attempts"}:
            assert model._base_manager.exists(), table


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
