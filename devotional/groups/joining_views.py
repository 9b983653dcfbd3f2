"""The door of a group: `/j/<token>`, which a link, a QR code or a preview's bot opens (T3, T9).

Looking changes nothing, sets nothing and is noted nowhere; joining is a POST. The page's head names
the devotional alone, since that is what previews show to whoever is sent the link.
"""

import uuid
from datetime import timedelta
from functools import partial

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from devotional.content.loader import current_library
from devotional.groups.access import MEMBER
from devotional.groups.forms import FirstNameForm
from devotional.groups.group_page import section_now
from devotional.groups.invitations import find_invitation, token_and_part
from devotional.groups.joining import Ended, TooManyWait, asks_first, join, join_as_guest
from devotional.groups.models import Invitation, Membership
from devotional.lib.http import address_is_secret, see_other
from devotional.readers.guests import find_reader, mark_of, set_reader_cookie
from devotional.readers.limits import client_address, may_try
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.readers.quotas import QuotaError

GUESSES = 20  # unknown links that one address may open …
WITHIN = timedelta(minutes=10)  # … in this time, before it is told to wait
SOMEONE_ELSE = gettext_lazy(
    "Someone else is signed in than when you opened this page. Is the name still right?"
)


class JoinForm(FirstNameForm):
    op = forms.UUIDField(required=False)
    known = forms.CharField(required=False)  # for whom it was made, by their mark


@address_is_secret
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: ReaderRequest, token: str) -> HttpResponse:
    """Whose group it is, what they read, and a way in."""
    token, part = token_and_part(token)
    invitation = find_invitation(token)
    if invitation is None:
        return unknown(request)
    if request.method == "POST":
        return take_in(request, invitation, part)
    # `request.reader` would note the visit and renew the cookie, and looking leaves no trace.
    known = find_reader(request.COOKIES.get(settings.READER_COOKIE_NAME, ""))
    form = JoinForm(initial={"op": uuid.uuid4()})
    return show(invitation, form, known, path=request.path, part=part)


def take_in(request: ReaderRequest, invitation: Invitation, part: str) -> HttpResponse:
    """Join, and go on to an address without the token in it."""
    form = JoinForm(request.POST)
    show_again = partial(show, invitation, form, request.reader, path=request.path, part=part)
    if not form.is_valid():
        return show_again(status=422)
    reader, name, token = request.reader, form.cleaned_data["first_name"], ""
    if is_strange(reader, invitation, form):
        return show_again(status=409, notice=str(SOMEONE_ELSE))
    address = client_address(request)
    try:
        if reader is None:
            op_id = form.cleaned_data["op"] or uuid.uuid4()
            membership, token = join_as_guest(invitation, name=name, op_id=op_id, address=address)
        else:
            membership = join(reader, invitation, name=name, address=address)
    except Ended:
        return unknown(request)
    except TooManyWait:
        notice = _("The waiting list is full. Please try again in a few days.")
        return show_again(status=429, notice=notice)
    except QuotaError as error:
        response = show_again(status=error.status, notice=str(error))
        response["Retry-After"] = str(error.retry_after)
        return response
    is_in = membership.standing == MEMBER
    response = see_other(*(("groups:group", membership.group_id) if is_in else ("groups:all",)))
    if token:
        set_reader_cookie(response, token)
    return response


def is_strange(reader: Reader | None, invitation: Invitation, form: JoinForm) -> bool:
    """Whether the form was made for another than who is here now, and isn't a second press."""
    if reader is None or form.cleaned_data["known"] == mark_of(reader):
        return False
    return not Membership.objects.by(reader).filter(group=invitation.group_id).exists()


def show(
    invitation: Invitation,
    form: JoinForm,
    reader: Reader | None,
    *,
    path: str,
    part: str,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    """The door: `part` is what the link was sent about; else one reads what is read this week."""
    group = invitation.group
    devotional = current_library().devotional(group.devotional)
    people = Membership.objects.filter(group=group)
    this_week = section_now(group, devotional)
    context = {
        "group": group,
        "devotional": devotional,
        "section": (devotional and devotional.section(part)) or this_week,
        "this_week": this_week,
        "language": devotional.language if devotional else "en",
        "lead": people.filter(is_leader=True).first(),
        "mine": people.filter(reader=reader).first() if reader else None,
        "known": mark_of(reader),
        "reason": asks_first(group, invitation, timezone.now()),
        "form": form,
        "op": form["op"].value() or uuid.uuid4(),
        "notice": notice,
        "path": path,
    }
    return HttpResponse(render_to_string("joining/welcome.html", context), status=status)


def unknown(request: ReaderRequest) -> HttpResponse:
    """The same for a link that never was, is past its time, or was reset.

    Whoever tries many is told to wait, in the same words. That is no lock: a link that is good is
    found before anybody is counted, since a whole congregation may share one address.
    """
    waits = not may_try("invitation", client_address(request), times=GUESSES, within=WITHIN)
    page = render_to_string("joining/unknown.html", {"language": "en"})
    response = HttpResponse(page, status=429 if waits else 404)
    if waits:
        response["Retry-After"] = str(int(WITHIN.total_seconds()))
    return response
