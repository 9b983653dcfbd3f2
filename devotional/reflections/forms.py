"""The form after a section: one box a prompt, and the words exactly as they were typed.

The questions travel with the form, signed, as they stood when it was made: an answer is kept under
the words it answered, even if the author changed or removed them in the meantime.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from devotional.content.library import Devotional, Prompt, Section
from devotional.reflections.answers import LIMIT, Answer, Choice, digest

MOST_READINGS = 9_999  # of one devotional by one reader
LONE_SURROGATES = re.compile("[\ud800-\udfff]")


def as_stored(words: str) -> str:
    """The words with one kind of newline, and a mark for what no database can hold.

    Nothing else is touched: no trimming, no normalising.
    """
    words = words.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return LONE_SURROGATES.sub("\ufffd", words)


class WordsField(forms.CharField):
    """What a person wrote. Kept whole; only its size has a limit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, required=False, **kwargs)

    def to_python(self, value: Any) -> str:
        return as_stored("" if value is None else str(value))

    def validate(self, value: str) -> None:
        size = len(value.encode())
        if size > LIMIT:
            # The limit is in bytes, which nobody counts in; how many characters such as these fit?
            fits = LIMIT * len(value) // size
            raise ValidationError(
                _(
                    "This is too long for one box: about %(size)s thousand characters, and about "
                    "%(limit)s thousand like these is the most. Please shorten it, or move some of "
                    "it to another box. Nothing has been cut off."
                )
                % {"size": -(-len(value) // 1000), "limit": fits // 1000}
            )


def sign_questions(devotional: Devotional, section: Section) -> str:
    """The section's questions as they stand now, for the form to bring back."""
    questions = {prompt.id: prompt.words for prompt in section.prompts}
    return signing.dumps([section.digest, questions], salt=f"{devotional.id}/{section.id}")


def signed_questions(
    signed: str, *, devotional_id: str, section_id: str
) -> tuple[str, tuple[Prompt, ...]] | None:
    """The section's digest and questions that a form was made with; None if not ours."""
    try:
        section_digest, questions = signing.loads(signed, salt=f"{devotional_id}/{section_id}")
    except signing.BadSignature:
        return None
    return section_digest, tuple(Prompt(id=id_, words=words) for id_, words in questions.items())


class ReflectionForm(forms.Form):
    """One labelled box for each of `prompts`; only the boxes that were sent are answers."""

    op = forms.UUIDField(required=False, widget=forms.HiddenInput)
    reading = forms.IntegerField(required=False, min_value=1, max_value=MOST_READINGS)
    writer = forms.CharField(required=False, max_length=64)
    was = forms.CharField(required=False, max_length=64)  # who began it, and lost their session
    keep = forms.RegexField(rf"^({'|'.join(Choice)}):.{{1,64}}$", required=False)
    paper = forms.ChoiceField(choices=[("yes", ""), ("no", "")], required=False)

    def __init__(self, prompts: Iterable[Prompt], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.is_of_another = False  # whether it was begun over another reader's words
        self.prompts = tuple(prompts)
        for prompt in self.prompts:
            if not self.is_sent(prompt.id):
                continue
            self.fields[text_name(prompt.id)] = WordsField(label=prompt.words)
            self.fields[version_name(prompt.id)] = VersionField()
            self.fields[newest_name(prompt.id)] = VersionField()
            self.fields[seen_name(prompt.id)] = forms.CharField(required=False, max_length=64)

    @property
    def op_id(self) -> uuid.UUID:
        """The operation's id; a save without one can't be told from its repetition."""
        op: uuid.UUID | None = self.cleaned_data["op"]
        return op or uuid.uuid4()

    @property
    def reading_number(self) -> int:
        return self.cleaned_data.get("reading") or 1

    def choice(self, prompt_id: str) -> Choice | None:
        """What the reader decided about a box, by the button that sent the form."""
        what, _colon, where = (self.cleaned_data.get("keep") or "").partition(":")
        return Choice(what) if where == prompt_id else None

    def answers(self) -> list[Answer]:
        return [self.answer(prompt) for prompt in self.prompts if self.is_sent(prompt.id)]

    def answer(self, prompt: Prompt) -> Answer:
        choice = self.choice(prompt.id)
        # A choice is made with both texts in sight, so it is based on the newer one.
        seen = newest_name(prompt.id) if choice not in (None, Choice.UNDO) else ""
        text = self.cleaned_data[text_name(prompt.id)]
        return Answer(
            prompt=prompt.id,
            asked=prompt.words,
            text=text,
            is_untouched=self.cleaned_data.get(seen_name(prompt.id)) == digest(text),
            based_on=self.cleaned_data.get(seen) or self.version(prompt.id),
            choice=choice,
        )

    def is_sent(self, prompt_id: str) -> bool:
        return text_name(prompt_id) in self.data

    def version(self, prompt_id: str) -> int:
        if self.is_of_another:
            return 0
        return self.cleaned_data.get(version_name(prompt_id)) or 0

    def words(self, prompt_id: str) -> str:
        """What was sent for a prompt, whether or not it could be taken."""
        return as_stored(self.data.get(text_name(prompt_id), ""))

    def strays(self) -> list[str]:
        """Words for questions that the form doesn't know: never to be taken for saved."""
        known = {text_name(prompt.id) for prompt in self.prompts}
        sent = [name for name in self.data if name.startswith("text-") and name not in known]
        return [words for name in sent if (words := as_stored(self.data.get(name, ""))).strip()]

    def problem(self, prompt_id: str) -> str:
        return " ".join(str(error) for error in self.errors.get(text_name(prompt_id), []))


class VersionField(forms.IntegerField):
    def __init__(self) -> None:
        super().__init__(required=False, min_value=0, max_value=2**31 - 1)


def text_name(prompt_id: str) -> str:
    return f"text-{prompt_id}"


def version_name(prompt_id: str) -> str:
    return f"version-{prompt_id}"


def newest_name(prompt_id: str) -> str:
    return f"newest-{prompt_id}"


def seen_name(prompt_id: str) -> str:
    return f"seen-{prompt_id}"
