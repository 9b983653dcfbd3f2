"""Choosing words of one's own: by selecting them, or sentence by sentence without a script.

What is chosen is a passage of the text as it stands, and as it stood when the page was made. What
is done with it is for the slices above.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devotional.reflections.answers import digest
from devotional.reflections.forms import WordsField
from devotional.reflections.passages import Passage, pieces_of


class ChoosingForm(forms.Form):
    """The words that were chosen: by selecting them, or by pieces, from the first to the last."""

    stale = gettext_lazy(
        "You’ve changed this answer since you opened the page. Here’s how it reads now."
    )

    seen = forms.CharField(max_length=64)
    quote = WordsField()
    at = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)

    def __init__(self, data: Any, *, text: str) -> None:
        super().__init__(data)
        self.text = text
        self.pieces = pieces_of(text)
        numbers = [(str(number), "") for number, _piece in enumerate(self.pieces)]
        self.fields["piece"] = forms.TypedMultipleChoiceField(
            coerce=int, required=False, choices=numbers
        )

    def clean(self) -> None:
        if self.cleaned_data.get("seen") != digest(self.text):
            raise ValidationError(self.stale, code="stale")
        passage = Passage.lifted(self.text, *self.span())
        if passage is None:
            raise ValidationError(_("Nothing chosen yet. Tap the words you mean."))
        self.cleaned_data["passage"] = passage

    def span(self) -> tuple[int, int]:
        """From where to where in the text; nowhere for a selection that isn't from it."""
        if quote := self.cleaned_data.get("quote"):
            start = self.cleaned_data.get("at") or 0
            return (start, start + len(quote)) if self.text.startswith(quote, start) else (0, 0)
        chosen = self.cleaned_data.get("piece")
        if not chosen:
            return 0, 0
        return self.pieces[min(chosen)].start, self.pieces[max(chosen)].end

    @property
    def is_stale(self) -> bool:
        return self.has_error("__all__", "stale")
