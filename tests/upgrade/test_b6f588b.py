"""A site of commit b6f588b goes on: on each database, every text equal and every way in open.

What `from_b6f588b/` holds and how it was made is said in `make_b6f588b.py`. The site is only ever
met as browsers meet it, so that nothing here has to change with the code that answers.
"""

import gzip
import html
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.databases import SERVER, Database, session_at
from harness.first_start import add_static_files
from harness.full_reader import Person, done, ids_in
from harness.server import Server, free_port, running
from tests.journal.export_reader import Taken
from tests.upgrade.b6f588b import KEPT, be_in_use

OF_THIS = KEPT / ("postgresql" if SERVER else "sqlite")
WORDS: dict[str, Any] = json.loads((OF_THIS / "words.json").read_text())
TEXTS: list[dict[str, Any]] = [reader["texts"] for reader in WORDS["readers"]]
NUMBERS = range(len(TEXTS))
LEAD, MATE, WHO_DELETED, WHO_WAITS, ANYONE, WITH_OPEN_PAGE, WITHOUT_ANSWER = NUMBERS
OPENING = "/reflect/on-doors/opening/"
GROUP = f"/groups/{WORDS['group']}/"


def unpack(data: Path) -> None:
    add_static_files(data)
    for name in ("keyring", "secret_key", "erasures"):
        shutil.copy(OF_THIS / name, data / name)
        (data / name).chmod(0o600)
    database = Database(data)
    if SERVER:
        database.begin_empty()
        with session_at(database.address) as session:
            session.execute(gzip.decompress((OF_THIS / "dump.sql.gz").read_bytes()))
    else:
        whole = gzip.decompress((OF_THIS / "devotional.sqlite3.gz").read_bytes())
        database.file.write_bytes(whole)
    be_in_use(data)


@dataclass
class Upgraded:
    """A running site, and what each reader's export had in it before anything was changed."""

    server: Server
    exports: list[dict[str, Any]]

    @contextmanager
    def stranger(self) -> Iterator[Person]:
        person = Person(self.server.port)
        yield person
        person.close()

    @contextmanager
    def reader(self, number: int) -> Iterator[Person]:
        """A browser of then, with its cookies."""
        with self.stranger() as person:
            person.cookies |= WORDS["readers"][number]["cookies"]
            yield person


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """One site for all of these: each changes what no other looks at."""
    data = tmp_path_factory.mktemp("b6f588b") / "data"
    unpack(data)
    with running(data, free_port(), CONTENT=str(KEPT / "content")) as server:
        upgraded = Upgraded(server, [])
        for number in NUMBERS:
            with upgraded.reader(number) as person:
                upgraded.exports.append(exported(person))
        yield upgraded


def exported(person: Person) -> dict[str, Any]:
    """Each text in the export, by the id of its row; what is kept as JSON, as it is."""
    return dict(texts_in(Taken(person.get("/export/everything.zip").body).json))


def texts_in(found: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(found, list):
        for part in found:
            yield from texts_in(part)
    elif isinstance(found, dict):
        if "opened" in found:
            yield found["id"], found.get("text", found.get("kept"))
        for part in found.values():
            yield from texts_in(part)


def shown_at(person: Person, path: str) -> set[str]:
    """Everything that stands between the tags of a page."""
    page = person.get(path)
    assert page.status == 200, (path, page.status)
    return {html.unescape(piece) for piece in re.findall(r"[^<>]+", page.html)}


def newest(person: Person, prompt: str) -> tuple[str, str]:
    """The version and the words of a box."""
    fields = person.get(f"{OPENING}panel/").fields
    return fields[f"version-{prompt}"], fields[f"text-{prompt}"]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_text_is_in_its_readers_export(site: Upgraded, number: int) -> None:
    assert site.exports[number] == TEXTS[number]


@pytest.mark.parametrize("number", [LEAD, MATE, ANYONE])
def test_every_wording_is_on_its_page(site: Upgraded, number: int) -> None:
    words = {text for text in TEXTS[number].values() if isinstance(text, str)}
    with site.reader(number) as person:
        histories = ids_in(person, "/journal/", "/history/")
        shown = [shown_at(person, f"/history/{each}/") for each in histories]
    assert words - set().union(*shown) == set()


def test_a_hinge_is_where_it_was_marked(site: Upgraded) -> None:
    [mark] = [text for text in TEXTS[MATE].values() if isinstance(text, dict)]
    with site.reader(MATE) as mate:
        assert {mark["quote"]} - shown_at(mate, "/hinges/") == set()


def test_a_page_left_open_saves_by_its_old_form(site: Upgraded) -> None:
    """Once its reader has agreed to the sentence of now, which the answer brings into the page."""
    form = WORDS["open page"] | {"text-before": "Typed after the upgrade."}
    with site.reader(WITH_OPEN_PAGE) as person:
        asked = done(person.post(OPENING, form), 422)
        done(person.post(OPENING, form | {"consent": asked.fields["consent"]}), 200)
        version = int(WORDS["open page"]["version-before"]) + 1
        assert newest(person, "before") == (str(version), "Typed after the upgrade.")


def test_a_save_whose_answer_was_lost_is_answered_and_not_repeated(site: Upgraded) -> None:
    save = WORDS["save without an answer"]
    with site.reader(WITHOUT_ANSWER) as person:
        assert newest(person, "closed")[1] == save["text-closed"]
        form = person.get(f"{OPENING}panel/").fields
        done(person.post(OPENING, form | {"text-closed": "Typed since."}), 200)
        since = newest(person, "closed")
        done(person.post(OPENING, save), 200)  # not 409, as for words that meet newer ones
        assert (newest(person, "closed"), since[1]) == (since, "Typed since.")


def test_texts_that_meet_are_both_kept_and_chosen_between(site: Upgraded) -> None:
    with site.reader(ANYONE) as person:
        form = person.get(f"{OPENING}panel/").fields
        late = form | {"version-before": "1", "text-before": "From an old page."}
        met = done(person.post(OPENING, late), 409)
        both = late | met.fields | {"keep": "both:before"}
        done(person.post(OPENING, both), 200)
        _version, words = newest(person, "before")
    assert [line for line in words.split("\n") if line] == [
        "All of it anew, so that what stood is kept.",
        "From an old page.",
    ]


def test_what_was_deleted_comes_back(site: Upgraded) -> None:
    gone = WORDS["deleted"]
    [was] = [text for text in TEXTS[WHO_DELETED].values() if "prompt" in text]
    with site.reader(WHO_DELETED) as person:
        person.fill("/journal/deleted/", f"/journal/put-back/{gone}/")
        found = exported(person)
    earlier = [text for row in TEXTS[WHO_DELETED].values() for text in wordings(row)]
    assert found[gone] == was["text"]
    assert [found[wording["id"]] for wording in earlier] == [each["text"] for each in earlier]


def wordings(row: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = row.get("wordings", []) if isinstance(row, dict) else []
    return found


def test_the_return_code_brings_its_reader_back(site: Upgraded) -> None:
    with site.stranger() as person:
        person.follow(person.fill("/account/return/", code=WORDS["code"]))
        assert exported(person) == site.exports[LEAD]


def test_the_password_brings_its_reader_back(site: Upgraded) -> None:
    with site.stranger() as person:
        person.follow(person.fill("/account/sign-in/", **WORDS["password"]))
        assert exported(person) == site.exports[MATE]


def test_the_invitation_lets_in_who_waits_and_who_comes(site: Upgraded) -> None:
    with site.stranger() as person, site.reader(LEAD) as lead:
        assert person.get(WORDS["invitation"]).status == 200
        person.fill(WORDS["invitation"], first_name="Nora")  # the group is full, so Nora waits too
        lead_page = f"{GROUP}lead/"
        for waiting in ids_in(lead, lead_page, f"{GROUP}waiting/"):
            lead.fill(lead_page, f"{GROUP}waiting/{waiting}/let-in/")
        assert {"Lea", "Mo", "Wim", "Nora"} - shown_at(person, GROUP) == set()


def test_the_calendar_goes_on_with_the_same_meetings(site: Upgraded) -> None:
    with site.stranger() as person:
        calendar = person.get(WORDS["calendar"])
    assert calendar.status == 200
    found = [
        re.findall(r"^(?:UID|DTSTART[^:]*):(.*?)\r$", event, re.MULTILINE)
        for event in calendar.html.split("BEGIN:VEVENT")[1:]
    ]
    assert found == WORDS["meetings"]


def test_what_was_shared_stands_before_the_group_until_it_is_taken_back(site: Upgraded) -> None:
    with site.reader(LEAD) as lead, site.reader(MATE) as mate:
        [share] = ids_in(mate, "/share/", "/share/take-back/")
        words = TEXTS[MATE][share]
        assert {words} - shown_at(lead, GROUP) == set()
        mate.fill(f"/share/take-back/{share}/")
        assert {words} - shown_at(lead, GROUP) == {words}
