from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config import kinds
from understudy.config.kinds import Kind, Wrong, meant, shown

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3))
ALL = {name: kind for name, kind in vars(kinds).items() if isinstance(kind, Kind)}


@pytest.mark.parametrize(("kind", "value", "read"), [
    ("TEXT", "x", "x"), ("TEXT", 5, "5"), ("TEXT", True, "1"), ("TEXT", 1.5, "1.5"),
    ("INTEGER", "8080", 8080), ("INTEGER", 3.0, 3), ("INTEGER", True, 1), ("INTEGER", "", 0), ("INTEGER", "0x10", 16),
    ("INTEGER", "010", 8), ("INTEGER", "-5", -5),
    ("BOOLEAN", 1, True), ("BOOLEAN", "true", True), ("BOOLEAN", "", False), ("BOOLEAN", 0.0, False),
    ("DURATION", "2s", 2.0), ("DURATION", 5_000_000_000, 5.0),
    ("TEXTS", "one", ("one",)), ("TEXTS", ["a", 1], ("a", "1")), ("TEXTS", {}, ()), ("TEXTS", [None], ("",)),
    ("MAPPING", {"a": 1}, {"a": "1"}), ("MAPPING", [], {}), ("MAPPING", [{"a": "b"}], {"a": "b"}),
    ("INTEGERS", [1, "2"], (1, 2)), ("INTEGERS", 7, (7,)),
    ("OBJECTS", {}, []), ("OBJECTS", {"a": 1}, [{"a": 1}]), ("OBJECT", [], {}), ("OBJECT", [{"a": 1}], {"a": 1}),
])
def test_values_are_weakly_typed_as_in_krakend(kind: str, value: Any, read: Any) -> None:
    assert ALL[kind].read(value) == read


@pytest.mark.parametrize(("kind", "value", "why"), [
    ("TEXT", [], "must be a text, not an empty list"), ("TEXT", {"a": 1}, "not an object"),
    ("INTEGER", "three", 'not the text "three"'), ("INTEGER", 2**64, "out of range"), ("INTEGER", " 3", "whole number"),
    ("INTEGER", float("inf"), "out of range"), ("INTEGER", [], "whole number"), ("INTEGER", "08", "whole number"),
    ("BOOLEAN", "yes", "must be true or false"), ("BOOLEAN", [], "must be true or false"),
    ("DURATION", "soon", "not a duration"), ("DURATION", {}, "must be a duration"),
    ("TEXTS", {"a": 1}, "list of texts"), ("TEXTS", [[]], "must be a text"), ("MAPPING", "x", "object of texts"),
    ("OBJECTS", "x", "list of objects"), ("OBJECT", "x", "must be an object"), ("INTEGERS", ["x"], "whole number"),
])
def test_a_wrong_value_is_refused_with_what_it_must_be(kind: str, value: Any, why: str) -> None:
    with pytest.raises(Wrong, match=why):
        ALL[kind].read(value)


def test_the_place_inside_a_list_is_told() -> None:
    with pytest.raises(Wrong) as caught:
        ALL["TEXTS"].read(["a", {}])
    assert caught.value.at == (1,)


@given(st.sampled_from(sorted(ALL)), JSON)
def test_every_kind_takes_or_refuses_any_value(kind: str, value: Any) -> None:
    try:
        ALL[kind].read(value)
    except Wrong as wrong:
        assert len(str(wrong)) > 10


@given(JSON)
def test_any_value_is_shown_in_few_words(value: Any) -> None:
    assert 0 < len(shown(value)) < 90


def test_near_words_are_proposed_and_far_ones_are_not() -> None:
    assert meant("encodng", ["encoding", "host"]) == '; did you mean "encoding"?'
    assert meant("ENCODING", ["encoding"]) == '; did you mean "encoding"?'
    assert meant("zebra", ["encoding"]) == ""
    assert meant(5, ["encoding"]) == ""
