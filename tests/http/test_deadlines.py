"""Many deadlines on few timers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from understudy.http.deadlines import TICK, Deadlines


class Clock:
    """A loop whose time is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

    def time(self) -> float:
        """As the hand has turned it."""
        return self.now

    def call_later(self, delay: float, call: Callable[..., None], *arguments: Any) -> None:
        """Notes a timer from now."""
        self.timers.append((self.now + delay, call, arguments))

    def call_at(self, when: float, call: Callable[..., None], *arguments: Any) -> None:
        """Notes a timer."""
        self.timers.append((when, call, arguments))

    def turn(self) -> None:
        """Rings every timer, in order of time."""
        while self.timers:
            self.timers.sort(key=lambda t: t[0])
            when, call, arguments = self.timers.pop(0)
            self.now = max(self.now, when)
            call(*arguments)


class Item:
    """Notes when it expired."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.at: float | None = None

    def expire(self) -> None:
        """Time is up."""
        self.at = self.clock.now


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=50))
def test_deadlines_are_never_early_and_at_most_a_tick_late(plans: list[tuple[float, bool]]) -> None:
    """Whatever is removed before never rings; the rest rings in its tick."""
    clock = Clock()
    deadlines = Deadlines(clock)  # type: ignore[arg-type]  # as much of a loop as is needed
    items = []
    for when, removed in plans:
        item = Item(clock)
        ticket = deadlines.add(item, when)
        if removed:
            deadlines.remove(item, ticket)
        items.append((item, when, removed))
    assert len(clock.timers) <= len({int(when / TICK) for when, _ in plans}) + 1
    clock.turn()
    for item, when, removed in items:
        if removed:
            assert item.at is None
        else:
            assert item.at is not None
            assert when - 1e-9 <= item.at <= when + TICK + 1e-9


async def test_it_rings_on_a_real_loop() -> None:
    """The clock is the loop's."""
    loop = asyncio.get_running_loop()
    rung = asyncio.Event()

    class Bell:
        def expire(self) -> None:
            rung.set()

    Deadlines(loop).add(Bell(), loop.time() + 0.02)
    async with asyncio.timeout(5):
        await rung.wait()


def test_a_loop_that_comes_late_reads_first() -> None:
    """What came while the process had no processor is read before anything is called too late."""
    clock = Clock()
    deadlines = Deadlines(clock)  # type: ignore[arg-type]  # as much of a loop as is needed
    answered, hung = Item(clock), Item(clock)
    ticket = deadlines.add(answered, 1.0)
    deadlines.add(hung, 1.0)
    clock.now = 3.0
    (ring,) = clock.timers
    clock.timers.clear()
    ring[1](*ring[2])
    assert answered.at is None
    assert hung.at is None
    deadlines.remove(answered, ticket)
    clock.turn()
    assert answered.at is None
    assert hung.at == 3.0 + TICK
