"""JSON in parts says what JSON in one piece would."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devotional.lib.json_stream import json_parts

texts = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.none() | st.booleans() | st.integers() | texts
values = st.recursive(
    plain, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20
)


def streamed(value: Any) -> Any:
    """The same with an iterator for each list."""
    match value:
        case dict():
            return {key: streamed(each) for key, each in value.items()}
        case list():
            return (streamed(each) for each in value)
    return value


@given(values)
def test_it_reads_back_as_it_was(value: Any) -> None:
    written = "".join(json_parts(streamed(value)))
    assert json.loads(written) == value
    assert json.loads(written.encode()) == value


def test_letters_stay_letters_and_it_can_be_read() -> None:
    value = {"words": iter(["é 👋 \u2028 \ufffd", "line\n"]), "none": iter([]), "empty": {}}
    assert "".join(json_parts(value)) == (
        '{\n  "words": [\n    "é 👋 \u2028 \ufffd",\n    "line\\n"\n  ],\n'
        '  "none": [],\n  "empty": {}\n}'
    )


def test_what_json_cannot_say_is_an_error() -> None:
    with pytest.raises(TypeError):
        list(json_parts({"bytes": b"x"}))
