"""B5 for the database and the logs: a reader's words are in that reader's replies and nowhere else.

Canaries are written everywhere that words can be written, and sent in every request that is known
to fail. Then all bytes that the server left behind, and all replies to others, are searched.
"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from bench.reliability.addresses import addresses
from bench.reliability.canaries_on_pages import (
    Cage,
    keep_and_look_back,
    owners_alone,
    sign_in_form,
)
from bench.reliability.report import Options, Row
from harness.canary import finds_itself, hits, hits_in_folder
from harness.http_client import DEVOTIONAL, FORM, Device, Page, encoded
from harness.mailbox import Mailbox
from harness.site import Site
from harness.writers import BROKEN

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OTHER_FORMS = ("multipart/form-data; boundary=x", "application/json", "text/plain")


def run(options: Options) -> Iterator[Row]:
    site = Site(options.folder)
    (options.folder / "tmp").mkdir()
    site.extra = {"LOG_LEVEL": "DEBUG", "DEBUG": "0", "TMPDIR": str(options.folder / "tmp")}
    cage = Cage(str(options.seed))
    with Mailbox() as mailbox:
        site.extra["EMAIL_URL"] = mailbox.url
        site.extra["EMAIL_FROM"] = "hello@example.org"
        yield from watched(site, options, cage, mailbox)


def watched(site: Site, options: Options, cage: Cage, mailbox: Mailbox) -> Iterator[Row]:
    site.start()
    try:
        owner = Page(Device(site.port))
        journals = write_everywhere(owner, cage, site.database.file)
        keep_and_look_back(owner, cage, site)
        seen = owners_alone(owner, cage)
        failed = fail_in_every_way(owner, cage, site)
        replies, leaks = be_nosy(site, owner, cage)
        owner.device.close()
        left = left_behind(site, options.folder, cage, journals)
    finally:
        site.stop()
    left += left_behind(site, options.folder, cage, [])
    mails = [message.as_bytes() for message in mailbox.mails]
    left += [f"mail: {hit}" for mail in mails for hit in hits(mail, cage.words.values())]
    sound = all(map(finds_itself, cage.words.values()))
    for line in [*left, *leaks][:20]:
        print("B5:", line)
    yield Row(
        "B5",
        f"{len(cage.words)} canaries and {len(cage.secrets)} secrets: data folder, {len(journals)} "
        f"journals in the middle of transactions, {site.log.stat().st_size:,} bytes of output at "
        f"DEBUG, {len(mails)} mails, temporary files",
        f"{len(left)} hits" + ("" if sound else "; the search itself is blind"),
        not left and sound and len(journals) > 0 and site.log.stat().st_size > 0,
    )
    yield Row(
        "B5",
        f"{replies} replies to another reader and a stranger, every address, {len(METHODS)} "
        f"methods; {sum(failed.values())} requests that fail ({said(failed)})",
        f"{len(leaks)} leaks" + (f"; not seen by the owner: {seen}" if seen else ""),
        not leaks and not seen and any(status >= 500 for status in failed),
    )


def said(answers: dict[int, int]) -> str:
    return ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))


def write_everywhere(owner: Page, cage: Cage, database: Path) -> list[bytes]:
    """Current and earlier words, a conflict, a cleared box; what the journals held meanwhile."""
    journals: list[bytes] = []
    owner.save(cage.bird("earlier"))
    stale = Page(owner.device)
    stale.open()
    stale.open()
    for name in ("replaced", "replaced again"):
        with transaction_kept_open(database, journals):
            owner.save(f"{cage.bird(name)} and more words in the same text. " * 40)
    stale.save(cage.bird("conflict"))
    owner.save(cage.bird("cleared"), "healing")
    owner.save("", "healing")
    with transaction_kept_open(database, journals):
        owner.save(cage.bird("current"))
    return journals


@contextlib.contextmanager
def transaction_kept_open(database: Path, journals: list[bytes]) -> Iterator[None]:
    """For half a second let no save commit, so that its journal lies on the disk, and look at it.

    A connection that reads holds off the commit of one that writes; with a write-ahead log it
    holds off nothing, and the log stays to be looked at anyway.
    """
    ready = threading.Event()

    def hold() -> None:
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM devotional_reader").fetchone()
            ready.set()
            for _ in range(20):
                time.sleep(0.025)
                for ending in ("-journal", "-wal", "-shm"):
                    with contextlib.suppress(OSError):
                        journals.append(Path(f"{database}{ending}").read_bytes())
            reader.execute("ROLLBACK")

    holder = threading.Thread(target=hold)
    holder.start()
    ready.wait(10)
    try:
        yield
    finally:
        holder.join()


def fail_in_every_way(owner: Page, cage: Cage, site: Site) -> dict[int, int]:
    """Send canaries in requests that are refused or break; the statuses they got."""
    answers: dict[int, int] = {}
    device, path = owner.device, owner.path

    def note(status: int) -> None:
        answers[status] = answers.get(status, 0) + 1
        device.close()  # a connection on which a request went wrong may be at its end

    def form(name: str, **fields: str) -> dict[str, str]:
        return owner.filled({"becoming": cage.bird(name)}) | fields

    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    note(device.post(path, form("foreign"), **foreign).status)
    note(device.post(path, form("page"), **foreign | {"HX-Request": "false"}).status)
    too_long = cage.bird("too long") * 6000
    note(device.post(path, form("too long", **{"text-becoming": too_long})).status)
    with contextlib.suppress(*BROKEN):  # the server may hang up before it has read all of it
        note(device.post(path, form("huge", extra=cage.bird("huge") * 100_000)).status)
    for name in ("op", "reading", "version-becoming", "questions", "writer", "consent"):
        note(device.post(path, form(f"bad {name}", **{name: cage.bird(f"in {name}")})).status)
    for content_type in OTHER_FORMS:
        body = encoded(form(content_type))
        note(device.request("POST", path, body, {"Content-Type": content_type}).status)
    in_address = quote(cage.bird("address"))
    for where in (f"/reflect/{in_address}/", f"/{in_address}", f"{path}?q={in_address}"):
        note(device.get(where).status)
        note(device.post(where, form("posted elsewhere")).status)
    for header in ("Referer", "User-Agent", "HX-Current-URL", "HX-Prompt", "X-Forwarded-For"):
        note(device.request("GET", path, headers={header: in_address}).status)
    note(Device(site.port).request("GET", path, headers={"Cookie": f"reader={in_address}"}).status)
    stranger = Page(Device(site.port))
    stranger.fields = {}
    note(stranger.device.post(path, {"text-becoming": cage.bird("without consent")}).status)
    with broken_table(site.database.file):
        note(device.post(path, form("broken table")).status)
        note(device.post(path, form("broken table"), **{"HX-Request": "false"}).status)
    with broken_table(site.database.file, "devotional_revision"):
        note(device.post("/journal/search/", form("searched", words=cage.bird("sought"))).status)
        sought = {"words": cage.bird("sought in vain"), "earlier": "on"}
        note(device.post("/journal/search/", form("searched", **sought)).status)
    with broken_table(site.database.file, "devotional_returncode"):
        note(device.post("/account/return/", form("came back", code=cage.bird("a code"))).status)
    with broken_table(site.database.file, "devotional_account"):
        note(device.post("/account/sign-in/", sign_in_form(owner, cage)).status)
    with broken_rows(site.database.file):
        note(device.post(path, form("broken rows")).status)
        note(device.get(f"{path}panel/").status)
    with contextlib.closing(sqlite3.connect(site.database.file, isolation_level=None)) as locker:
        locker.execute("BEGIN IMMEDIATE")
        note(device.post(path, form("locked")).status)
    return answers


@contextlib.contextmanager
def broken_table(database: Path, table: str = "devotional_operation") -> Iterator[None]:
    """A table that the code relies on is gone for a while."""
    change(database, f"ALTER TABLE {table} RENAME TO away")
    try:
        yield
    finally:
        change(database, f"ALTER TABLE away RENAME TO {table}")


@contextlib.contextmanager
def broken_rows(database: Path) -> Iterator[None]:
    """What was sealed can't be opened for a while."""
    flip = "substr(sealed, 1, 20) || CAST(x'FF' AS BLOB) || substr(sealed, 21)"
    back = "substr(sealed, 1, 20) || substr(sealed, 22)"
    change(database, f"UPDATE devotional_reflection SET sealed = CAST({flip} AS BLOB)")  # noqa: S608
    try:
        yield
    finally:
        change(database, f"UPDATE devotional_reflection SET sealed = CAST({back} AS BLOB)")  # noqa: S608


def change(database: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.execute(statement)


def be_nosy(site: Site, owner: Page, cage: Cage) -> tuple[int, list[str]]:
    """Ask every address by every method, as another reader and as nobody; what came back."""
    other = Page(Device(site.port))
    other.save("Words of another reader.")
    stolen = {n: v for n, v in owner.fields.items() if not n.startswith("text-")}
    stolen["words"] = "Kanarienvögel"  # what all canaries begin with
    replies, leaks = 0, []
    for nosy in (other.device, Device(site.port)):
        cookies = dict(nosy.cookies)
        for path in [*addresses(site.database), f"/reflect/{DEVOTIONAL}/opening/?op=1"]:
            for method in METHODS:
                nosy.cookies = dict(cookies)  # also after it signed itself out
                body = encoded(stolen) if method in ("POST", "PUT", "PATCH") else None
                try:
                    reply = nosy.request(method, path, body, {"Content-Type": FORM})
                except BROKEN as error:
                    leaks.append(f"no answer to {method} {path}: {error}")
                    continue
                finally:
                    nosy.close()  # the server hangs up on a body that no one read
                replies += 1
                told = "".join(f"{n}: {v}\n" for n, v in reply.headers.items()).encode()
                found = hits(told + reply.body, cage.words.values())
                leaks += [f"{method} {path}: {hit}" for hit in found]
    return replies, leaks


def left_behind(site: Site, folder: Path, cage: Cage, journals: list[bytes]) -> list[str]:
    """Hits in every file of the run's folder, the log and the journals included."""
    words = list(cage.words.values())
    static = frozenset({site.data / "static", site.content})  # as public as the pages
    found = hits_in_folder(folder, words, beside=static)
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not static & {file, *file.parents}:
            data = file.read_bytes()
            found += [f"{file.name}: a secret" for one in cage.secrets if one.encode() in data]
    return found + [f"journal: {hit}" for data in journals for hit in hits(data, words)]
