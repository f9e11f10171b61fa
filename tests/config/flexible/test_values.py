from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.values import (
    MISSING,
    bounded,
    equal,
    kind_name,
    less,
    same,
    truth,
    type_name,
    wrapped,
)  # fmt: skip

DATA = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
                    max_leaves=8)


def test_empty_things_are_false() -> None:
    assert not any(map(truth, (0, 0.0, "", [], {}, None, False, MISSING)))
    assert all(map(truth, (1, -0.5, "0", [0], {"a": 0}, True)))


def test_types_have_go_s_names() -> None:
    assert [type_name(v) for v in (1, 1.0, "", True, [], {}, None)] == [
        "int", "float64", "string", "bool", "[]interface {}", "map[string]interface {}", "<nil>"]
    assert [kind_name(v) for v in ([], {}, None, 1)] == ["slice", "map", "invalid", "int"]


def test_different_types_do_not_compare_and_the_remedy_is_said() -> None:
    with pytest.raises(Refusal, match=r"write 8080\.0"):
        equal(8080.0, 8080)
    with pytest.raises(Refusal, match="incompatible types"):
        less(1, "a")
    with pytest.raises(Refusal, match="non-comparable"):
        equal([], [])
    assert not equal(None, 1) and equal(None, MISSING) and less(1, 2) and less("a", "b")


@settings(deadline=None)
@given(DATA, DATA)
def test_same_is_an_equivalence_that_knows_types(first: Any, second: Any) -> None:
    assert same(first, first) and same(first, second) == same(second, first)
    assert not same(1, 1.0) and not same(True, 1)


@settings(deadline=None)
@given(DATA)
def test_ordinary_values_may_be_printed(value: Any) -> None:
    assert bounded(value) is value


def test_what_is_too_large_or_contains_itself_is_refused() -> None:
    own: dict[str, Any] = {}
    own["own"] = own
    wide: list[Any] = []
    for _ in range(30):
        wide = [wide, wide]
    long = ["x" * 1_000_000] * 40
    for value in (own, wide, long):
        with pytest.raises(Refusal, match="too large"):
            bounded(value)


@settings(deadline=None)
@given(st.integers())
def test_integers_wrap_at_64_bits(number: int) -> None:
    assert -(1 << 63) <= wrapped(number) < 1 << 63 and (wrapped(number) - number) % (1 << 64) == 0
