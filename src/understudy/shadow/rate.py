"""So many copies a second and no more. Pure: the time is given."""

from __future__ import annotations


class RateLimit:
    """A bucket of tokens that fills at ``rate`` a second and holds one second's worth (at least one)."""

    __slots__ = ("_capacity", "_rate", "_tokens", "_when")

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._capacity = max(1.0, rate)
        self._tokens = self._capacity
        self._when = now

    def takes(self, now: float) -> bool:
        """Takes a token, when there is one."""
        self._tokens = min(self._capacity, self._tokens + (now - self._when) * self._rate)
        self._when = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True
