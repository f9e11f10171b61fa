"""A slot is a place for one child, which may be filled many times. Pure: whoever acts passes the time in."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from understudy.process.backoff import delay, failures_after

Kind = Literal["worker", "mirror", "admin"]


class Phase(Enum):
    """Where the child of a slot stands in its life."""

    WAITING = "waiting"
    """There is none; one is to be forked at ``due``."""
    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    GONE = "gone"
    """There is none, and there will be none."""


class Slot:
    """One place for a child: its phase, and its history of deaths."""

    __slots__ = ("due", "failures", "index", "kind", "phase", "pid", "restarts", "since")

    def __init__(self, kind: Kind, index: int) -> None:
        self.kind: Kind = kind
        self.index = index
        self.phase = Phase.WAITING
        self.due = 0.0
        self.pid = 0
        self.since = 0.0
        """When the phase began."""
        self.failures = 0
        self.restarts = 0

    @property
    def name(self) -> str:
        """What logs call it."""
        return "admin" if self.kind == "admin" else f"{self.kind} {self.index}"

    @property
    def alive(self) -> bool:
        """Whether there is a process."""
        return self.phase in (Phase.STARTING, Phase.READY, Phase.DRAINING)

    def forked(self, pid: int, now: float) -> None:
        """A child has been forked."""
        self.pid, self.phase, self.since = pid, Phase.STARTING, now

    def ready(self, now: float) -> None:
        """The child works; a word that comes after the order to drain changes nothing."""
        if self.phase is Phase.STARTING:
            self.phase, self.since = Phase.READY, now

    def drain(self, now: float) -> bool:
        """The child is to end, or not to be started any more; whether there is one that must be told."""
        if self.phase is Phase.WAITING:
            self.phase, self.since = Phase.GONE, now
        elif self.phase in (Phase.STARTING, Phase.READY):
            self.phase, self.since = Phase.DRAINING, now
            return True
        return False

    def exited(self, now: float) -> bool:
        """The child has ended; whether that was unexpected, so that another one is due at ``due``."""
        lived = now - self.since if self.phase is Phase.READY else 0.0
        self.pid = 0
        if self.phase is Phase.DRAINING:
            self.phase, self.since = Phase.GONE, now
            return False
        self.failures = failures_after(self.failures, lived)
        self.restarts += 1
        self.phase, self.since, self.due = Phase.WAITING, now, now + delay(self.failures)
        return True
