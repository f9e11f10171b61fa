"""Steps back from copying when users might feel it, and comes back in steps. Pure: the time is given.

Three signs of trouble, each against an option of ``understudy/shadow.guard``: the endpoint answers ``latency_ratio``
times slower than usual, its share of errors (5xx) is ``error_rise`` above the usual one, or the worker's event loop is
late by ``lag``. Each must be seen twice in a row, for once is chance. Then half of the copies are held back, then half
of the rest, and from a sixteenth none go. After ``pause`` without trouble it goes back up by one step.

What is usual is learnt: from the first windows, then slowly, so that a rise within a minute or two is noticed; over
longer times the users' own load changes latency as well. Upwards it is learnt quickly only while no copies go at all:
what stays slow then is not slow because of them, and must not hold them back for ever.
"""

from __future__ import annotations

import math
from collections import deque

from msgspec import Struct

from understudy.config.model import Guard
from understudy.shadow.accounting import FULL

STEPS = (FULL, FULL // 2, FULL // 4, FULL // 8, FULL // 16, 0)
"""The shares that are let through, in millionths."""

ENOUGH = 20
"""Requests without which a window says nothing."""
_FIRST_WINDOWS = 3
"""From so many what is usual is learnt, before anything is judged by it."""
_FAST, _DOWN, _UP = 0.5, 0.1, 0.02
"""How much one window counts: without copies; when it is better than usual; when it is worse, but no trouble."""
_SURPLUS = 3
"""Errors beyond the usual number that are no longer chance."""
_LATE_TICKS, _OF_TICKS = 2, 4
"""A loop lags when so many of so many ticks are late: one stall, however long, makes one tick late."""


class Window(Struct, frozen=True):
    """What the endpoint did for at least ``ENOUGH`` requests."""

    requests: int
    errors: int
    latency: float
    """Their typical time to answer in seconds (geometric mean: a few very slow ones do not decide it)."""


class Usual:
    """What is normal for one endpoint."""

    __slots__ = ("_windows", "errors", "latency")

    def __init__(self) -> None:
        self._windows = 0
        self.latency = 0.0
        """Logarithm of seconds."""
        self.errors = 0.0
        """Share of requests."""

    @property
    def known(self) -> bool:
        """Whether there is enough to judge by."""
        return self._windows >= _FIRST_WINDOWS

    def learn(self, window: Window, *, fast: bool) -> None:
        """Takes a window in; ``fast``: no copies could have made it worse."""
        latency, errors = math.log(max(window.latency, 1e-9)), window.errors / window.requests
        self._windows += 1
        if self._windows <= _FIRST_WINDOWS:
            weight = 1 / self._windows
            self.latency += weight * (latency - self.latency)
            self.errors += weight * (errors - self.errors)
            return
        self.latency += _weight(latency < self.latency, fast=fast) * (latency - self.latency)
        self.errors += _weight(errors < self.errors, fast=fast) * (errors - self.errors)


def _weight(better: bool, *, fast: bool) -> float:
    return _FAST if fast else _DOWN if better else _UP


class ShadowGuard:
    """The guard of one shadow in one worker. ``share`` is what it lets through, in millionths; ``reason`` why."""

    __slots__ = ("_bad", "_lags", "_options", "_quiet_since", "_step", "_usual", "reason")

    def __init__(self, options: Guard, now: float) -> None:
        self._options = options
        self._usual = Usual()
        self._step = 0
        self._bad = 0
        """Windows with trouble, in a row."""
        self._lags: deque[float] = deque(maxlen=_OF_TICKS)
        self._quiet_since = now
        self.reason = ""

    @property
    def share(self) -> int:
        """What is let through of the configured share."""
        return STEPS[self._step]

    def tick(self, now: float, lag: float, window: Window | None = None, *, copying: bool = True) -> bool:
        """One look at the state of things; whether ``share`` has changed.

        ``lag``: seconds by which this very look came late. ``window``: when one is complete. ``copying``: whether
        copies go at all, as far as the guard is concerned (they do not while the shadow is paused).
        """
        trouble = self._lagging(lag)
        if window is not None:
            trouble = self._judged(window, copying=copying) or trouble
        if trouble:
            self._quiet_since = now
            return self._back(trouble)
        if window is not None and self._bad:
            self._quiet_since = now
        if not self._step or now - self._quiet_since < self._options.pause:
            return False
        self._step -= 1
        self._quiet_since = now
        self.reason = f"quiet for {self._options.pause:g} s"
        return True

    def _back(self, reason: str) -> bool:
        # What comes next is judged afresh: it shows whether this step was enough.
        self._bad = 0
        self._lags.clear()
        if self._step == len(STEPS) - 1:
            return False
        self._step += 1
        self.reason = reason
        return True

    def _lagging(self, lag: float) -> str:
        self._lags.append(lag)
        late = sorted(self._lags, reverse=True)[:_LATE_TICKS]
        if len(late) < _LATE_TICKS or late[-1] < self._options.lag:
            return ""
        return f"the event loop lags {late[-1] * 1000:.0f} ms, the limit is {self._options.lag * 1000:g} ms"

    def _judged(self, window: Window, *, copying: bool) -> str:
        clean = not copying or not self.share
        trouble = "" if clean or not self._usual.known else self._trouble(window)
        if not trouble:
            self._bad = 0
            self._usual.learn(window, fast=clean)
            return ""
        self._bad += 1
        return trouble if self._bad > 1 else ""

    def _trouble(self, window: Window) -> str:
        usual, options = self._usual, self._options
        expected = usual.errors * window.requests
        if window.errors - expected >= max(_SURPLUS, options.error_rise * window.requests):
            share = 100 * window.errors / window.requests
            return f"{share:.1f} % of the requests fail, {100 * usual.errors:.1f} % are usual"
        normal = math.exp(usual.latency)
        if window.latency > normal * options.latency_ratio:
            return (f"answers take {window.latency / normal:.1f} times as long as usual "
                    f"({window.latency * 1000:.3g} ms, usual are {normal * 1000:.3g} ms)")
        return ""


def sentence(shadows: str, share: int, reason: str) -> str:
    """What happened, for people: ``the guard lets half of the copies to orders-1 through (…)``."""
    amount = {FULL: "all copies", FULL // 2: "half of the copies", 0: "no copies"}.get(share)
    if amount is None:
        amount = f"1 of {FULL // share} copies"
    return f"the guard lets {amount} to {shadows} through ({reason})"
