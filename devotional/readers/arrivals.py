"""Arriving: someone showed who they are, on a browser that may know somebody else (K4).

A sign-in or a return code only says here who is expected; the page they come to next asks what it
must ask, and only then gives this browser its key. No preset cookie ever becomes a signed-in one.

Nothing is taken as done until the browser has come back with its new key. So an answer that is
lost, a double tap and the back button all lead on to the same end.
"""

from django.contrib.auth import SESSION_KEY
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from devotional.lib.http import path_within
from devotional.readers.guests import (
    give_token,
    set_reader_cookie,
    token_digest,
    token_in,
)
from devotional.readers.keeping import other_browsers
from devotional.readers.merging import reflections_of
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import DeviceToken, Reader

EXPECTED = "devotional.readers.arriving"
BY_CODE = "devotional.readers.by_code"
GIVEN = "devotional.readers.given"
NEXT = "devotional.readers.next"  # where someone was who came back, and goes on
CHANGED = "devotional.readers.changed"  # a way in was changed on the way: the others may be ended


def expect(request: ReaderRequest, reader: Reader, *, by_code: str = "") -> None:
    """Note in the session that this browser has just shown to be `reader`'s.

    `by_code` is the digest of the return code that showed it; renewed, it shows nothing any more.
    Where they go on afterwards is noted by `note_next()`.
    """
    request.session.cycle_key()  # one that somebody else has set beforehand is worth nothing
    request.session[EXPECTED] = str(reader.pk)
    request.session[BY_CODE] = by_code
    request.session.pop(GIVEN, None)


def expected_reader(request: ReaderRequest) -> Reader | None:
    expected, by_code = (request.session.get(name) for name in (EXPECTED, BY_CODE))
    found = Reader.objects.filter(pk=expected) if expected else Reader.objects.none()
    return (found.filter(return_code__digest=by_code) if by_code else found).first()


def guest_with_words(request: ReaderRequest, expected: Reader) -> tuple[Reader, int] | None:
    """A guest other than `expected` who wrote on this browser, and how many reflections.

    A reader with an account is not asked about: they come back to their words by themselves.
    """
    here = request.reader
    if here is None or here.pk == expected.pk or hasattr(here, "account"):
        return None
    count = reflections_of(here)
    return (here, count) if count else None


def can_come_back_otherwise(request: ReaderRequest, guest: Reader) -> bool:
    """Whether the guest who wrote on this browser has a return code, or another browser.

    Then somebody else's "yes" would take their words over and close the door on them.
    """
    return hasattr(guest, "return_code") or other_browsers(request, guest).exists()


def has_arrived(request: ReaderRequest) -> bool:
    """Whether the browser has come back with the very key that it was given."""
    given = request.session.get(GIVEN)
    return given is not None and given == token_in(request)


def give_key(request: ReaderRequest, reader: Reader, response: HttpResponseBase) -> None:
    """A new key of `reader` for this browser, and an end to the one that it has."""
    stale = [token_in(request), request.session.get(GIVEN, "")]
    DeviceToken.objects.filter(digest__in=stale).delete()
    token = give_token(reader)
    set_reader_cookie(response, token)
    request.session[GIVEN] = token_digest(token)
    reader.seen_on = timezone.now().date()
    reader.save(update_fields=["seen_on"])


def next_in(request: ReaderRequest) -> str:
    """The path of ours that the address or the form names to go on to; empty where none."""
    return path_within(request.POST.get("next", "") or request.GET.get("next", ""))


def note_next(request: ReaderRequest) -> None:
    """Remember where someone was who begins to come back; what was noted before is over."""
    if there := next_in(request):
        request.session[NEXT] = there
    elif NEXT in request.session:
        del request.session[NEXT]


def where_to_go_on(request: ReaderRequest) -> str:
    """The page that asked for it, else the journal, which says how much is here."""
    return str(request.session.get(NEXT, "")) or f"{reverse('journal:all')}?back"


def settle(request: ReaderRequest) -> bool:
    """The arrival is done: nothing from before it is of use any more.

    Answers whether a way in was changed in the course of it.
    """
    has_changed = bool(request.session.pop(CHANGED, False))
    for name in (EXPECTED, BY_CODE, GIVEN, NEXT):
        request.session.pop(name, None)
    if SESSION_KEY in request.session:
        request.session.cycle_key()  # an account that has just signed in may change its ways
    else:
        request.session.flush()
    return has_changed
