"""Coming back: by a return code or after signing in, and whose words sit here already (K2, K4)."""

from datetime import timedelta

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from devotional.lib.http import fragment_wanted, see_other
from devotional.lib.qr import qr_svg
from devotional.readers.arrivals import (
    can_come_back_otherwise,
    expect,
    expected_reader,
    give_key,
    guest_with_words,
    has_arrived,
    next_in,
    note_next,
    settle,
    where_to_go_on,
)
from devotional.readers.device_links import note_arrived
from devotional.readers.guests import mark_of
from devotional.readers.limits import client_address, may_try
from devotional.readers.merging import CannotMerge, merge
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.readers.return_codes import (
    Slip,
    digest_of,
    make_code,
    mark_of_code,
    plain,
    reader_of,
    standing_code,
)
from devotional.readers.ways_views import to_ways

A_WHILE = timedelta(minutes=10)
FROM_ONE_ADDRESS = 20  # wrong codes in a while
FROM_ALL = 200
RIGHT_ONES = 20  # of one reader from one address in a while: each makes a session and a key


def enter(request: ReaderRequest) -> HttpResponse:
    """Take a return code.

    100 bits are not guessed, and a whole church may share one address: so wrong ones never keep a
    right one out. Right ones are counted for their reader, since each begins an arrival; what can't
    be a code is not even one.
    """
    typed = request.POST.get("code", "")
    try:
        code = plain(typed)
    except Slip:
        return ask_for_code(request, typed=typed, wrong="slip", status=422)
    reader = reader_of(code)
    if reader is None:
        if not may_guess_on(request):
            return ask_for_code(request, typed=typed, wrong="often", status=429)
        return ask_for_code(request, typed=typed, wrong="unknown", status=422)
    if not may_come_right(request, reader):
        return ask_for_code(request, typed=typed, wrong="again", status=429)
    request.session.flush()  # whoever has signed in here before is not who comes now
    expect(request, reader, by_code=digest_of(code))
    note_next(request)
    return see_other("readers:arrive")


def may_come_right(request: ReaderRequest, reader: Reader) -> bool:
    """Count one who has shown to be `reader`: each makes a session and a key."""
    right = f"{reader.pk.hex} {client_address(request)}"
    return may_try("right code", right, times=RIGHT_ONES, within=A_WHILE)


@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: ReaderRequest) -> HttpResponse:
    """Every way back: a return code, another device, an account."""
    return enter(request) if request.method == "POST" else ask_for_code(request)


def may_guess_on(request: ReaderRequest) -> bool:
    """Count a wrong code, by its sender and among all."""
    address = client_address(request)
    return may_try("return code", address, times=FROM_ONE_ADDRESS, within=A_WHILE) and may_try(
        "return code", "all", times=FROM_ALL, within=A_WHILE
    )


def ask_for_code(
    request: ReaderRequest, *, typed: str = "", wrong: str = "", status: int = 200
) -> HttpResponse:
    # In the panel the code stands in place, and so does what is wrong with it.
    in_place = request.method == "POST" and fragment_wanted(request)
    context = {
        "typed": typed[:100],
        "wrong": wrong,
        "next": next_in(request),
        "in_place": in_place,
    }
    template = "readers/lost_session.html" if in_place else "readers/come_back.html"
    response = render(request, template, context, status=status)
    if in_place:
        response["HX-Retarget"], response["HX-Reswap"] = "#come-back", "outerHTML"
    if status == 429:
        response["Retry-After"] = str(int(A_WHILE.total_seconds()))
    return response


def ask(request: ReaderRequest) -> HttpResponseBase:
    """Ask whose words are here, where there is a question; else give the key and go on."""
    expected = expected_reader(request)
    if expected is None:
        return see_other("journal:all") if request.reader else see_other("readers:keep")
    if has_arrived(request):
        there = where_to_go_on(request)
        note_arrived(expected)
        has_changed = settle(request)
        return to_ways(has_changed=True) if has_changed else see_other(there)
    if found := guest_with_words(request, expected):
        return ask_whose(request, *found)
    # To this page once more: the browser shows that it has the key, and only then is it done.
    response = see_other("readers:arrive")
    give_key(request, expected, response)
    return response


def ask_whose(
    request: ReaderRequest, guest: Reader, count: int, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    """Whether the words here are of who has arrived; by the guest's own code, where there is one
    to have."""
    context = {
        "count": count,
        "writer": mark_of(guest),
        "needs_code": can_come_back_otherwise(request, guest),
        "has_code": hasattr(guest, "return_code"),
        "typed": request.POST.get("code", "")[:100],
        "wrong": wrong,
    }
    response = render(request, "readers/arrive.html", context, status=status)
    if fragment_wanted(request):
        response["HX-Redirect"] = reverse("readers:arrive")  # a question takes a page of its own
    if status == 429:
        response["Retry-After"] = str(int(A_WHILE.total_seconds()))
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: ReaderRequest) -> HttpResponseBase:
    """The question whose words these are, and what was answered."""
    expected = expected_reader(request)
    found = guest_with_words(request, expected) if expected else None
    if request.method != "POST" or expected is None or found is None:
        return ask(request)
    guest, count = found
    if request.POST.get("writer") != mark_of(guest):
        return ask(request)  # it was asked about somebody else
    match request.POST.get("whose"):
        case "mine":
            if can_come_back_otherwise(request, guest) and (wrong := what_is_wrong(request, guest)):
                status = 429 if wrong == "often" else 422
                return ask_whose(request, guest, count, wrong=wrong, status=status)
            return take_along(request, guest, count, expected)
        case "another's":
            return leave_to_guest(request, guest, count)
        case "left":
            response = see_other("readers:arrive")
            give_key(request, expected, response)
            return response
    return ask(request)


def what_is_wrong(request: ReaderRequest, guest: Reader) -> str:
    """Why the code in the form is not the guest's own; empty where it is. Wrong ones count."""
    typed = request.POST.get("code", "")
    if not typed.strip():
        return "missing"
    try:
        code = plain(typed)
    except Slip:
        return "slip"
    if reader_of(code) == guest:
        return ""
    return "unknown" if may_guess_on(request) else "often"


def take_along(
    request: ReaderRequest, guest: Reader, count: int, expected: Reader
) -> HttpResponseBase:
    try:
        merge(guest, into=expected)
    except CannotMerge:
        return leave_to_guest(request, guest, count, could_not=True, status=409)
    return see_other("readers:arrive")


def qr_of(code: str) -> SafeString:
    """The code itself to scan and copy. No address: what stands in one reaches logs."""
    return qr_svg(code, title=_("The return code as a QR code"))


def leave_to_guest(
    request: ReaderRequest, guest: Reader, count: int, *, could_not: bool = False, status: int = 200
) -> HttpResponse:
    """The words stay the guest's, whose key to them here is about to end: a return code for them.

    They may have one, or have been given one by the same form a moment ago. It goes on working,
    and is replaced only where the form names it.
    """
    replaces = request.POST.get("replaces", "")
    has_one = standing_code(guest) is not None
    code = make_code(guest, replaces=replaces) if replaces or not has_one else None
    standing = standing_code(guest)
    context = {
        "count": count,
        "code": code,
        "qr": qr_of(code) if code else "",
        "standing": standing,
        "replaces": mark_of_code(standing),
        "writer": mark_of(guest),
        "could_not": could_not,
    }
    return render(request, "readers/left_to_guest.html", context, status=status)
