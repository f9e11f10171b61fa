"""Answers and exchanges for tests of comparison."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from understudy.compare.diff import Found, diff
from understudy.compare.rules import Rules
from understudy.config.model import CompareRules
from understudy.exchange import Answer, Asked, Exchange, Observation

JSON = b"application/json"


def rules(*, limit: int = 100, nodes: int = 200_000, **given: Any) -> Rules:
    return Rules(CompareRules(**given), limit=limit, nodes=nodes)


def answer(body: bytes | None = b"{}", status: int = 200, kind: bytes | None = JSON,
           *more: tuple[bytes, bytes]) -> Answer:
    headers = [(b"Content-Type", kind)] if kind is not None else []
    return Answer(status, [*headers, *more], body, len(body or b""), 0.01)


def exchange(primary: Observation, candidate: Observation, control: Observation | None = None,
             method: str = "GET") -> Exchange:
    return Exchange(7, 0, "next", 1.0, Asked(method, "/", [], [], b""), primary, candidate, control)


def compared(a: Any, b: Any, **given: Any) -> Found:
    return diff(a, b, rules(**given))


def findings(a: Any, b: Any, **given: Any) -> list[tuple[str, str]]:
    return [(d.path, d.kind) for d in compared(a, b, **given).differences]


def written(value: Any) -> bytes:
    return json.dumps(value).encode()


scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b", "1"])
names = st.sampled_from(["a", "b", "c", "x y"])
data = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12)
