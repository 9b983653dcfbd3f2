"""The files of the ZIP: Markdown for people, one JSON file for programs (K10).

The words stand in a Markdown file exactly as they were typed, nothing escaped. Above them stands
how many bytes they are, so that they can be cut out again whatever they say: see docs/export.md.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

import yaml
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from devotional.groups.models import Membership, Share
from devotional.journal.export import (
    Ahead,
    Earlier,
    Plan,
    TakenReading,
    TakenSection,
    Words,
)
from devotional.journal.export_json import everything_as_json
from devotional.journal.models import Hinge
from devotional.lib.file_names import file_name
from devotional.lib.zip_stream import File
from devotional.readers.access import words_of
from devotional.reflections.models import Revision

SHUT = gettext_noop(
    "This can’t be opened right now, because the server’s key doesn’t fit. It isn’t lost; please "
    "tell whoever runs the site."
)


@dataclass(frozen=True, slots=True)
class Revised:
    """The question of a reflection that had other wordings, and those."""

    asked: str
    earlier: Earlier


def folder_of(plan: Plan) -> str:
    """The name of the ZIP and of the folder inside: the day, and nothing of what it is about."""
    return f"my-words-{timezone.localtime(plan.made_at, plan.zone):%Y-%m-%d}"


def files_of(plan: Plan) -> Iterator[File]:
    """Every file in turn; the next one is made when the one before has been written."""
    inside = folder_of(plan)
    now = timezone.localtime(plan.made_at, plan.zone)
    yield File(f"{inside}/README.txt", now, [readme(plan)])
    for file in section_files(plan):
        yield replace(file, name=f"{inside}/{file.name}")
    if plan.hinges:
        yield File(f"{inside}/Hinges.md", now, hinges(plan))
    if any(map(is_in, plan.memberships)):
        yield File(f"{inside}/Groups.md", now, groups(plan))
    yield File(f"{inside}/everything.json", now, everything_as_json(plan), plan.is_huge)


def readme(plan: Plan) -> str:
    context = {"plan": plan, "site": settings.SITE_URL, "made": moment(plan.made_at, plan.zone)}
    return render_to_string("export/readme.txt", context)


def section_files(plan: Plan) -> Iterator[File]:
    """For each section of each reading a file, and one beside it where there were other wordings.

    That is only known once the first has been written, which is when this is asked for the next.
    """
    words = Words(plan)
    folders: dict[str, str] = {}
    taken: set[str] = set()
    for reading in plan.readings:
        if reading.devotional_id not in folders:
            folders[reading.devotional_id] = file_name(
                reading.title, taken=taken, otherwise=reading.devotional_id
            )
        folder = f"{folders[reading.devotional_id]}/{_('Reading')} {reading.number}"
        names: set[str] = set()
        for section in reading.sections:
            name = file_name(numbered(section), taken=names, otherwise=section.id)
            at = timezone.localtime(section.written_at or reading.begun_at, plan.zone)
            revised: list[Revised] = []
            parts = section_parts(plan.zone, reading, section, words, revised)
            yield File(f"{folder}/{name}.md", at, parts)
            if revised:
                parts = wordings_parts(plan.zone, reading, section, revised)
                yield File(f"{folder}/{name} ({_('earlier wordings')}).md", at, parts)


def numbered(section: TakenSection) -> str:
    if section.section is None:
        return section.title
    return f"{section.section.number} {section.section.label}"


def section_parts(
    zone: tzinfo,
    reading: TakenReading,
    section: TakenSection,
    words: Words,
    revised: list[Revised],
) -> Iterator[str]:
    """What was written in one section, as it stands; `revised` learns what stood there before."""
    yield front_matter(zone, reading, section)
    yield f"# {on_one_line(section.title)}\n"
    if section.on_paper:
        yield f"\n*{_('You wrote on paper.')}*\n"
    for reflection, earlier in words.of(section):
        yield f"\n## {on_one_line(reflection.asked)}\n\n*{moment(reflection.written_at, zone)}*\n\n"
        yield words_block(words_of(reflection))
        if earlier:
            revised.append(Revised(reflection.asked, earlier))


def wordings_parts(
    zone: tzinfo, reading: TakenReading, section: TakenSection, revised: list[Revised]
) -> Iterator[str]:
    """Earlier wordings, and those that came from another page or device, oldest first."""
    yield front_matter(zone, reading, section)
    yield f"# {_('Earlier versions')}: {on_one_line(section.title)}\n"
    for each in revised:
        yield f"\n## {on_one_line(each.asked)}\n"
        for revision in each.earlier.rows():
            yield f"\n### {moment(revision.written_at, zone)}\n\n"
            if revision.kind == Revision.Kind.CONFLICT:
                yield f"*{_('From another tab or device')}*\n\n"
            if revision.asked != each.asked:
                yield f"*{_('The question then:')} {on_one_line(revision.asked)}*\n\n"
            yield words_block(words_of(revision))


def hinges(plan: Plan) -> Iterator[str]:
    """Every line that was marked, in order of the marking."""
    titles = {reading.devotional_id: reading.title for reading in plan.readings}
    yield f"# {_('Hinges')}\n"
    marked = Hinge.objects.select_related("reflection__reading").defer("reflection__sealed")
    for hinge in Ahead(plan.reader, marked, plan.hinges).rows(plan.hinges):
        of = hinge.reflection
        title = titles.get(of.reading.devotional, of.reading.devotional)
        yield f"\n## {moment(hinge.marked_at, plan.zone)}\n\n"
        yield words_block(quote_of(words_of(hinge)))
        source = f"{on_one_line(title)}: {on_one_line(of.asked)}"
        yield f"\n*{source} {moment(of.written_at, plan.zone)}*\n"


def groups(plan: Plan) -> Iterator[str]:
    """The groups that the reader is in, and what they shared with each."""
    yield f"# {_('Groups')}\n"
    brought: dict[uuid.UUID, list[uuid.UUID]] = {}
    ids = Share.objects.by(plan.reader).filter(pk__in=plan.shares).order_by("shared_at", "id")
    for id_, group_id in ids.values_list("id", "group_id"):
        brought.setdefault(group_id, []).append(id_)
    for membership in filter(is_in, plan.memberships):
        group = membership.group
        own = brought.get(group.pk, [])
        yield f"\n## {on_one_line(group.name)}\n\n"
        known_as = {
            "name": on_one_line(membership.name),
            "at": moment(membership.joined_at, plan.zone),
        }
        yield f"*{_('As %(name)s, since %(at)s') % known_as}*\n"
        for share in Ahead(plan.reader, Share.objects.all(), own).rows(own):
            yield f"\n### {on_one_line(share.asked)}\n\n*{moment(share.shared_at, plan.zone)}*\n\n"
            yield words_block(words_of(share))


def is_in(membership: Membership) -> bool:
    return membership.standing == Membership.Standing.MEMBER


def quote_of(sealed: str | None) -> str | None:
    return None if sealed is None else str(json.loads(sealed)["quote"])


def words_block(words: str | None) -> str:
    """The very words between two lines; the first says how many bytes to take."""
    if words is None:
        return f"*{_(SHUT)}*\n"
    size = len(words.encode())
    return f"<!-- words: {size} bytes -->\n{words}\n<!-- end of words -->\n"


def front_matter(zone: tzinfo, reading: TakenReading, section: TakenSection) -> str:
    """The properties at the head of a file, quoted by YAML's own rules where they need it.

    Its days are the reader's: they are read by people, programs have everything.json.
    """
    properties: dict[str, object] = {
        "devotional": reading.title,
        "section": section.title,
        "reading": reading.number,
        "reading_begun": timezone.localtime(reading.begun_at, zone).date(),
    }
    if section.written_at:
        properties["written"] = timezone.localtime(section.written_at, zone).date()
    if section.on_paper:
        properties["on_paper"] = True
    dumped = yaml.safe_dump(properties, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{dumped}---\n\n"


def moment(at: datetime, zone: tzinfo) -> str:
    """`1 December 2026, 05:44 NZDT`: the reader's day and hour, and by whose clock that is."""
    return date_format(timezone.localtime(at, zone), "j F Y, H:i T")


def on_one_line(words: str) -> str:
    return " ".join(words.split())
