"""What a mirror tells its workers without a message: a byte in shared memory for each shadow.

While a shadow's byte is not zero the mirror would drop its copies anyway, so workers drop and count them at once, which
costs them next to nothing: a hung or dead shadow is as cheap as none. The byte is advice. A worker that reads it too
early or too late only makes the mirror do the same dropping and counting.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping

from understudy.config.model import Service
from understudy.shadow.accounting import shadows_of

OPEN = 0
REASONS: Mapping[int, str] = {1: "max_in_flight", 2: "breaker"}
"""The reason under which a worker drops, for each byte that is not ``OPEN``."""
FULL, BROKEN = 1, 2


class Valves:
    """The bytes of one mirror's shadows. Made by the supervisor before it forks the mirror and its workers."""

    __slots__ = ("_map", "cells", "places")

    def __init__(self, service: Service) -> None:
        self.places = {shadow.name: place for place, shadow in enumerate(shadows_of(service))}
        self._map = mmap.mmap(-1, max(1, len(self.places)))
        self.cells = memoryview(self._map)

    def open_all(self) -> None:
        """What a mirror does first: whatever an earlier one knew is over."""
        self.cells[:] = bytes(len(self.cells))


class Valve:
    """One shadow's byte, from the mirror's side: it knows why it is shut, and writes only changes."""

    __slots__ = ("_cells", "_place", "broken", "full")

    def __init__(self, valves: Valves, name: str) -> None:
        self._cells = valves.cells
        self._place = valves.places[name]
        self.full = False
        self.broken = False

    def show(self, *, full: bool, broken: bool) -> None:
        """Says what stands in the way of copies now."""
        if (full, broken) != (self.full, self.broken):
            self.full, self.broken = full, broken
            self._cells[self._place] = BROKEN if broken else FULL if full else OPEN
