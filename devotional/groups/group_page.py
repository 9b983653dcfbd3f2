"""What a group's page shows: the same for its leader and its members (T6).

Names, this week's section, and what was shared. Nothing here counts what a person did, and
nothing says who did not: "I've read it" is there where a member said so, and nowhere else.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import groupby

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from devotional.content.library import Devotional, Library, Section
from devotional.groups.access import members_with, shares_with
from devotional.groups.clock import Habits, name_of, zone_words
from devotional.groups.models import Group, Membership, ReadIt, Share
from devotional.groups.schedule import Schedule, is_finished, schedule_of, this_week, this_week_of
from devotional.readers.access import words_of

PAGE = 20  # shares a page
WEIGHT = 60_000  # letters a page, so that twenty long ones still open on a train
LONG = 420  # letters that stand unfolded: about a dozen lines on a phone
LINES = 8


@dataclass(frozen=True, slots=True)
class Words:
    """A share as it is shown."""

    id: uuid.UUID
    section: str
    asked: str
    name: str
    shared_at: datetime
    text: str | None  # None where the keys at hand don't open it
    is_own: bool

    @property
    def is_long(self) -> bool:
        text = self.text or ""
        return len(text) > LONG or text.count("\n") >= LINES


@dataclass(frozen=True, slots=True)
class Passage:
    """What was shared on one section, the newest first."""

    id: str
    title: str
    words: list[Words]


@dataclass(frozen=True, slots=True)
class NextMeeting:
    """When one meets next, and by whose clock, where an hour was agreed on."""

    words: str
    begins: datetime | None

    @property
    def zone(self) -> tzinfo | None:
        return self.begins.tzinfo if self.begins else None

    @property
    def zone_name(self) -> str:
        return name_of(self.zone) if self.zone else ""

    @property
    def zone_words(self) -> str:
        return zone_words(self.zone) if self.zone else ""


def next_of(plan: Schedule, habits: Habits) -> NextMeeting | None:
    meeting = this_week(plan, timezone.now())
    return NextMeeting(meeting.words(habits), meeting.begins) if meeting else None


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Everything on the page."""

    me: Membership
    devotional: Devotional | None
    section: Section | None  # this week's
    members: list[Membership]
    read_by: list[Membership]  # who said of this week's section that they've read it
    next: NextMeeting | None = None
    is_finished: bool = False
    passages: list[Passage] = field(default_factory=list)
    start: int = 0
    after: int = 0  # where the next page begins; 0 where there is none

    @property
    def leader(self) -> Membership:
        return self.members[0]

    @property
    def i_read_it(self) -> bool:
        return self.me in self.read_by

    @property
    def have_read_it(self) -> str:
        """ "Ruth and Tom have read it." """
        said = ngettext("{names} has read it.", "{names} have read it.", len(self.read_by))
        return format_html(said, names=in_words([each.name for each in self.read_by]))

    @property
    def before(self) -> int:
        return max(0, self.start - PAGE)


def in_words(names: list[str]) -> str:
    """Names as a list is spoken, each kept from turning the words around it."""
    most = format_html_join(", ", "<bdi>{}</bdi>", [[name] for name in names[:-1]])
    last = format_html_join("", "<bdi>{}</bdi>", [[name] for name in names[-1:]])
    return format_html(_("{names} and {last}"), names=most, last=last) if most else last


def section_now(group: Group, devotional: Devotional | None) -> Section | None:
    """Where the group is this week: after the end at the last; None where there is no text."""
    if devotional is None:
        return None
    return this_week_of(group, devotional, timezone.now()) or devotional.sections[-1]


def page_of(me: Membership, library: Library, *, habits: Habits, start: int = 0) -> GroupPage:
    """The page as it stands for one member, with the shares from `start` on. Three queries."""
    devotional = library.devotional(me.group.devotional)
    section = section_now(me.group, devotional)
    plan, now = schedule_of(me.group, devotional), timezone.now()
    members = list(members_with(me))
    shares = list(by_section(me, devotional)[start : start + PAGE + 1])
    shown = list(within_weight(shares[:PAGE], me))
    return GroupPage(
        me=me,
        devotional=devotional,
        section=section,
        members=members,
        read_by=readers_of(section, members),
        next=next_of(plan, habits),
        is_finished=is_finished(plan, now),
        passages=passages_of(shown, devotional),
        start=start,
        after=start + len(shown) if len(shown) < len(shares) else 0,
    )


def by_section(me: Membership, devotional: Devotional | None) -> QuerySet[Share]:
    """What was shared: the last section first, and within it the newest first."""
    sections = devotional.sections if devotional else ()
    places = [When(section=section.id, then=Value(section.number)) for section in sections]
    by_time = ("section", "-shared_at", "-id")
    if not places:
        return shares_with(me).order_by(*by_time)
    number = Case(*places, default=Value(0), output_field=IntegerField())
    return shares_with(me).order_by(number.desc(), *by_time)


def within_weight(shares: list[Share], me: Membership) -> Iterator[Words]:
    """As many of `shares` as a page bears; always one."""
    weight = 0
    for share in shares:
        text = words_of(share)
        weight += len(text or "")
        if weight > WEIGHT and weight > len(text or ""):
            return
        yield Words(
            id=share.id,
            section=share.section,
            asked=share.asked,
            name=share.membership.name,
            shared_at=share.shared_at,
            text=text,
            is_own=share.membership_id == me.pk,
        )


def passages_of(words: list[Words], devotional: Devotional | None) -> list[Passage]:
    return [
        Passage(id=section, title=title_of(section, devotional), words=list(each))
        for section, each in groupby(words, key=lambda words: words.section)
    ]


def title_of(section_id: str, devotional: Devotional | None) -> str:
    """The title of a section; of one that was taken out, what its name in the address tells."""
    section = devotional.section(section_id) if devotional else None
    return section.title if section else section_id.replace("-", " ").capitalize()


def readers_of(section: Section | None, members: list[Membership]) -> list[Membership]:
    """Who of `members` said of `section` that they've read it."""
    if section is None:
        return []
    said = ReadIt.objects.filter(membership__in=members, section=section.id)
    ids = set(said.values_list("membership", flat=True))
    return [member for member in members if member.pk in ids]


def say_read(me: Membership, section: str, *, is_read: bool) -> None:
    """Note that `me` says of `section` "I've read it", or doesn't any more."""
    if is_read:
        ReadIt.objects.get_or_create(membership=me, section=section)
    else:
        ReadIt.objects.filter(membership=me, section=section).delete()


# All of one's own


@dataclass(frozen=True, slots=True)
class MyGroup:
    """One of a reader's groups, as it stands in the list of them."""

    me: Membership
    group: Group
    devotional: Devotional | None
    section: Section | None  # this week's
    next: NextMeeting | None


def all_of(memberships: QuerySet[Membership], library: Library, *, habits: Habits) -> list[MyGroup]:
    """The groups of `memberships`, each with this week's section. One query."""
    mine = []
    for me in memberships:
        devotional = library.devotional(me.group.devotional)
        plan, section = schedule_of(me.group, devotional), section_now(me.group, devotional)
        mine.append(MyGroup(me, me.group, devotional, section, next_of(plan, habits)))
    return mine
