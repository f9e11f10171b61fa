"""Target, allow, deny, mapping, group: each against a few lines that say the same more slowly."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config.model import Backend, FlatmapOp
from understudy.gateway.formatter import allow, deny, formatter, rename, target

DATA: dict[str, Any] = {"a": {"b": {"c": 1}, "d": 2}, "e": [1], "f": None}


def backend(**options: Any) -> Backend:
    """With these manipulations."""
    return Backend(index=0, hosts=("http://h",), url_pattern="/", method="GET", **options)


@pytest.mark.parametrize(
    ("options", "out"),
    [
        ({"target": "a"}, DATA["a"]),
        ({"target": "a.b"}, {"c": 1}),
        ({"target": "e"}, {}),
        ({"target": "no"}, {}),
        ({"allow": ("a.b",)}, {"a": {"b": {"c": 1}}}),
        ({"allow": ("a.d", "e")}, {"a": {"d": 2}, "e": [1]}),
        ({"allow": ("no", "a.b.c.d")}, {}),
        ({"deny": ("a.b", "e")}, {"a": {"d": 2}, "f": None}),
        ({"deny": ("a.b.c",)}, {"a": {"b": {}, "d": 2}, "e": [1], "f": None}),
        ({"mapping": {"e": "x", "no": "y"}}, {"a": DATA["a"], "x": [1], "f": None}),
        ({"mapping": {"e": "x.y"}}, {"a": DATA["a"], "x": [1], "f": None}),
        ({"group": "g"}, {"g": DATA}),
        ({"allow": ("e",), "mapping": {"e": "x"}, "group": "g"}, {"g": {"x": [1]}}),
        ({"target": "a", "deny": ("d",), "group": "g"}, {"g": {"b": {"c": 1}}}),
        ({"allow": ("e",), "flatmap": (FlatmapOp("del", (("a",),)),)}, {"e": [1], "f": None}),
        ({"target": "a", "flatmap": (FlatmapOp("move", (("d",), ("z",))),), "group": "g"},
         {"g": {"b": {"c": 1}, "z": 2}}),
    ],
)  # fmt: skip
def test_steps_in_krakends_order(options: dict[str, Any], out: Any) -> None:
    """Target, then flatmap or allow, deny and mapping, then group."""
    reshape = formatter(backend(**options))
    assert reshape is not None
    assert reshape(copy.deepcopy(DATA)) == out


def test_nothing_to_do_is_no_step() -> None:
    """So that the plain path pays nothing."""
    assert formatter(backend()) is None


NAMES = st.sampled_from("abc")
OBJECTS = st.recursive(
    st.dictionaries(NAMES, st.integers(0, 3), max_size=3), lambda v: st.dictionaries(NAMES, v, max_size=3), max_leaves=6
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=3).map(tuple), max_size=4)


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every value that is no object, by its path."""
    if not isinstance(value, dict):
        return {path: value}
    found: dict[tuple[str, ...], Any] = {}
    for key, inner in value.items():
        found.update(leaves(inner, (*path, key)))
    return found


@given(OBJECTS, PATHS)
def test_deny_removes_what_is_below_its_paths_and_nothing_else(data: dict[str, Any], paths: Any) -> None:
    """Told leaf by leaf."""
    expected = {p: v for p, v in leaves(data).items() if not any(p[: len(d)] == d for d in paths)}
    assert leaves(deny(copy.deepcopy(data), paths)) == expected


@given(OBJECTS, PATHS)
def test_allow_lets_through_only_what_is_below_its_paths(data: dict[str, Any], paths: Any) -> None:
    """Each leaf of the result stands there in the data, below a listed path; without overlaps all of them do."""
    got = leaves(allow(copy.deepcopy(data), paths))
    known = leaves(data)
    below = {p: v for p, v in known.items() if any(p[: len(a)] == a for a in paths)}
    assert got.items() <= known.items() and got.keys() <= below.keys()
    overlaps = any(a != b and a[: len(b)] == b for a in paths for b in paths)
    if not overlaps:
        assert got == below


@given(OBJECTS, st.lists(NAMES, min_size=1, max_size=3))
def test_target_is_always_an_object(data: dict[str, Any], path: list[str]) -> None:
    """That of the path, or an empty one."""
    node: Any = data
    for key in path:
        node = node.get(key) if isinstance(node, dict) else None
    assert target(data, path) == (node if isinstance(node, dict) else {})


def test_renaming_takes_one_name_after_the_other() -> None:
    """A chain moves on."""
    assert rename({"a": 1, "c": 3}, {"a": "b", "b": "d"}) == {"c": 3, "d": 1}
