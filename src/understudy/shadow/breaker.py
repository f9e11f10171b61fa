"""Stops copies to a shadow that only fails, and finds out when it is back. Pure: the time is given."""

from __future__ import annotations

from understudy.config.model import Breaker

CLOSED, OPEN, PROBING = 0, 1, 2


class CircuitBreaker:
    """Opens after so many failures in a row; after a pause it lets one copy through, which decides.

    ``state`` is CLOSED, OPEN or PROBING; ``reason`` says what opened it last; times are monotonic seconds.
    """

    __slots__ = ("_failures", "_options", "_until", "reason", "since", "state")

    def __init__(self, options: Breaker) -> None:
        self._options = options
        self._failures = 0
        self._until = 0.0
        self.state = CLOSED
        self.since = 0.0
        self.reason = ""

    def holds(self, now: float) -> bool:
        """Whether copies are held back now. Asking changes nothing."""
        return self.state == PROBING or (self.state == OPEN and now < self._until)

    def lets(self, now: float) -> bool:
        """Whether a copy may be sent now.

        One that is let through while the breaker is open is the probe: it must be sent, for its end is waited for.
        """
        if self.state == CLOSED:
            return True
        if self.state == OPEN and now >= self._until:
            self.state = PROBING
            return True
        return False

    def succeeded(self, now: float) -> bool:
        """A copy was answered; whether that changed the state."""
        self._failures = 0
        if self.state == CLOSED:
            return False
        self.state, self.since = CLOSED, now
        return True

    def failed(self, now: float, kind: str) -> bool:
        """A copy has failed; whether that changed the state."""
        self._failures += 1
        if self.state == CLOSED and (not self._options.enabled or self._failures < self._options.failures):
            return False
        changed = self.state != OPEN
        if self.state != OPEN:
            self.state, self.since, self.reason = OPEN, now, kind
            self._until = now + self._options.pause
        return changed
