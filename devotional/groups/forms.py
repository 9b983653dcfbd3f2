"""Forms about groups: making one, and what its leader may change."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devotional.content.library import Devotional, Library
from devotional.groups.names import NameField

MOST = 200  # members that a leader may let in unasked


class FirstNameForm(forms.Form):
    """By what name the group knows someone."""

    first_name = NameField(
        max_length=40,
        error_messages={
            "required": gettext_lazy("Please enter your first name, whatever people call you."),
            "max_length": gettext_lazy("Please keep the name to 40 characters."),
        },
    )


class GroupNameForm(forms.Form):
    name = NameField(
        max_length=60,
        error_messages={
            "required": gettext_lazy("Please give the group a name, such as “Thursdays”."),
            "max_length": gettext_lazy("Please keep the group’s name to 60 characters."),
        },
    )


class MakingForm(GroupNameForm, FirstNameForm):
    """A new group: three things, or two where there is one devotional only."""

    field_order = ["devotional", "name", "first_name"]

    op = forms.UUIDField(required=False)

    def __init__(self, data: Any = None, *, library: Library, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.library = library
        choices = [(each.id, each.title) for each in library.devotionals]
        self.fields["devotional"] = forms.ChoiceField(
            choices=choices,
            error_messages={
                "required": _("Please choose what you’ll read."),
                "invalid_choice": _("This text is no longer available. Please choose another."),
            },
        )
        self.order_fields(self.field_order)

    def clean_devotional(self) -> Devotional:
        found = self.library.devotional(self.cleaned_data["devotional"])
        if found is None:
            raise forms.ValidationError(_("Please choose what you’ll read."))
        return found


class LeadingForm(GroupNameForm):
    """The group's name, and how many may join before its leader is asked."""

    limit = forms.IntegerField(
        min_value=1,
        max_value=MOST,
        error_messages={
            "required": gettext_lazy("Please enter a number."),
            "invalid": gettext_lazy("Please enter a number."),
            "min_value": gettext_lazy("There has to be room for at least one."),
            "max_value": gettext_lazy("The most is %(limit_value)s."),
        },
    )


class ReadForm(forms.Form):
    """ "I've read it", of which section, and whether it is so."""

    section = forms.CharField(max_length=64)
    read = forms.ChoiceField(choices=[("yes", ""), ("no", "")])


class StartForm(forms.Form):
    """Which page of the shares the address asks for."""

    start = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)
