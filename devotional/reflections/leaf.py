"""The leaf: what a page needs to show a reader's own words after a section.

Gathers the boxes from the content, the database and a form that was just sent. Makes nothing and
changes nothing.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from devotional.content.library import Devotional, Prompt, Section
from devotional.readers.consent import has_agreed
from devotional.readers.models import Reader
from devotional.reflections.forms import ReflectionForm, sign_questions, text_name, version_name
from devotional.reflections.models import Reading, Reflection
from devotional.reflections.saving import Outcome, State


@dataclass(slots=True)
class Box:
    """One prompt with what stands in its box."""

    prompt: Prompt
    text: str = ""
    version: int = 0
    saved_at: datetime | None = None
    problem: str = ""
    other: str | None = None  # the newer words that a save met
    swapped: bool = False  # whether the box itself must be drawn anew, not only its state

    @property
    def name(self) -> str:
        return text_name(self.prompt.id)

    @property
    def version_name(self) -> str:
        return version_name(self.prompt.id)


@dataclass(slots=True)
class Leaf:
    """Everything on the panel."""

    devotional: Devotional
    section: Section
    boxes: list[Box]
    known: bool  # whether there is a reader, who then has a CSRF token
    agreed: bool
    reading: int = 1
    op: uuid.UUID = field(default_factory=uuid.uuid4)
    notice: str = ""  # said to the whole form

    @property
    def questions(self) -> str:
        return sign_questions(self.devotional, self.section)


def open_leaf(reader: Reader | None, devotional: Devotional, section: Section) -> Leaf:
    """The leaf as it stands for `reader`, in the newest reading. At most two queries."""
    reading = newest_reading(reader, devotional)
    kept = reflections_by_prompt(reader, reading, section)
    boxes = []
    for prompt in section.prompts:
        reflection = kept.get(prompt.id)
        boxes.append(Box(prompt) if reflection is None else box_of(prompt, reflection))
    return Leaf(
        devotional=devotional,
        section=section,
        boxes=boxes,
        known=reader is not None,
        agreed=has_agreed(reader),
        reading=reading.number if reading else 1,
    )


def newest_reading(reader: Reader | None, devotional: Devotional) -> Reading | None:
    if reader is None:
        return None
    return Reading.objects.by(reader).filter(devotional=devotional.id).order_by("-number").first()


def reflections_by_prompt(
    reader: Reader | None, reading: Reading | None, section: Section
) -> Mapping[str, Reflection]:
    if reader is None or reading is None:
        return {}
    found = Reflection.objects.by(reader).filter(reading=reading, section=section.id)
    return {reflection.prompt: reflection for reflection in found}


def box_of(prompt: Prompt, reflection: Reflection) -> Box:
    return Box(
        prompt=prompt,
        text=reflection.text,
        version=reflection.version,
        saved_at=reflection.written_at,
    )


def unsaved_leaf(
    reader: Reader | None, devotional: Devotional, section: Section, form: ReflectionForm
) -> Leaf:
    """The leaf with what was just sent in its boxes, none of it saved, and why."""
    boxes = [
        Box(
            prompt=prompt,
            text=form.words(prompt.id),
            version=int(form.cleaned_data.get(version_name(prompt.id)) or 0),
            problem=form.problem(prompt.id),
        )
        for prompt in form.prompts
    ]
    return Leaf(
        devotional=devotional,
        section=section,
        boxes=boxes,
        known=reader is not None,
        agreed=has_agreed(reader),
        reading=form.cleaned_data.get("reading") or 1,
        op=form.cleaned_data.get("op") or uuid.uuid4(),
    )


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
    by_prompt = {outcome.prompt: outcome for outcome in outcomes}
    for box in leaf.boxes:
        if outcome := by_prompt.get(box.prompt.id):
            box.version, box.saved_at = outcome.version, outcome.time
            if outcome.state is State.CONFLICT:
                box.saved_at = None
                box.problem = _(
                    "Newer words were saved here from another page or device. Yours are kept as "
                    "well. Save again to put yours in their place; neither is lost."
                )
    return leaf
