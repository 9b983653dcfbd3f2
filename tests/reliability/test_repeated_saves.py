"""The same save twice, cut off, late, or with other words under the same operation (W6)."""

import random
from concurrent.futures import ThreadPoolExecutor

from harness.actors import Browser
from harness.cut_connections import lose_the_answer, operations, unread
from harness.experiments.devices import Clock, Fates, one_schedule
from harness.http_client import Page, Reply
from harness.readback import Kept, read
from harness.site import Site
from harness.waiting import eventually
from tests.reliability.conftest import SEED, NewPage

BEGUN = "The words that it began with, once."


def kept(site: Site, page: Page) -> Kept:
    found = read(site).box(page.device.reader_digest, "opening", "becoming")
    assert found is not None
    return found


def refusals(site: Site) -> int:
    """How many requests were refused without a look at what they are about, by the site's log."""
    return site.log.read_text().count(" POST - 400 ")


def send_at_once(taps: list[Page], form: dict[str, str]) -> list[Reply]:
    with ThreadPoolExecutor(len(taps)) as pool:
        return list(pool.map(lambda tap: tap.send(form), taps))


def test_double_submit(site: Site, page: Page, new_page: NewPage) -> None:
    """Two taps, both on their way at once."""
    form = page.filled({"becoming": "Sent by two taps, and kept once."})
    replies = send_at_once([page, new_page(like=page)], form)

    assert [reply.status for reply in replies] == [200, 200]
    assert kept(site, page) == Kept(2, "Sent by two taps, and kept once.", (("earlier", BEGUN),))


def test_double_submit_of_a_first_save(site: Site, new_page: NewPage) -> None:
    """Two taps on *Agree and save*, neither of which has a cookie yet."""
    taps = [new_page(), new_page()]
    form = taps[0].filled({"becoming": "The very first words, tapped twice."})
    before = read(site).readers
    replies = send_at_once(taps, form)

    assert [reply.status for reply in replies] == [200, 200]
    assert read(site).readers == before + 1
    assert kept(site, taps[0]) == Kept(1, "The very first words, tapped twice.", ())


def test_a_first_save_again_with_the_cookie_of_the_first(site: Site, new_page: NewPage) -> None:
    """The second tap carries the cookie that the first one got, and the form of before."""
    page = new_page()
    form = page.filled({"becoming": "The very first words."})
    before = read(site).readers
    assert page.send(form).status == 200
    assert page.send(form).status == 200  # made for nobody, so asked for no token
    assert page.send(page.renew(form)).status == 200

    assert read(site).readers == before + 1
    assert kept(site, page) == Kept(1, "The very first words.", ())


def test_replay_with_other_text(site: Site, page: Page) -> None:
    form = page.filled({"becoming": "What was sent under this operation."})
    assert page.send(form).status == 200
    assert page.send(form | {"text-becoming": "Other words, same operation."}).status == 409

    assert kept(site, page) == Kept(
        2,
        "What was sent under this operation.",
        (("earlier", BEGUN), ("conflict", "Other words, same operation.")),
    )


def test_a_form_of_a_reading_that_is_not_there(site: Site, page: Page) -> None:
    """As after its erasure on another device, or a restored backup: kept, and no error."""
    form = page.filled({"becoming": "Words of a second reading."}) | {"reading": "2"}
    assert page.send(form).status == 200
    assert "Words of a second reading." in read(site).texts


def test_network_cut_before_commit(site: Site, page: Page) -> None:
    """A request that arrived in part is no request: nothing of it is kept, nor its operation."""
    form = page.filled({"becoming": "Half of these words arrive."})
    count, refused = operations(site.database), refusals(site)
    for share in (0.2, 0.9, 0.995):  # the first of them within its headers
        with unread(page, form, share=share):
            pass
    assert eventually(lambda: refusals(site) == refused + 2)
    assert operations(site.database) == count
    assert page.text() == BEGUN

    assert page.send(form).status == 200
    assert kept(site, page).version == 2
    assert page.text() == "Half of these words arrive."


def test_network_cut_after_commit(site: Site, page: Page) -> None:
    form = page.filled({"becoming": "Stored, and never answered."})
    lose_the_answer(page, form, site.database)
    assert page.send(form).status == 200

    assert kept(site, page) == Kept(2, "Stored, and never answered.", (("earlier", BEGUN),))


def test_network_cut_after_commit_of_a_first_save(site: Site, new_page: NewPage) -> None:
    """Whoever sends the same first save again is the same person, not a second one."""
    page = new_page()
    form = page.filled({"becoming": "The first words, never answered."})
    before = read(site).readers
    lose_the_answer(page, form, site.database)
    assert page.send(form).status == 200

    assert read(site).readers == before + 1
    assert kept(site, page) == Kept(1, "The first words, never answered.", ())


def test_two_devices_with_offline_edits(site: Site, page: Page, new_page: NewPage) -> None:
    phone, laptop = page, new_page(like=page)
    on_phone = phone.filled({"becoming": "Written on the phone, without a network."})
    on_laptop = laptop.filled({"becoming": "Written on the laptop, on a train."})
    assert laptop.send(on_laptop).status == 200
    assert phone.send(on_phone).status == 409
    assert phone.text() == "Written on the laptop, on a train."
    assert phone.save("Written on the phone, without a network.").status == 200

    one = kept(site, page)
    assert (one.version, one.text) == (3, "Written on the phone, without a network.")
    assert one.earlier == [BEGUN, "Written on the laptop, on a train."]


def test_random_schedules_of_two_devices(new_browser: type[Browser]) -> None:
    """B6 in small: drops, replays, expiry, wrong clocks and offline edits, in any order."""
    fates = Fates()
    for number in range(25):
        chance = random.Random(f"{SEED}/{number}")  # noqa: S311
        assert one_schedule(chance, fates, "on-doors", "opening", "before") == [], number
    assert all(getattr(fates, name) > 0 for name in Fates.__slots__), fates


def test_clock_a_day_off(reader: Browser) -> None:
    """The order is that of versions, whatever the clocks of server and devices say."""
    from devotional.reflections.models import Reflection, Revision

    with Clock().on_the_wall() as clock:
        for hours, text in ((24, "Tomorrow's words, it says."), (-24, "Yesterday's, and newer.")):
            clock.set_off(hours=hours)
            assert reader.write("opening", before=text).status_code == 200
    one = Reflection.objects.get()
    assert (one.version, one.text) == (3, "Yesterday's, and newer.")
    assert [(old.version, old.text) for old in Revision.objects.order_by("version")] == [
        (1, "The canary of the first reader."),
        (2, "Tomorrow's words, it says."),
    ]
