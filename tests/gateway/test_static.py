"""Static data, by strategy and by how the backends did."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from understudy.config.model import Static
from understudy.errors import BackendError
from understudy.gateway.static import merged_in, with_static
from understudy.gateway.types import Ask, Reply


def whole() -> Reply:
    """All parts answered."""
    return Reply({"a": 1, "s": 0}, True)


def partial() -> Reply:
    """A merge with a failed part."""
    return Reply({"a": 1, "s": 0}, False, errors=("no",))


CASES = {
    "always": (True, True, True), "success": (True, False, False), "errored": (False, True, True),
    "complete": (True, False, False), "incomplete": (False, True, True),
}  # fmt: skip
"""For a whole answer, a partial one, and none."""


@pytest.mark.parametrize("strategy", CASES)
def test_strategies(strategy: str) -> None:
    """Static data wins over what the backends said."""
    static = Static({"s": 9}, strategy)
    on_whole, on_partial, on_none = CASES[strategy]
    for make, wanted in ((whole, on_whole), (partial, on_partial)):
        got = merged_in(static, make(), None)
        assert got is not None and got.data == {"a": 1, "s": 9 if wanted else 0}
    error = BackendError("down")
    got = merged_in(static, None, error)
    assert (got is not None) == on_none
    if got is not None:
        assert (got.data, got.complete, got.errors) == ({"s": 9}, False, ("down",))


async def test_an_error_stands_where_the_strategy_does_not_cover_it() -> None:
    """And the configured data is never changed."""
    static = Static({"s": {"deep": 1}}, "success")
    ask = Ask("GET", "/", {}, [], [], b"", asyncio.get_running_loop().time() + 1)
    outcome: Any = BackendError("down")

    async def proxy(ask: Ask) -> Reply | None:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome  # type: ignore[no-any-return]

    wrapped = with_static(proxy, static)
    with pytest.raises(BackendError, match="down"):
        await wrapped(ask)
    outcome = whole()
    for _ in range(2):
        got = await wrapped(ask)
        assert got is not None and got.data == {"a": 1, "s": {"deep": 1}}
    assert static.data == {"s": {"deep": 1}}
