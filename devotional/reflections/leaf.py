"""The leaf: what a page needs to show a reader's own words after a section.

Gathers the boxes from the content, the database and a form that was just sent. Makes nothing and
changes nothing.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devotional.content.library import Devotional, Prompt, Section
from devotional.readers import hooks
from devotional.readers.access import words_of
from devotional.readers.consent import has_agreed
from devotional.readers.guests import mark_of
from devotional.readers.keeping import has_way_back
from devotional.readers.models import Reader
from devotional.reflections.answers import APART, Outcome, State, digest
from devotional.reflections.earlier import EarlierAnswer, answers_up_to, earlier_answers, gone_among
from devotional.reflections.forms import (
    MOST_READINGS,
    ReflectionForm,
    newest_name,
    sign_questions,
    text_name,
    version_name,
)
from devotional.reflections.models import OnPaper, Reading, Reflection


@dataclass(slots=True)
class Box:
    """One prompt with what stands in its box."""

    prompt: Prompt
    text: str = ""
    version: int = 0
    saved_at: datetime | None = None
    problem: str = ""
    state: State | None = None  # what became of it, where it was just sent
    digest: str = ""  # SHA-256 of the words that the server has, for the page to compare
    other: str | None = None  # the newer words that a save met
    newest: int = 0  # and their version
    cleared: bool = False  # whether words stood here that can be put back
    redrawn: bool = False  # whether the box itself must be drawn anew, not only its state
    changed: bool = False  # whether the section's text is another than when this was written
    asked_then: str = ""  # the question as it was answered, where it reads otherwise now
    kept: uuid.UUID | None = None  # the reflection, where its words say something
    shut: bool = False  # whether what stands here can't be opened with the keys at hand
    earlier: list[EarlierAnswer] = field(default_factory=list)  # from earlier readings

    @property
    def name(self) -> str:
        return text_name(self.prompt.id)

    @property
    def version_name(self) -> str:
        return version_name(self.prompt.id)

    @property
    def newest_name(self) -> str:
        return newest_name(self.prompt.id)


@dataclass(slots=True)
class Leaf:
    """Everything on the panel."""

    devotional: Devotional
    section: Section
    boxes: list[Box]
    writer: str  # the mark of the reader for whom it is made; empty for nobody
    agreed: bool
    was: str = ""  # where a session was lost, the mark of the reader who began the form
    only_here: bool = False  # whether no other browser could bring the reader back
    reading: int = 1
    begun_at: datetime | None = None
    on_paper: bool = False
    just_met: bool = False  # whether this very reply gives the reader their key
    paper_said: bool = False  # whether the form has just said so, and is to be told
    can_undo: bool = False  # whether the reading was only just begun, and can be taken back
    gone: list[EarlierAnswer] = field(default_factory=list)  # answers to questions now gone
    groups: Sequence[Any] = ()  # those to which an answer could be shared, by `id` and `name`
    op: uuid.UUID = field(default_factory=uuid.uuid4)
    notice: str = ""  # said to the whole form

    @property
    def panel_address(self) -> str:
        path = reverse("reflections:panel", args=[self.devotional.id, self.section.id])
        return f"{path}?reading={self.reading}"

    @property
    def questions(self) -> str:
        return sign_questions(self.devotional, self.section)


def open_leaf(
    reader: Reader | None, devotional: Devotional, section: Section, number: int = 0
) -> Leaf:
    """The leaf as it stands for `reader` in the reading of that number, else in the newest.

    Two queries, in the first reading as in the tenth, and one more where an answer is saved.
    """
    reading = reading_of(reader, devotional, section, number)
    written = answers_up_to(reader, reading, section.id) if reader and reading else []
    kept = {one.prompt: one for one in written if reading and one.reading_id == reading.id}
    leaf = blank_leaf(reader, devotional, section)
    leaf.boxes = [box_of(prompt, kept.get(prompt.id), section) for prompt in section.prompts]
    if reader and any(box.kept for box in leaf.boxes):
        leaf.groups = hooks.groups_by_devotional(reader).get(devotional.id, ())
    if reading:
        leaf.reading, leaf.begun_at = reading.number, reading.begun_at
        leaf.on_paper = bool(getattr(reading, "is_on_paper", False))
        leaf.can_undo = reading.number > 1 and not getattr(reading, "holds_anything", True)
        leaf.gone = gone_among(section, kept.values(), reading.number)
        earlier = earlier_answers(written, reading.number)
        for box in leaf.boxes:
            box.earlier = earlier.get(box.prompt.id, [])
    return leaf


def blank_leaf(reader: Reader | None, devotional: Devotional, section: Section) -> Leaf:
    return Leaf(
        devotional=devotional,
        section=section,
        boxes=[],
        writer=mark_of(reader),
        agreed=has_agreed(reader),
        only_here=reader is not None and not has_way_back(reader),
    )


def reading_of(
    reader: Reader | None, devotional: Devotional, section: Section, number: int
) -> Reading | None:
    """The reading of that number, or the newest where it is 0; None for who has begun none."""
    if reader is None:
        return None
    on_paper = OnPaper.objects.filter(reading=OuterRef("pk"))
    return (
        Reading.objects.by(reader)
        .filter(devotional=devotional.id, number__lte=number or MOST_READINGS)
        .annotate(
            is_on_paper=Exists(on_paper.filter(section=section.id)),
            holds_anything=Exists(Reflection.objects.filter(reading=OuterRef("pk")))
            | Exists(on_paper),
        )
        .order_by("-number")
        .first()
    )


def box_of(prompt: Prompt, reflection: Reflection | None, section: Section) -> Box:
    if reflection is None:
        return Box(prompt)
    has_history = getattr(reflection, "has_history", False)
    text = words_of(reflection)
    if text is None:
        return Box(
            prompt,
            shut=True,
            problem=_(
                "This can’t be opened right now, because the server’s key doesn’t fit. It isn’t "
                "lost; please tell whoever runs the site."
            ),
        )
    return Box(
        prompt=prompt,
        text=text,
        version=reflection.version,
        saved_at=reflection.written_at,
        digest=digest(text),
        cleared=has_history and not text.strip(),
        changed=bool(text) and reflection.section_digest != section.digest,
        asked_then=reflection.asked if text and reflection.asked != prompt.words else "",
        kept=reflection.id if text.strip() else None,
    )


def unsaved_leaf(
    reader: Reader | None, devotional: Devotional, section: Section, form: ReflectionForm
) -> Leaf:
    """The leaf with what was just sent in its boxes, none of it saved, and why."""
    leaf = blank_leaf(reader, devotional, section)
    leaf.boxes = [
        Box(
            prompt=prompt,
            text=form.words(prompt.id),
            version=form.version(prompt.id),
            problem=form.problem(prompt.id),
        )
        for prompt in form.prompts
        if form.is_sent(prompt.id)
    ]
    leaf.reading = form.reading_number
    leaf.op = form.cleaned_data.get("op") or leaf.op
    leaf.was = "" if reader else form.cleaned_data.get("was", "")
    return leaf


def saved_leaf(
    reader: Reader,
    devotional: Devotional,
    section: Section,
    form: ReflectionForm,
    outcomes: tuple[Outcome, ...],
) -> Leaf:
    """The leaf after a save: what was sent, each box with what became of it."""
    leaf = unsaved_leaf(reader, devotional, section, form)
    leaf.op = uuid.uuid4()
    show_outcomes(leaf, outcomes)
    offer_menus(leaf, reader)
    return leaf


def offer_menus(leaf: Leaf, reader: Reader) -> None:
    """Give each answer that was saved for the first time its id, for the menu beside it."""
    saved = [box for box in leaf.boxes if box.state is State.SAVED and box.version == 1]
    new = {box.prompt.id: box for box in saved}
    if not new:
        return
    rows = Reflection.objects.by(reader).filter(
        reading__devotional=leaf.devotional.id,
        reading__number=leaf.reading,
        section=leaf.section.id,
        prompt__in=new,
    )
    for prompt, reflection_id in rows.values_list("prompt", "id"):
        new[prompt].kept = reflection_id
    leaf.groups = hooks.groups_by_devotional(reader).get(leaf.devotional.id, ())


def show_outcomes(leaf: Leaf, outcomes: Iterable[Outcome]) -> None:
    """Put into each box what became of its words."""
    by_prompt = {outcome.prompt: outcome for outcome in outcomes}
    for box in leaf.boxes:
        if outcome := by_prompt.get(box.prompt.id):
            tell(box, outcome)


def tell(box: Box, outcome: Outcome) -> None:
    """Put into a box what became of its words."""
    box.state, box.digest, box.cleared = outcome.state, outcome.digest, outcome.cleared
    if outcome.state is State.SHUT:
        box.problem = _(
            "What you wrote here before can’t be opened right now. What you’ve just written is "
            "kept beside it."
        )
        return
    if outcome.state in APART or outcome.state is State.UNKEPT:
        # The version stays the one that was sent: only a choice between both texts is based on
        # the newer one, so that saving once more can't lay one over the other by itself.
        box.other, box.newest, box.saved_at = outcome.standing, outcome.version, outcome.time
        return
    box.version, box.saved_at = outcome.version, outcome.time
    if outcome.standing is not None:
        box.text, box.redrawn = outcome.standing, True


def strange_leaf(
    reader: Reader | None,
    devotional: Devotional,
    section: Section,
    form: ReflectionForm,
    *,
    was_known: bool,  # whether the browser still has a cookie, whose key has ended
) -> Leaf:
    """The leaf for whoever is here now, with words that were begun by someone else, or by nobody.

    Nothing of it is saved until they say so. The versions that came along are of another's words:
    only that one goes on from them, whose session was lost.
    """
    leaf = unsaved_leaf(reader, devotional, section, form)
    leaf.op = uuid.uuid4()
    writer = form.cleaned_data["writer"] or form.cleaned_data["was"]
    if reader is None:
        leaf.was = writer  # the versions stay theirs, for when they are back
    else:
        for box in leaf.boxes:
            box.version = 0
    if reader is None:
        leaf.paper_said = True  # its button has to agree again as well
        why = SIGNED_OUT if was_known else COOKIE_GONE
        leaf.notice = f"{why} {STILL_IN_THE_BOX}"
    elif writer:
        leaf.writer = writer  # so that no press of Save mixes what two people wrote
        leaf.notice = _(
            "Someone else is signed in here now, or you’ve signed in or erased everything in "
            "another tab since you opened this page. Nothing was saved, and your words are still "
            "in the box. To go on as whoever is here now, copy them and reload the page."
        )
    else:
        leaf.notice = _(
            "Since you opened this page, you’ve saved something, joined a group or come back in "
            "another tab. Tap Save to keep these words too."
        )
    return leaf


# Why a browser that was known is known no longer: as far as it can be told, and no further.
SIGNED_OUT = gettext_lazy(
    "This browser has been signed out, perhaps from another device, or because everything was "
    "erased there."
)
COOKIE_GONE = gettext_lazy(
    "This browser no longer has the cookie we knew you by: it was cleared or has expired, or you "
    "signed out in another tab."
)
STILL_IN_THE_BOX = gettext_lazy(
    "Nothing was saved just now, but your words are still in the box. Come back below to save "
    "them, or agree again to save them as someone new."
)
