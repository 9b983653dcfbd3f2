"""*I wrote on paper*: that a section was reflected on, and nothing else (W15)."""

from django.db import transaction

from devotional.readers.models import Reader
from devotional.readers.turn import take_turn
from devotional.reflections.answers import Place
from devotional.reflections.models import OnPaper
from devotional.reflections.saving import reading_for


def mark_on_paper(reader: Reader, place: Place, *, on: bool) -> None:
    """Mark the section as answered on paper, or take that back; twice is as once."""
    with transaction.atomic():
        take_turn(reader)
        reading = reading_for(reader, place)
        marks = OnPaper.objects.by(reader)
        if on:
            marks.get_or_create(reading=reading, section=place.section, defaults={"reader": reader})
        else:
            marks.filter(reading=reading, section=place.section).delete()
