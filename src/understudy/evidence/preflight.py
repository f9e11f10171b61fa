"""Before the first pair: about how many it will take. Reckoned with counters as they are on average; pure."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log, sqrt

from msgspec import Struct

from understudy.evidence.eprocesses import arms, coin, log_mean, within
from understudy.evidence.settings import Settings, path_weight

_MOST = 1e12


class Estimate(Struct, frozen=True):
    """Pairs until a line is reached."""

    pairs: int
    """In the middle."""
    low: int
    high: int
    """Nine of ten lie about between these."""

    def seconds(self, pairs_per_second: float) -> float:
        """How long that takes at this traffic; infinite without any."""
        return self.pairs / pairs_per_second if pairs_per_second > 0 else inf


def likely(pairs: int, events: float) -> Estimate:
    """An estimate with the spread that so many rare events have."""
    spread = 1.645 / sqrt(max(events, 1.0))
    return Estimate(pairs, max(1, round(pairs / (1 + 1.3 * spread))), round(pairs * (1 + 1.3 * spread)))


def until(process: Callable[[float], float], line: float, events_per_pair: float) -> Estimate | None:
    """When ``process(pairs)`` is at the line; None when it never will be."""
    high = 1.0
    while process(high) < line:
        high *= 2
        if high > _MOST:
            return None
    low = high / 2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if process(middle) >= line else (middle, high)
    return likely(max(1, round(high)), high * events_per_pair)


def to_fail_on_errors(settings: Settings, endpoints: int, baseline: float, candidate: float) -> Estimate | None:
    """FAIL of an endpoint that has this share of bad answers instead of that one, independent of each other."""
    mine, theirs = candidate * (1 - baseline), baseline * (1 - candidate)
    line = settings.line(settings.split.errors, 1 / endpoints) + _beginnings(settings)
    return until(lambda n: coin(mine * n, (mine + theirs) * n), line, mine + theirs)


def to_fail_on_path(settings: Settings, endpoints: int, differing: float, share: float = 1.0,
                    ordinal: int = 0) -> Estimate | None:
    """FAIL on a path without noise that differs on this share of the pairs, of which ``share`` have a control.

    None for a share of 0: without any control that is never a FAIL.
    """
    if share <= 0:
        return None
    line = settings.line(settings.split.body, path_weight(ordinal) / endpoints) + _beginnings(settings) + log(2)
    if share >= 1:
        return until(lambda n: coin(differing * n, differing * n), line, differing)
    return until(
        lambda n: log_mean([coin(differing * share * n, differing * share * n),
                            arms([(differing * n, differing * n, 1 / (1 + share))])]),
        line, differing * share,
    )  # fmt: skip


def to_pass(settings: Settings, bad: float, share: float = 1.0) -> Estimate | None:
    """PASS of an equal candidate, as far as errors and (with a control) bodies go, at this share of bad answers."""
    alone = bad * (1 - bad)
    errors = until(lambda n: within(alone * n, alone * n, n, settings.errors_margin), settings.certified, 2 * alone)
    parts = [errors]
    if share > 0:
        handicap = -log(0.8)
        parts.append(until(lambda n: within(0, 0, n, settings.body_margin), settings.certified + handicap, 1.0))
    found = [one for one in parts if one is not None]
    return max(found, key=lambda one: one.pairs) if len(found) == len(parts) else None


def _beginnings(settings: Settings) -> float:
    return log(2) if settings.restarts else 0.0
