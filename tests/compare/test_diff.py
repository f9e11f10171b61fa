from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from tests.compare.exchanges import compared, data, findings, rules
from understudy.compare.diff import diff

MIRRORED = {"missing": "extra", "extra": "missing"}


@pytest.mark.parametrize(("a", "b", "wanted"), [
    ({"a": 1}, {"a": 2}, [("$.a", "value")]),
    ({"a": 1}, {}, [("$.a", "missing")]),
    ({}, {"a": None}, [("$.a", "extra")]),
    ({"a": 1}, {"a": "1"}, [("$.a", "type")]),
    ({"a": True}, {"a": 1}, [("$.a", "type")]),
    ({"a": 0}, {"a": False}, [("$.a", "type")]),
    ({"a": None}, {"a": {}}, [("$.a", "type")]),
    ({"a": []}, {"a": {}}, [("$.a", "type")]),
    (1, 2, [("$", "value")]),
    ([1, 2, 3], [1, 3, 2], [("$", "order")]),
    ([1, 2], [1, 2, 3], [("$", "length")]),
    ([1, 2, 3], [2, 3], [("$", "length")]),
    ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 3}], [("$[*].a", "value")]),
    ([{"a": 1}, {"a": 2}, 7], [{"a": 1}, {"a": "2"}], [("$", "length"), ("$[*].a", "type")]),
    ([[True]], [[1]], [("$[*][*]", "type")]),
    ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 1}]}}, []),
])
def test_kinds(a: Any, b: Any, wanted: list[tuple[str, str]]) -> None:
    assert findings(a, b) == wanted


def test_a_difference_says_where_and_what() -> None:
    [found] = compared({"items": [{"p": 1}, {"p": Raw("1.10")}]}, {"items": [{"p": 1}, {"p": "1.10"}]}).differences
    assert (found.path, found.kind, found.place, found.primary, found.other) == (
        "$.items[*].p", "type", "$.items[1].p", "1.10", '"1.10"')


@pytest.mark.parametrize(("a", "b"), [(1, Raw("1.0")), (Raw("1e0"), Raw("1.00")), (10**30, Raw("1e30"))])
def test_spellings_of_a_number_are_equal_everywhere(a: Any, b: Any) -> None:
    assert findings({"x": a}, {"x": b}) == [] and findings([a, 5], [b, 5]) == []
    assert findings([5, a], [b, 5]) == [("$", "order")]
    assert findings([a, "s"], ["s", b], unordered=("$",)) == []


def test_maps_have_one_path() -> None:
    a = {f"k{n}": {"v": n} for n in range(70)}
    b = {f"k{n}": {"v": n + 1} for n in range(70)}
    assert findings(a, b) == [("${*}.v", "value")]
    few = {k: a[k] for k in list(a)[:64]}
    assert len(findings(few, {k: b[k] for k in few})) == 64


@given(data)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert compared(value, copy.deepcopy(value)).differences == ()


@given(data, data)
def test_unequal_values_differ_and_kinds_mirror(a: Any, b: Any) -> None:
    found = findings(a, b)
    assert bool(found) == (not identical(a, b))
    assert sorted((path, MIRRORED.get(kind, kind)) for path, kind in found) == sorted(findings(b, a))


def identical(a: Any, b: Any) -> bool:
    """The oracle: equal, and of the same types all the way down."""
    return a == b and repr(ordered(a)) == repr(ordered(b))


def ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: ordered(value[k]) for k in sorted(value)}
    return [ordered(v) for v in value] if isinstance(value, list) else value


@given(data, data)
def test_ignoring_every_path_found_leaves_nothing(a: Any, b: Any) -> None:
    rest = {path for path, _ in findings(a, b)}
    ignored: set[str] = set()
    for _ in range(20):
        if not rest:
            break
        assert not rest & ignored
        ignored |= rest
        rest = {path for path, _ in findings(a, b, ignore=tuple(sorted(ignored)))}
    assert not rest


@given(data, data, st.sampled_from(["$.a", "$..b", "$[*]", "$[1]", "$.*", "$"]))
def test_rules_make_nothing_of_nothing_and_remove_what_they_name(a: Any, b: Any, path: str) -> None:
    assert findings(a, copy.deepcopy(a), ignore=(path,), unordered=(path,), tolerance={path: 1.0}) == []
    plain = findings(a, b)
    wider = findings(a, b, ignore=(path,), unordered=(path,), tolerance={path: 1.0})
    assert bool(wider) <= bool(plain)
    if path == "$":
        assert wider == []


@given(st.lists(data, max_size=6), st.randoms(use_true_random=False))
def test_an_unordered_list_is_equal_to_its_permutations(items: list[Any], chance: random.Random) -> None:
    mixed = copy.deepcopy(items)
    chance.shuffle(mixed)
    assert findings({"a": items}, {"a": mixed}, unordered=("$.a",)) == []
    kinds = {kind for _, kind in findings({"a": items}, {"a": [*mixed, "new"]}, unordered=("$.a",))}
    assert "length" in kinds


def test_unordered_lists_pair_what_is_left() -> None:
    a = [{"id": 1, "t": 5}, {"id": 2, "t": 6}, {"id": 3, "x": 1}]
    b = [{"id": 3, "x": 2}, {"id": 2, "t": 7}, {"id": 1, "t": 8}]
    assert findings(a, b, unordered=("$",), ignore=("$[*].t",)) == [("$[*].x", "value")]
    assert findings([Raw("1.0"), 5], [Raw("5.001"), Raw("1.001")], unordered=("$",), tolerance={"$": 0.01}) == []
    assert findings([{"n": "b", "p": 1}, {"n": "a", "p": 5}], [{"n": "a", "p": 6}, {"n": "b", "p": 2}],
                    unordered=("$",), tolerance={"$[*].p": 1}) == []  # fmt: skip


def test_lists_can_be_matched_by_a_key() -> None:
    a = [{"id": 1, "p": 1}, {"id": 2, "p": 2}, {"id": 3, "p": 3}]
    b = [{"id": Raw("3.0"), "p": 4}, {"id": 1, "p": 1}, {"id": 9, "p": 9}]
    assert findings(a, b, id_field={"$": "id"}) == [("$[*]", "missing"), ("$[*].p", "value"), ("$[*]", "extra")]
    assert findings(a, a[::-1], id_field={"$": "id"}) == []
    assert findings([{"id": 1}, {"id": 1}, 5], [5, {"id": 1}], id_field={"$": "id"}) == [("$[*]", "missing")]


def test_tolerance() -> None:
    assert findings({"p": Raw("1.10")}, {"p": Raw("1.11")}, tolerance={"$.p": 0.01}) == []
    assert findings({"p": Raw("1.10")}, {"p": Raw("1.12")}, tolerance={"$.p": 0.01}) == [("$.p", "value")]
    assert findings({"p": 1}, {"p": "1"}, tolerance={"$.p": 5}) == [("$.p", "type")]


def test_no_more_than_the_limit_is_told_and_the_rest_is_counted() -> None:
    a, b = ({f"g{g}": {f"k{n}": v for n in range(60)} for g in range(60)} for v in (1, 2))
    found = compared(a, b, limit=10)
    assert len(found.differences) == 10 and found.more == 3590 and found.complete
    assert compared(a, b, limit=10, nodes=500).complete is False


@pytest.mark.parametrize("given_rules", [{}, {"unordered": ("$",)}, {"id_field": {"$": "id"}}, {"ignore": ("$..x",)}])
def test_huge_lists_are_looked_at_up_to_a_bound(given_rules: dict[str, Any]) -> None:
    a, b = [list(range(n, n + 5)) for n in range(50_000)], [list(range(n, n + 5)) for n in range(50_001, 0, -1)]
    found = compared(a, b, nodes=20_000, **given_rules)
    assert not found.complete and len(found.differences) <= 100


@given(data, data)
def test_the_same_again(a: Any, b: Any) -> None:
    once = rules(ignore=("$..a",), unordered=("$..b",))
    assert diff(a, b, once) == diff(a, b, once) == diff(a, b, rules(ignore=("$..a",), unordered=("$..b",)))


def test_texts_with_nul_and_texts_that_look_like_marks_are_not_mixed_up() -> None:
    assert findings([["a", "b"], 1], [['a\0"b'], 1]) != []
    assert findings([["#1"], [1]], [[1], ["#1"]]) == [("$", "order")]
    assert findings([{"a\0": 1}, 1], [{"a": 1}, 1]) != []
