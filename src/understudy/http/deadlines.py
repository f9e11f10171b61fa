"""Thousands of deadlines on few timers.

A loop that comes late (its process had to wait for a processor, or was stopped) first reads what has come meanwhile: an
answer that was there in time must not be called too late because nobody looked.

A deadline falls into a bucket of ``TICK`` seconds; a bucket costs one loop timer, however many deadlines it holds, and
joining and leaving are set operations. Deadlines are met up to one tick late, never early.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

TICK = 0.005
_PER_SECOND = 1 / TICK
LATE = 0.05
"""Seconds: a loop that is later than that gets one turn to read before deadlines count."""


class Expiring(Protocol):
    """Something that can run out of time."""

    def expire(self) -> None:
        """The deadline has passed."""


class Deadlines:
    """Owner of all deadlines of one event loop."""

    __slots__ = ("_buckets", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._buckets: dict[int, set[Expiring]] = {}

    def add(self, item: Expiring, deadline: float) -> int:
        """Calls ``item.expire()`` once ``loop.time()`` has passed ``deadline``; returns the ticket for ``remove``."""
        ticket = int(deadline * _PER_SECOND) + 1
        bucket = self._buckets.get(ticket)
        if bucket is None:
            self._buckets[ticket] = {item}
            self._loop.call_at(ticket * TICK, self._ring, ticket)
        else:
            bucket.add(item)
        return ticket

    def remove(self, item: Expiring, ticket: int) -> None:
        """Forgets a deadline; harmless when it has passed."""
        bucket = self._buckets.get(ticket)
        if bucket is not None:
            bucket.discard(item)

    def _ring(self, ticket: int) -> None:
        if self._loop.time() - ticket * TICK > LATE:
            self._loop.call_later(TICK, self._ring_now, ticket)
        else:
            self._ring_now(ticket)

    def _ring_now(self, ticket: int) -> None:
        for item in self._buckets.pop(ticket, ()):
            item.expire()
