"""Durations and their ratios as small integers: geometric buckets, the same everywhere, so that counts can be added."""

from __future__ import annotations

from math import ceil, exp, log

_FIRST = 1e-4
_STEP = log(1.05)
_RATIO_STEP = log(1.02)

LAST = 280
"""Index of the highest bucket of durations, open above: about 86 s."""

LAST_RATIO = 350
"""Buckets of ratios go from minus this to this: a thousandth to a thousand times."""


def bucket(seconds: float) -> int:
    """The 5 % bucket of a duration: 0 up to 0.1 ms."""
    if seconds <= _FIRST:
        return 0
    index = int(log(seconds / _FIRST) / _STEP) + 1
    return index if index < LAST else LAST


def bound(index: int) -> float:
    """The lower bound, in seconds, of a bucket of durations."""
    return _FIRST * exp((index - 1) * _STEP) if index > 0 else 0.0


def ratio_bucket(seconds: float, other: float) -> int:
    """The signed 2 % bucket of a ratio: exchanging the sides turns its sign; 0 is equal up to 1 %."""
    if seconds <= 0 or other <= 0:
        return 0 if seconds == other else LAST_RATIO if seconds > other else -LAST_RATIO
    index = round((log(seconds) - log(other)) / _RATIO_STEP)
    return index if -LAST_RATIO < index < LAST_RATIO else LAST_RATIO if index > 0 else -LAST_RATIO


def steps(ratio: float) -> int:
    """How many buckets of durations a ratio is wide, rounded up."""
    return ceil(log(ratio) / _STEP - 1e-9)


def ratio_steps(ratio: float) -> int:
    """How many buckets of ratios a ratio is wide, rounded up."""
    return ceil(log(ratio) / _RATIO_STEP - 1e-9)
