"""What KrakenD converts is said, and only that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config.kinds import BOOLEAN, DURATION, INTEGER, INTEGERS, MAPPING, OBJECTS, TEXT, TEXTS, Kind, Wrong
from understudy.config.lenient import converted, exact

RIGHT: list[tuple[Kind, st.SearchStrategy[Any]]] = [
    (TEXT, st.text()), (INTEGER, st.integers(-(2**63), 2**63 - 1)), (BOOLEAN, st.booleans()),
    (DURATION, st.integers(0, 10**6).map(lambda n: f"{n}ms")), (TEXTS, st.lists(st.text())),
    (INTEGERS, st.lists(st.integers(0, 10**6))), (MAPPING, st.dictionaries(st.text(), st.text())),
    (OBJECTS, st.lists(st.dictionaries(st.text(), st.integers()))),
]  # fmt: skip
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
                    max_leaves=6)  # fmt: skip


@given(st.data())
def test_a_value_of_the_right_type_is_not_talked_about(data: st.DataObject) -> None:
    """For every kind."""
    kind, values = data.draw(st.sampled_from(RIGHT))
    value = data.draw(values)
    assert converted(value, kind.read(value), kind) is None


@given(st.sampled_from([kind for kind, _ in RIGHT]), JSON)
def test_any_value_that_is_taken_is_exact_or_talked_about(kind: Kind, value: Any) -> None:
    """The sentence names a remedy."""
    try:
        made = kind.read(value)
    except Wrong:
        return
    said = converted(value, made, kind)
    assert (said is None) == exact(value, kind.schema)
    assert said is None or "write" in said


@pytest.mark.parametrize(("kind", "value", "words"), [
    (INTEGER, "8080", "counts as 8080"), (DURATION, 800, "nanoseconds"), (TEXTS, "a", "a list of one"),
    (TEXTS, [1], "items of another type"), (TEXT, 5, 'counts as the text "5"'), (BOOLEAN, "true", "counts as true"),
    (OBJECTS, {"a": 1}, "write a list"), (MAPPING, {"a": 1}, "write an object"), (INTEGER, True, "counts as 1"),
])  # fmt: skip
def test_the_sentence_says_what_it_counts_as(kind: Kind, value: Any, words: str) -> None:
    """In the words of the file."""
    assert words in (converted(value, kind.read(value), kind) or "")


def test_three_point_zero_is_a_whole_number() -> None:
    """Which YAML and JSON may write so."""
    assert exact(3.0, INTEGER.schema) and not exact(3.5, INTEGER.schema) and not exact(True, INTEGER.schema)
