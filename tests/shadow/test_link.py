"""A worker's way to its mirror, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.shadow.making import Mailbox
from understudy.shadow.frames import FailureFrame, HelloFrame, encode
from understudy.shadow.link import Link


def frame(id: int, text: str = "") -> bytes:
    return encode(FailureFrame(id, 0, "reset", text, 0.0))


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not what():
            await asyncio.sleep(0.005)


async def test_frames_arrive_in_order_after_a_greeting(tmp_path: Path) -> None:
    async with Mailbox(tmp_path) as box:
        link = Link(box.path, generation=3)
        link.start()
        assert all(link.send(frame(i), urgent=i % 3 == 0) for i in range(100))
        found = await box.until(100)
        assert [f.id for f in found] == list(range(100))  # type: ignore[union-attr]
        (hello,) = box.hellos
        assert isinstance(hello, HelloFrame) and hello.generation == 3
        link.stop()


async def test_without_a_mirror_frames_are_refused_and_one_that_comes_is_found(tmp_path: Path) -> None:
    link = Link(str(tmp_path / "m"))
    link.start()
    assert not link.connected and not link.has_room and not link.send(frame(1)) and link.held == 0
    async with Mailbox(tmp_path) as box:
        await until(lambda: link.connected)
        assert link.has_room and link.send(frame(2))
        assert [f.id for f in await box.until(1)] == [2]  # type: ignore[union-attr]
        link.stop()
        assert not link.connected and not link.send(frame(3))


async def test_a_mirror_that_does_not_read_costs_bounded_memory_and_then_refusals(tmp_path: Path) -> None:
    """And when it reads again, everything that was taken arrives."""
    async with Mailbox(tmp_path) as box:
        link = Link(box.path, limit=200_000)
        link.start()
        await box.greeted()
        box.reading.clear()
        taken, big = 0, "x" * 50_000
        for i in range(2000):
            if not link.send(frame(i, big)):
                break
            taken += 1
            if i % 4 == 0:
                await asyncio.sleep(0)
        assert link.held <= 200_000 and 0 < taken < 2000
        assert not link.send(frame(9, big)) and link.connected
        box.reading.set()
        assert [f.id for f in await box.until(taken)] == list(range(taken))  # type: ignore[union-attr]
        link.stop()


async def test_a_connection_that_ends_is_told_once_and_made_again(tmp_path: Path) -> None:
    ends: list[int] = []
    async with Mailbox(tmp_path) as box:
        link = Link(box.path)
        link.on_end = lambda: ends.append(link.connections)
        link.start()
        for round in (1, 2, 3):
            await box.greeted(round)
            assert link.connections == round
            box.hang_up()
            await until(lambda: len(ends) == round)  # noqa: B023
        assert ends == [1, 2, 3] and link.held == 0
        link.stop()


async def test_what_waits_is_thrown_away_when_the_connection_ends(tmp_path: Path) -> None:
    async with Mailbox(tmp_path) as box:
        link = Link(box.path, limit=1 << 30)
        link.start()
        await box.greeted()
        box.reading.clear()
        for i in range(40):
            assert link.send(frame(i, "x" * 1_000_000))
            await asyncio.sleep(0)
        assert link.held > 0
        box.hang_up()
        await until(lambda: not link.connected or link.connections > 1)
        assert link.held < 1000
        link.stop()


async def test_draining_waits_for_a_slow_mirror_but_not_for_ever(tmp_path: Path) -> None:
    async with Mailbox(tmp_path) as box:
        link = Link(box.path, limit=1 << 30)
        link.start()
        await box.greeted()
        box.reading.clear()
        for i in range(30):
            link.send(frame(i, "x" * 1_000_000))
        await link.drain(0.05)
        assert link.held > 0
        asyncio.get_running_loop().call_later(0.05, box.reading.set)
        await link.drain(10.0)
        assert link.held == 0
        await link.drain(10.0)
        link.stop()
        assert len(await box.until(30)) == 30


async def test_a_link_that_is_stopped_before_it_found_anybody_stays_quiet(tmp_path: Path) -> None:
    link = Link(str(tmp_path / "nobody"))
    link.start()
    link.stop()
    link.start()
    async with Mailbox(tmp_path):
        await asyncio.sleep(0.1)
    assert link.connections == 0
