"""The panel after a section: fetched by htmx, or opened as a page of its own without JavaScript.

Every reply here is one reader's own and is kept by nobody. A save answers htmx with a receipt and
a plain form with a redirect back to the section. Whatever goes wrong, what was written is handed
back in its box, with a way on.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from devotional.content.library import Devotional, Section
from devotional.content.loader import current_library
from devotional.lib.http import fragment_wanted, is_opened_as_page, see_other
from devotional.lib.unavailable import RETRY_AFTER, UNAVAILABLE, is_unavailable, let_go
from devotional.lib.write_limiter import WriteLimiter
from devotional.readers.consent import consent_version, has_agreed
from devotional.readers.guests import (
    agree,
    give_token,
    has_gone,
    make_guest,
    mark_of,
    set_reader_cookie,
    was_known,
)
from devotional.readers.limits import client_address
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.readers.quotas import QuotaError, admit_new_reader, require_place, use_space
from devotional.readers.turn import take_turn_of_form
from devotional.reflections.answers import Place, Receipt
from devotional.reflections.forms import ReflectionForm, signed_questions
from devotional.reflections.leaf import (
    Leaf,
    open_leaf,
    saved_leaf,
    show_outcomes,
    strange_leaf,
    unsaved_leaf,
)
from devotional.reflections.models import Operation
from devotional.reflections.on_paper import mark_on_paper
from devotional.reflections.operations import first_save_by
from devotional.reflections.replies import FORM, PAGE, acknowledge, refuse, render_leaf
from devotional.reflections.saving import TooManyCopiesError, save_reflections

write_limiter = WriteLimiter(settings.THREADS, one_at_a_time=connection.vendor == "sqlite")

type SectionView = Callable[[ReaderRequest, str, str], HttpResponseBase]


def find_section(devotional_id: str, section_id: str) -> tuple[Devotional, Section]:
    """The section to reflect on, or Http404."""
    devotional = current_library().devotional(devotional_id)
    if devotional is not None and (section := devotional.section(section_id)) is not None:
        return devotional, section
    raise Http404


def find_answered(
    request: ReaderRequest, devotional_id: str, section_id: str
) -> tuple[Devotional, Section]:
    """The section as it was when the form in `request` was made, or Http404.

    Its questions travel with the form: the author may have changed them since, or have taken the
    whole section out, and what was written all the same is kept (W13).
    """
    asked = signed_questions(
        request.POST.get("questions", ""), devotional_id=devotional_id, section_id=section_id
    )
    if asked is None:
        return find_section(devotional_id, section_id)
    digest, prompts = asked
    devotional = current_library().devotional(devotional_id) or Devotional(
        id=devotional_id, title="", language="en", summary="", sections=()
    )
    section = devotional.section(section_id) or Section(
        id=section_id, number=0, title="", label="", html="", minutes=1, digest=digest
    )
    return devotional, replace(section, digest=digest, prompts=prompts)


@require_safe
def panel(request: ReaderRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """The form alone, for the slot that the section page keeps free for it.

    Opened by itself it leads to the page of the form.
    """
    if is_opened_as_page(request):
        page = reverse("reflections:reflect", args=[devotional_id, section_id])
        number = reading_asked_for(request)
        return see_other(f"{page}?reading={number}" if number else page)
    devotional, section = find_section(devotional_id, section_id)
    number = reading_asked_for(request)
    leaf = open_leaf(request.reader, devotional, section, number)
    return render_leaf(request, leaf, FORM)


def words_kept(view: SectionView) -> SectionView:
    """Hand a plain form back with its words where the database can't be had; htmx keeps its own."""

    @wraps(view)
    def reply(request: ReaderRequest, devotional_id: str, section_id: str) -> HttpResponseBase:
        try:
            return view(request, devotional_id, section_id)
        except UNAVAILABLE as error:
            if not is_unavailable(error) or request.method != "POST" or fragment_wanted(request):
                raise
            let_go(error)
            devotional, section = find_answered(request, devotional_id, section_id)
            return later(request, devotional, section)

    return reply


@words_kept
@require_http_methods(["GET", "HEAD", "POST"])
def reflect(request: ReaderRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """The same form as a page of its own, and where both forms are sent."""
    if request.method == "POST":
        return save(request, *find_answered(request, devotional_id, section_id))
    devotional, section = find_section(devotional_id, section_id)
    leaf = open_leaf(request.reader, devotional, section, reading_asked_for(request))
    return render_leaf(request, leaf, PAGE)


def save(request: ReaderRequest, devotional: Devotional, section: Section) -> HttpResponse:
    """Save what was sent, or say why not with every word still in its box."""
    reader = request.reader
    form = ReflectionForm(section.prompts, request.POST)
    if not form.is_valid():
        leaf = unsaved_leaf(reader, devotional, section, form)
        if not any(box.problem for box in leaf.boxes):
            leaf.notice = _("Something went wrong on this page. Please reload it.")
        return refuse(request, leaf)
    if is_strange(reader, form):
        leaf = strange_leaf(reader, devotional, section, form, was_known=was_known(request))
        return refuse(request, leaf, status=401)
    form.is_of_another = form.cleaned_data["was"] not in ("", mark_of(reader))
    if missing := what_is_missing(request, reader, form):
        leaf = unsaved_leaf(reader, devotional, section, form)
        leaf.notice = missing
        return refuse(request, leaf)
    place = Place(devotional.id, section.id, section.digest, form.reading_number)
    try:
        if reader is None:
            look_for_place(client_address(request), place, form)
        with write_limiter.enter():
            writer, token, receipt = keep(reader, place, form, client_address(request))
    except (IntegrityError, Reader.NotUpdated):
        if not has_gone(request):
            raise
        # They erased everything in another tab, or became another reader, at this very moment.
        return refuse(
            request, strange_leaf(None, devotional, section, form, was_known=True), status=401
        )
    except QuotaError as error:
        leaf = unsaved_leaf(reader, devotional, section, form)
        if isinstance(error, TooManyCopiesError):
            show_outcomes(leaf, [error.outcome])
            leaf.op = uuid.uuid4()  # what is chosen now is another save
        return beyond_quota(request, leaf, error)
    leaf = saved_leaf(writer, devotional, section, form, receipt.outcomes)
    leaf.on_paper = form.cleaned_data["paper"] == "yes"
    leaf.just_met = token is not None
    leaf.paper_said = "consent" in request.POST or form.cleaned_data["paper"] != ""
    response = acknowledge(request, leaf, receipt)
    if token:
        set_reader_cookie(response, token)
    return response


def look_for_place(address: str, place: Place, form: ReflectionForm) -> None:
    """Raises QuotaError for a new reader who can't be made, before they queue to write.

    In a flood that queue is for who is known. A first save that comes again makes nobody.
    """
    try:
        require_place(address)
    except QuotaError:
        if first_save_by(place=place, answers=form.answers(), op_id=form.op_id) is None:
            raise


def is_strange(reader: Reader | None, form: ReflectionForm) -> bool:
    """Whether the form was made for another than who is here now, and isn't a repetition."""
    writer, was = form.cleaned_data["writer"], form.cleaned_data["was"]
    if writer == mark_of(reader):
        return False
    if reader and not writer and was == mark_of(reader):
        return False  # who began it lost their session here, and is back
    repeated = Operation.objects.by(reader).filter(op_id=form.op_id) if reader else None
    return repeated is None or not repeated.exists()


def what_is_missing(request: ReaderRequest, reader: Reader | None, form: ReflectionForm) -> str:
    """What must be there before anything is kept, in words for the reader; empty if nothing."""
    written = any(answer.text for answer in form.answers())
    if strays := form.strays():
        return _(
            "A question has changed since you opened this page, so these words have no box: "
            "%(words)s"
        ) % {"words": " / ".join(strays)}
    if not form.answers() and not form.cleaned_data["paper"]:
        return _("Nothing to save yet. Write a word or two first.")
    if reader is None and not written and form.cleaned_data["paper"] != "yes":
        return _("Nothing to save yet. Write a word or two first.")
    if not has_agreed(reader) and request.POST.get("consent") != consent_version():
        return _("Before we save your words, please read and agree to the sentence below.")
    return ""


def keep(
    reader: Reader | None, place: Place, form: ReflectionForm, address: str
) -> tuple[Reader, str | None, Receipt]:
    """Carry out what the form asks for, in one transaction.

    Returns the reader, made now if there was none, and a token if their browser needs one. Raises
    QuotaError where `address` has used up what one may; then nothing has changed.
    """
    answers, paper = form.answers(), form.cleaned_data["paper"]
    save = partial(save_reflections, place=place, answers=answers, op_id=form.op_id)
    spend = partial(use_space, address=address)
    if reader is not None and has_agreed(reader) and not paper:
        return reader, None, save(reader, spend=partial(spend, reader))
    token = None
    with transaction.atomic():
        if reader is None:
            take_turn_of_form(form.op_id)
            known = first_save_by(place=place, answers=answers, op_id=form.op_id)
            if known is None:
                admit_new_reader(address)
            reader = known or make_guest()
            token = give_token(reader)
        elif not has_agreed(reader):
            agree(reader)
        receipt = save(reader, spend=partial(spend, reader))
        if paper and not receipt.replayed:
            mark_on_paper(reader, place, on=paper == "yes")
    return reader, token, receipt


def beyond_quota(request: ReaderRequest, leaf: Leaf, error: QuotaError) -> HttpResponse:
    """Why nothing was kept and what to do, with the words in their boxes: 429, 503 or 422."""
    leaf.notice = str(error)
    response = refuse(request, leaf, status=error.status)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def later(request: ReaderRequest, devotional: Devotional, section: Section) -> HttpResponse:
    """503 for a plain form: the words in their boxes, made without the database."""
    form = ReflectionForm(section.prompts, request.POST)
    form.is_valid()
    leaf = unsaved_leaf(None, devotional, section, form)
    leaf.writer = form.cleaned_data.get("writer", "")
    leaf.agreed = "consent" not in request.POST
    leaf.notice = _(
        "We can’t save this right now. Your words are still in the box: please keep this page "
        "open and try again in a minute."
    )
    response = refuse(request, leaf, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def reading_asked_for(request: ReaderRequest) -> int:
    """The number of the reading in `?reading=`; 0, the newest, where there is none that counts."""
    asked = request.GET.get("reading", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 0
