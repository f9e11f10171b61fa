"""Several answers, one reply."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import BadStatus, RequestTimeout
from understudy.gateway.merge import MergeError, combined, merged
from understudy.gateway.types import Ask, Reply
from understudy.http.stream import Stream, complete

PART = st.one_of(
    st.builds(Reply, st.dictionaries(st.sampled_from("abc"), st.integers()), st.booleans()),
    st.builds(lambda n: BadStatus(f"bad {n}", n), st.integers(400, 599)),
    st.just(Reply(None, True)),
)


def ask(body: Any = b"", timeout: float = 5.0) -> Ask:
    """An ask whose time begins now."""
    now = asyncio.get_event_loop().time()
    return Ask("GET", "/", {}, [], [], body, now + timeout, now)


@given(st.lists(PART, min_size=1, max_size=5))
def test_parts_are_merged_in_declared_order(parts: list[Reply | BaseException]) -> None:
    """Later keys win; complete only when every part is there and complete; no part at all is an error."""
    good = [p for p in parts if isinstance(p, Reply) and p.data is not None]
    if not good:
        with pytest.raises(MergeError):
            combined(parts)
        return
    expected: dict[str, Any] = {}
    for part in good:
        expected.update(part.data or {})
    reply = combined(parts)
    assert reply.data == expected
    assert reply.complete == (len(good) == len(parts) and all(p.complete for p in good))
    assert len(reply.errors) == len(parts) - len(good)


async def test_order_of_arrival_does_not_matter() -> None:
    """The slow first and the fast last, or the other way round."""
    for delays in ((0.02, 0.0), (0.0, 0.02)):

        def part(value: str, delay: float) -> Any:
            async def proxy(ask: Ask) -> Reply:
                await asyncio.sleep(delay)
                return Reply({"v": value}, True)

            return proxy

        reply = await merged([part("first", delays[0]), part("last", delays[1])], 5.0)(ask())
        assert reply is not None
        assert reply.data == {"v": "last"}


async def test_parts_share_85_percent_of_the_time() -> None:
    """The deadline that a part sees."""
    seen: list[float] = []

    async def proxy(ask: Ask) -> Reply:
        seen.append(ask.deadline - ask.started)
        return Reply({}, True)

    await merged([proxy, proxy], 2.0)(ask(timeout=2.0))
    assert seen == [pytest.approx(1.7)] * 2


async def test_every_part_gets_the_whole_body() -> None:
    """Also when it is still arriving; one that does not arrive is a timeout of the client."""
    seen: list[Any] = []

    async def proxy(ask: Ask) -> Reply:
        seen.append(ask.body)
        return Reply({}, True)

    await merged([proxy, proxy], 5.0)(ask(complete(b"ab", b"c")))
    assert seen == [b"abc", b"abc"]
    with pytest.raises(RequestTimeout):
        await merged([proxy, proxy], 0.05)(ask(Stream(lambda: None, lambda: None), 0.05))


async def test_leaving_cancels_every_part() -> None:
    """Nothing goes on for nobody."""
    cancelled = 0

    async def forever(ask: Ask) -> Reply:
        nonlocal cancelled
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled += 1
            raise
        return Reply()

    task = asyncio.ensure_future(merged([forever] * 3, 5.0)(ask()))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0)
    assert cancelled == 3
