"""The same question several times."""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway.test_merge import ask
from understudy.errors import BadStatus
from understudy.gateway.concurrent import raced
from understudy.gateway.types import Ask, Reply


async def test_the_first_complete_answer_wins_and_the_rest_are_cancelled() -> None:
    """Incomplete ones do not win."""
    calls, cancelled = 0, 0

    async def proxy(ask: Ask) -> Reply:
        nonlocal calls, cancelled
        calls += 1
        mine = calls
        try:
            await asyncio.sleep({1: 0.0, 2: 0.02}.get(mine, 3600))
        except asyncio.CancelledError:
            cancelled += 1
            raise
        return Reply({"n": mine}, mine == 2)

    reply = await raced(proxy, 3, 5.0)(ask())
    await asyncio.sleep(0)
    assert reply is not None
    assert (reply.data, calls, cancelled) == ({"n": 2}, 3, 1)


async def test_without_a_complete_answer_the_incomplete_one_counts_then_the_error() -> None:
    """A part's own status is lost, as in KrakenD."""

    async def incomplete(ask: Ask) -> Reply:
        return Reply({"x": 1}, False)

    reply = await raced(incomplete, 2, 5.0)(ask())
    assert reply is not None
    assert not reply.complete

    async def failing(ask: Ask) -> Reply:
        error = BadStatus("bad", 404)
        error.status = 404
        raise error

    with pytest.raises(BadStatus) as caught:
        await raced(failing, 2, 5.0)(ask())
    assert caught.value.status == 500


async def test_each_call_has_its_own_ask_and_75_percent_of_the_time() -> None:
    """So that none changes another's."""
    seen: list[Ask] = []

    async def proxy(ask: Ask) -> Reply:
        seen.append(ask)
        ask.params["X"] = "1"
        await asyncio.sleep(0)
        return Reply({}, True)

    original = ask(timeout=2.0)
    await raced(proxy, 2, 2.0)(original)
    assert len({id(a.params) for a in seen}) == 2
    assert original.params == {}
    assert seen[0].deadline - seen[0].started == pytest.approx(1.5)
