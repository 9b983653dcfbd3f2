"""Forms about when a group meets: in making it, where all may be left out, and in changing it."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devotional.content.library import Devotional
from devotional.groups.models import Group
from devotional.groups.schedule import (
    Rhythm,
    day_in,
    first_day,
    first_to_come,
    next_monday,
    schedule_of,
    this_week,
    this_week_of,
    zone_of,
)
from devotional.groups.time_zones import is_zone, zones

RHYTHMS = [
    (Rhythm.OWN_PACE, gettext_lazy("At our own pace")),
    (Rhythm.DAILY, gettext_lazy("Every day")),
    (Rhythm.WEEKLY, gettext_lazy("Every week")),
    (Rhythm.FORTNIGHTLY, gettext_lazy("Every two weeks")),
]
STARTS = [
    ("this", gettext_lazy("This week")),
    ("next", gettext_lazy("Next week")),
    ("on", gettext_lazy("On a date I choose")),
]
KEEP = ("keep", gettext_lazy("Continue from where we are"))
THURSDAY = 3
LINE = {"class": "line"}
EARLIEST = LATEST = timedelta(days=366)  # a group may have begun a while ago, or begin in spring


class ZoneField(forms.ChoiceField):
    """A place from the list. Another name that is a zone's stays good where it stood before."""

    def valid_value(self, value: str) -> bool:
        return is_zone(value)


class ScheduleForm(forms.Form):
    """When a new group meets. Left alone it says: at our own pace."""

    rhythm = forms.TypedChoiceField(
        required=False,
        choices=RHYTHMS,
        coerce=lambda value: Rhythm(int(value)),
        initial=Rhythm.OWN_PACE,
        widget=forms.RadioSelect,
    )
    weekday = forms.TypedChoiceField(
        required=False,
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.Select(attrs=LINE),
    )
    meets_at = forms.TimeField(
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={**LINE, "type": "time"}),
        error_messages={"invalid": gettext_lazy("Please enter the time like this: 19:30.")},
    )
    starting = forms.ChoiceField(required=False, choices=STARTS, widget=forms.Select(attrs=LINE))
    first_on = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={**LINE, "type": "date"}),
        error_messages={"invalid": gettext_lazy("Please enter the date like this: 2026-11-26.")},
    )
    time_zone = ZoneField(
        required=False,
        choices=zones,
        widget=forms.Select(attrs=LINE),
        error_messages={"invalid_choice": gettext_lazy("Please choose a time zone from the list.")},
    )

    def __init__(self, data: Any = None, *, now: datetime, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.now = now
        self.fields["weekday"].initial = THURSDAY
        self.fields["time_zone"].initial = settings.TIME_ZONE
        if not self.is_bound:
            self.let_the_device_say()

    def let_the_device_say(self) -> None:
        """Nobody chose a zone yet: a script may fill in where this device is."""
        widget = self.fields["time_zone"].widget
        widget.attrs = {**widget.attrs, "data-own-zone": True}

    def clean_rhythm(self) -> Rhythm:
        return Rhythm(self.cleaned_data["rhythm"] or Rhythm.OWN_PACE)

    def clean_weekday(self) -> int:
        chosen = self.cleaned_data["weekday"]
        return THURSDAY if chosen == "" else int(chosen)

    def clean_time_zone(self) -> str:
        return self.cleaned_data["time_zone"] or settings.TIME_ZONE

    def clean(self) -> None:
        asked = self.cleaned_data
        if asked.get("rhythm") == Rhythm.OWN_PACE or asked.get("starting") != "on":
            return
        first_on: date | None = asked.get("first_on")
        today = day_in(zone_of(asked.get("time_zone", "")), self.now)
        if "first_on" in self.errors:
            return
        if first_on is None:
            self.add_error("first_on", _("Please choose a start date."))
        elif not today - EARLIEST <= first_on <= today + LATEST:
            self.add_error("first_on", _("Please choose a date within the next year."))

    def columns(self) -> dict[str, Any]:
        """What the group keeps of it."""
        asked = self.cleaned_data
        kept = {"rhythm": asked["rhythm"], "time_zone": asked["time_zone"], "skipped": []}
        if asked["rhythm"] == Rhythm.OWN_PACE:
            return {**kept, "first_on": None, "meets_at": None}
        return {**kept, "first_on": self.beginning(), "meets_at": asked["meets_at"]}

    def beginning(self) -> date:
        """The day of the first meeting.

        "This week" is the next such day from now on, also where this week's is over already; so
        on a Friday, Thursdays begin on the same day for "this week" and "next week".
        """
        asked = self.cleaned_data
        rhythm, weekday, zone = asked["rhythm"], asked["weekday"], zone_of(asked["time_zone"])
        if asked["starting"] == "on":
            return first_day(rhythm, weekday, from_day=asked["first_on"])
        if asked["starting"] == "next":
            return first_day(rhythm, weekday, from_day=next_monday(day_in(zone, self.now)))
        return first_to_come(rhythm, weekday, asked["meets_at"], zone, now=self.now)


class ChangingForm(ScheduleForm):
    """The same for a group that is there: with where it is, and how to go on from there."""

    section = forms.ChoiceField(required=False)

    def __init__(
        self, data: Any = None, *, group: Group, devotional: Devotional, now: datetime
    ) -> None:
        self.group = group
        self.old = schedule_of(group, devotional)
        super().__init__(data, now=now)
        self.next_one = this_week(self.old, now)
        here = this_week_of(group, devotional, now) or devotional.sections[0]
        self.here = here.id
        sections = [(each.id, each.title) for each in devotional.sections]
        self.fields["section"] = forms.ChoiceField(
            required=False,
            choices=sections,
            initial=self.here,
            widget=forms.Select(attrs=LINE),
        )
        self.fields["rhythm"].initial = self.old.rhythm
        self.fields["meets_at"].initial = group.meets_at
        zone = self.fields["time_zone"]
        if isinstance(zone, ZoneField):
            zone.initial, zone.choices = group.time_zone, zones(group.time_zone)
        if self.next_one and group.first_on:
            self.fields["weekday"].initial = group.first_on.weekday()
            self.fields["starting"] = forms.ChoiceField(
                required=False,
                choices=[KEEP, *STARTS],
                initial="keep",
                widget=forms.Select(attrs=LINE),
            )

    def let_the_device_say(self) -> None:
        if not self.old.meetings:
            super().let_the_device_say()

    def clean_section(self) -> str:
        return self.cleaned_data["section"] or self.here

    def columns(self) -> dict[str, Any]:
        asked = self.cleaned_data
        columns = {**super().columns(), "section": asked["section"]}
        if not self.goes_on():
            return columns
        if self.is_as_before():  # so what was, stays where it was
            unchanged = ("first_on", "section", "skipped")
            return {name: value for name, value in columns.items() if name not in unchanged}
        return {**columns, "skipped": self.group.skipped}

    def goes_on(self) -> bool:
        asked = self.cleaned_data
        is_kept = asked["starting"] in ("keep", "")
        return bool(self.next_one and asked["rhythm"] != Rhythm.OWN_PACE and is_kept)

    def is_as_before(self) -> bool:
        asked, first_on = self.cleaned_data, self.group.first_on
        same_day = asked["rhythm"] == Rhythm.DAILY or (
            first_on is not None and asked["weekday"] == first_on.weekday()
        )
        return asked["rhythm"] == self.old.rhythm and same_day and asked["section"] == self.here

    def beginning(self) -> date:
        asked = self.cleaned_data
        if self.goes_on() and self.next_one and asked["weekday"] == self.next_one.on.weekday():
            return self.next_one.on  # and so in the same of every two weeks
        return super().beginning()


class SkipForm(forms.Form):
    """One day, and whether there is no meeting on it or is one after all."""

    day = forms.DateField(input_formats=["%Y-%m-%d"])
    meets = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
