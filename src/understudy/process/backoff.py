"""How long to wait before a child that died is started again. Pure."""

from __future__ import annotations

FIRST = 0.1
LAST = 10.0
HEALTHY = 30.0
"""Seconds: the first wait, the longest one, and how long a child must have been ready to start from the first again."""


def failures_after(failures: int, lived: float) -> int:
    """Deaths in a row, now that a child has died which had been ready for ``lived`` seconds (0: never ready)."""
    return 1 if lived >= HEALTHY else failures + 1


def delay(failures: int) -> float:
    """Seconds to wait after so many deaths in a row: doubled each time, up to ``LAST``."""
    return min(LAST, FIRST * 2 ** min(failures - 1, 16)) if failures > 0 else 0.0
