"""What waits to be written, in bounded memory: counts are added up while they wait, so time alone never fills it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from understudy.exchange import Exchange
from understudy.store.events import Event
from understudy.store.exchanges import Finding
from understudy.store.series import Series


class Limits(Struct, frozen=True, kw_only=True):
    """How much may wait."""

    keys: int = 200_000
    """Counters with different names."""
    paths: int = 20_000
    examples: int = 500
    example_bytes: int = 32 * 1024 * 1024
    at_once: int = 6
    """Examples of one finding that are taken as they come; then one in every ``pause``."""
    pause: float = 30.0
    """Seconds."""
    events: int = 1000


class Lost(Struct):
    """What had to be given up because there was no room, or because the store never took it."""

    outcomes: int = 0
    counts: int = 0
    paths: int = 0
    examples: int = 0
    events: int = 0

    def __bool__(self) -> bool:
        return bool(self.outcomes or self.counts or self.paths or self.examples or self.events)


class Waiting(Struct, kw_only=True, weakref=False):
    """One exchange that waits, with the findings it shows."""

    series: Series
    exchange: Exchange
    findings: Sequence[Finding]
    size: int


class Appetite:
    """Which findings still want examples, so that one that every exchange shows does not keep the store busy."""

    __slots__ = ("_at_once", "_fed", "_pause")

    def __init__(self, at_once: int, pause: float) -> None:
        self._at_once, self._pause = at_once, pause
        self._fed: dict[tuple[Series, Finding], tuple[int, float]] = {}

    def wanted(self, series: Series, findings: Iterable[Finding], at: float) -> list[Finding]:
        """Those findings of an exchange (of the time ``at``) that it would be a welcome example of."""
        return [f for f in findings if self._wants((series, f), at)]

    def fed(self, series: Series, findings: Iterable[Finding], at: float) -> None:
        """The exchange has been taken."""
        if len(self._fed) > _MOST_FINDINGS:
            self._fed.clear()
        for finding in findings:
            times, _ = self._fed.get((series, finding), (0, 0.0))
            self._fed[series, finding] = times + 1, at

    def _wants(self, key: tuple[Series, Finding], at: float) -> bool:
        times, last = self._fed.get(key, (0, 0.0))
        return times < self._at_once or at - last >= self._pause


_MOST_FINDINGS = 50_000


class Pending:
    """What has been handed over since the last time. Not safe for threads: its owner has a lock."""

    __slots__ = ("_bytes", "_keys", "_limits", "_paths", "counts", "events", "examples", "lost", "outcomes", "paths")

    def __init__(self, limits: Limits, lost: Lost) -> None:
        self._limits = limits
        self.lost = lost
        self.outcomes = 0
        self.counts: dict[Series, dict[str, int]] = {}
        self.paths: dict[Series, dict[str, None]] = {}
        self.examples: deque[Waiting] = deque()
        self.events: list[Event] = []
        self._keys = self._paths = self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self.outcomes or self.counts or self.paths or self.examples or self.events)

    def add(self, series: Series, counts: Mapping[str, int], outcomes: int, found: Iterable[str]) -> None:
        """Adds counts of so many outcomes, and the paths discovered with them; all or nothing."""
        known = self.counts.setdefault(series, {})
        new = sum(key not in known for key in counts)
        if self._keys + new > self._limits.keys:
            self.lost.outcomes += outcomes
            self.lost.counts += sum(counts.values())
            return
        self._keys += new
        self.outcomes += outcomes
        for key, n in counts.items():
            known[key] = known.get(key, 0) + n
        paths = self.paths.setdefault(series, {})
        for path in found:
            if path in paths:
                continue
            if self._paths >= self._limits.paths:
                self.lost.paths += 1
                continue
            self._paths += 1
            paths[path] = None

    def keep(self, series: Series, exchange: Exchange, findings: Sequence[Finding], size: int) -> bool:
        """Takes an example of these findings; whether there was room."""
        if len(self.examples) >= self._limits.examples or self._bytes + size > self._limits.example_bytes:
            self.lost.examples += 1
            return False
        self._bytes += size
        self.examples.append(Waiting(series=series, exchange=exchange, findings=findings, size=size))
        return True

    def tell(self, event: Event) -> None:
        """Takes an event; the oldest one makes room."""
        if len(self.events) >= self._limits.events:
            del self.events[0]
            self.lost.events += 1
        self.events.append(event)

    def give_up(self) -> None:
        """Counts all of it as lost."""
        self.lost.outcomes += self.outcomes
        self.lost.counts += sum(n for counts in self.counts.values() for n in counts.values())
        self.lost.paths += sum(map(len, self.paths.values()))
        self.lost.examples += len(self.examples)
        self.lost.events += len(self.events)
