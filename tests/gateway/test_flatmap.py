"""Moving, deleting and appending inside data."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config.model import FlatmapOp
from understudy.gateway.flatmap import apply, with_flatmap
from understudy.gateway.types import Ask, Reply


def op(kind: str, *paths: str) -> FlatmapOp:
    """As the configuration reader makes it."""
    return FlatmapOp(kind, tuple(tuple(p.split(".")) for p in paths))


def made(data: dict[str, Any], *operations: FlatmapOp) -> Any:
    """Applied to a copy."""
    return apply(operations, copy.deepcopy(data))


DATA: dict[str, Any] = {
    "a": {"b": 1, "c": [{"x": 1, "y": 2}, {"x": 3}]}, "list": [1, 2], "more": [3], "nested": [[1], [2]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        (op("del", "a.b"), {"a": {"c": DATA["a"]["c"]}}),
        (op("del", "a.c.*.x"), {"a": {"b": 1, "c": [{"y": 2}, {}]}}),
        (op("del", "a.c.0"), {"a": {"b": 1, "c": [{"x": 3}]}}),
        (op("del", "list.*"), {"list": []}),
        (op("del", "a.b", "list"), {"a": {"c": DATA["a"]["c"]}, "list": ...}),
        (op("del", "no.such"), {}),
        (op("del", "a.c.7"), {}),
        (op("del", "a.b.c"), {}),
        (op("move", "a.b", "top"), {"a": {"c": DATA["a"]["c"]}, "top": 1}),
        (op("move", "a.b", "new.deep"), {"a": {"c": DATA["a"]["c"]}, "new": {"deep": 1}}),
        (op("move", "a.c.*.x", "a.c.*.z"), {"a": {"b": 1, "c": [{"y": 2, "z": 1}, {"z": 3}]}}),
        (op("move", "no.such", "top"), {}),
        (op("append", "more", "list"), {"list": [1, 2, 3], "more": ...}),
        (op("append", "a.b", "list"), {}),
        (op("append", "more", "a"), {}),
        (op("append", "no", "list"), {}),
    ],
)
def test_operations(operation: FlatmapOp, changed: dict[str, Any]) -> None:
    """What is not there is left alone."""
    expected = {k: v for k, v in {**DATA, **changed}.items() if v is not ...}
    assert made(DATA, operation) == expected


def test_operations_come_in_order() -> None:
    """The second sees what the first has made."""
    assert made({"a": 1}, op("move", "a", "b"), op("move", "b", "c"), op("del", "a")) == {"c": 1}


KEYS = st.sampled_from(["a", "b", "0", "1", "*"])
VALUES = st.recursive(
    st.integers(0, 3), lambda v: st.lists(v, max_size=3) | st.dictionaries(st.sampled_from("ab"), v), max_leaves=8
)
PATHS = st.lists(KEYS, min_size=1, max_size=3).map(tuple)


@given(st.dictionaries(st.sampled_from("ab"), VALUES), st.sampled_from(["del", "move", "append"]), PATHS, PATHS)
def test_any_paths_fit_any_data(data: dict[str, Any], kind: str, source: Any, target: Any) -> None:
    """Nothing is raised, and what is deleted is gone."""
    result = apply([FlatmapOp(kind, (source,) if kind == "del" else (source, target))], data)
    assert isinstance(result, dict)
    if kind == "del" and "*" not in source and not any(k.isdigit() for k in source):
        node: Any = result
        for key in source[:-1]:
            node = node.get(key) if isinstance(node, dict) else None
        assert not isinstance(node, dict) or source[-1] not in node


@pytest.mark.parametrize(
    ("reply", "data"),
    [
        (Reply({"a": 1}), {"b": 1}),
        (Reply({"a": 1}, errors=("a part failed",)), {"a": 1}),
        (Reply(None), None),
        (None, None),
    ],
)
async def test_a_merge_with_a_failed_part_stays_as_it_is(reply: Reply | None, data: Any) -> None:
    """As in KrakenD."""

    async def proxy(ask: Ask) -> Reply | None:
        return reply

    got = await with_flatmap(proxy, [op("move", "a", "b")])(
        Ask("GET", "/", {}, [], [], b"", asyncio.get_running_loop().time() + 1)
    )
    assert (got.data if got is not None else None) == data
