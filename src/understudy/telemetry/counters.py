"""Integers in memory that a process shares with the supervisor.

A ``Board`` is a fixed list of named 64-bit counters in an anonymous shared mapping, made by the supervisor before it
forks the one process that writes them. The supervisor reads at any time, also after a SIGKILL of the writer, so a
count is never lost and nothing is sent. Aligned 8-byte stores do not tear on the platforms that CPython runs on.

Histograms are runs of buckets with geometric bounds (see ``Histogram``), so merging is adding.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterable, Mapping, Sequence

LATENCY_BUCKETS = 64
_FIRST = 50e-6
_GROWTH = 1.25


def latency_bounds() -> tuple[float, ...]:
    """Upper bounds in seconds of all buckets but the last, which is open: 50 µs to about 51 s, in steps of 25 %."""
    return tuple(_FIRST * _GROWTH**i for i in range(LATENCY_BUCKETS - 1))


_LOG_GROWTH = math.log(_GROWTH)


def latency_bucket(seconds: float) -> int:
    """The index of the bucket that counts this duration."""
    if seconds <= _FIRST:
        return 0
    return min(LATENCY_BUCKETS - 1, math.ceil(math.log(seconds / _FIRST) / _LOG_GROWTH - 1e-9))


def quantile(buckets: Sequence[int], q: float) -> float | None:
    """The upper bound in seconds of the bucket that holds the q-quantile; None without observations."""
    total = sum(buckets)
    if not total:
        return None
    bounds = latency_bounds()
    rank, seen = q * total, 0
    for i, n in enumerate(buckets):
        seen += n
        if seen >= rank and n:
            return bounds[i] if i < len(bounds) else math.inf
    return math.inf


class Layout:
    """Which counter stands where: names (any hashable text) to slots, fixed once."""

    __slots__ = ("names", "size", "slots")

    def __init__(self, names: Iterable[str], histograms: Iterable[str] = ()) -> None:
        self.slots: dict[str, int] = {}
        self.names: dict[str, int] = {}
        """Name to width: 1 for a counter, ``LATENCY_BUCKETS`` for a histogram."""
        at = 0
        for name in names:
            self.slots[name], self.names[name] = at, 1
            at += 1
        for name in histograms:
            self.slots[name], self.names[name] = at, LATENCY_BUCKETS
            at += LATENCY_BUCKETS
        self.size = at


class Board:
    """The counters of one process. ``cells`` may be incremented directly on hot paths: ``cells[slot] += 1``."""

    __slots__ = ("_map", "cells", "layout")

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._map = mmap.mmap(-1, max(8, layout.size * 8))
        self.cells: memoryview = memoryview(self._map).cast("q")

    def slot(self, name: str) -> int:
        """Where this counter stands in ``cells``."""
        return self.layout.slots[name]

    def add(self, name: str, n: int = 1) -> None:
        """Adds to one counter, off the hot path."""
        self.cells[self.layout.slots[name]] += n

    def observe(self, slot: int, seconds: float) -> None:
        """Counts one duration in the histogram that begins at this slot."""
        self.cells[slot + latency_bucket(seconds)] += 1

    def values(self) -> dict[str, int]:
        """All plain counters, as they are now."""
        return {n: self.cells[self.layout.slots[n]] for n, width in self.layout.names.items() if width == 1}

    def histograms(self) -> dict[str, list[int]]:
        """All histograms, as they are now."""
        return {
            n: self.cells[s : s + width].tolist()
            for n, width in self.layout.names.items()
            if width > 1
            for s in (self.layout.slots[n],)
        }


def merged(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sum, counter by counter."""
    out: dict[str, int] = {}
    for part in parts:
        for name, n in part.items():
            out[name] = out.get(name, 0) + n
    return out
