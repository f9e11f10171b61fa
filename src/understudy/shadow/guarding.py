"""The guards of a worker at work: looks at counters that exist anyway, and tells the shadows' policies.

It runs on ticks of its own. The request path knows nothing of it: what it counts for ``/metrics`` is what is read here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from operator import mul

from understudy.gateway.meters import request_names, seconds_name
from understudy.shadow.guard import ENOUGH, ShadowGuard, Window, sentence
from understudy.shadow.seat import Seat
from understudy.shadow.tap import Tap
from understudy.telemetry.counters import LATENCY_BUCKETS, Board, latency_bounds

TICK = 0.25
"""Seconds from one look to the next."""
_SHORTEST = 0.5
"""Seconds of the shortest window."""
_SERVER_ERRORS = 4
"""The class of statuses that says that something failed."""
_LOGS = tuple(math.log(bound) - math.log(1.25) / 2 for bound in (*latency_bounds(), latency_bounds()[-1] * 1.25))
"""The logarithm of the middle of each bucket."""

Happened = Callable[[list[str], int, str], None]
"""Is told which shadows have changed, what is let through of them in millionths, and that in a sentence."""


class Sight:
    """What one endpoint's counters say, window by window."""

    __slots__ = ("_before", "_board", "_buckets", "_class", "_seconds", "_since", "_total")

    def __init__(self, board: Board, classes: int, seconds: int, now: float) -> None:
        self._board = board
        self._class = classes
        self._seconds = seconds
        self._since = now
        self._before = self._classes()
        self._total = sum(self._before)
        self._buckets = self._histogram()

    def _classes(self) -> list[int]:
        return self._board.cells[self._class : self._class + 5].tolist()

    def _histogram(self) -> list[int]:
        return self._board.cells[self._seconds : self._seconds + LATENCY_BUCKETS].tolist()

    def window(self, now: float) -> Window | None:
        """What has been since the last window; None while that is too little."""
        classes = self._classes()
        requests = sum(classes) - self._total
        if requests < ENOUGH or now - self._since < _SHORTEST:
            return None
        buckets = self._histogram()
        grown = [after - before for before, after in zip(self._buckets, buckets, strict=True)]
        observed = sum(grown)
        errors = classes[_SERVER_ERRORS] - self._before[_SERVER_ERRORS]
        self.restart(now)
        if not observed:
            return None
        return Window(requests, errors, math.exp(sum(map(mul, grown, _LOGS)) / observed))

    def restart(self, now: float) -> None:
        """What has been is forgotten; the next window begins now."""
        self._since = now
        self._before = self._classes()
        self._total = sum(self._before)
        self._buckets = self._histogram()


class Guarding:
    """The guards of all shadows that have one. ``tick`` is to be called every ``TICK`` seconds."""

    def __init__(self, taps: Iterable[Tap], board: Board, happened: Happened, now: float) -> None:
        self._happened = happened
        self._watched: list[tuple[Sight, list[tuple[Seat, ShadowGuard]]]] = []
        for tap in taps:
            guards = [(s, ShadowGuard(s.shadow.guard, now)) for s in tap.seats if s.shadow.guard.enabled]
            if guards:
                classes = board.slot(request_names(tap.endpoint)[0])
                sight = Sight(board, classes, board.slot(seconds_name(tap.endpoint)), now)
                self._watched.append((sight, guards))

    @property
    def needed(self) -> bool:
        """Whether any shadow has a guard."""
        return bool(self._watched)

    def tick(self, now: float, lag: float) -> None:
        """Looks at everything once; ``lag`` is by how many seconds this look came late."""
        changes: dict[tuple[int, str], list[str]] = {}
        for sight, guards in self._watched:
            window = sight.window(now)
            changed = False
            for seat, guard in guards:
                policy = seat.policy
                copying = policy.share > 0 and not policy.paused
                if guard.tick(now, lag, window, copying=copying):
                    changed = True
                    seat.throttle(guard.share)
                    changes.setdefault((guard.share, guard.reason), []).append(seat.name)
            if changed:
                sight.restart(now)
        for (share, reason), names in changes.items():
            self._happened(names, share, sentence(_listed(names), share, reason))


def _listed(names: list[str]) -> str:
    """Some names, and how many more."""
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"

