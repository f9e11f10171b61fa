"""The users of the demo."""

from __future__ import annotations

import asyncio

from understudy.demo.traffic import Traffic
from understudy.testing.backend import Backend, reply


async def test_users_ask_and_count_what_they_get() -> None:
    """One user after the other; statuses, times, the latest answer."""
    async with Backend(reply({"a": 1})) as backend:
        traffic = Traffic(backend.port, users=2, pause=0.0)
        assert traffic.quantile(0.5) == 0.0
        asking = asyncio.create_task(traffic.run())
        seen = await backend.wait_for(20)
        backend.answer = reply({"b": 2}, 500)
        async with asyncio.timeout(5):
            while traffic.statuses[500] < 5:
                await asyncio.sleep(0.005)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert traffic.statuses[200] >= 10 and traffic.latest == '{"b":2}' and traffic.errors == 0
    assert len({s.target for s in seen}) == len(seen) and backend.connections == 2
    assert 0 < traffic.quantile(0.5) <= traffic.quantile(0.99)


async def test_a_gateway_that_is_gone_is_an_error_and_users_come_back() -> None:
    """They try again."""
    async with Backend() as backend:
        traffic = Traffic(backend.port, users=1, pause=0.0)
        asking = asyncio.create_task(traffic.run())
        await backend.wait_for(3)
        await backend.stop()
        async with asyncio.timeout(5):
            while traffic.errors < 2:
                await asyncio.sleep(0.01)
        count = len(backend.seen)
        async with backend:
            await backend.wait_for(count + 3)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
