"""The primary asked once more: where there is no second copy of the old version, this is what measures its noise.

For a random share of safe requests the mirror asks the primary's own backend again, at the moment at which it asks the
candidate, with the same limits. What it answers takes the place of a control. It is no copy: it has its own counters.
"""

from __future__ import annotations

from understudy.config.model import Shadow
from understudy.gateway.lane import Part
from understudy.gateway.types import Ask
from understudy.shadow import accounting
from understudy.shadow.accounting import FULL
from understudy.shadow.copy import Copy, Observed
from understudy.shadow.policy import position
from understudy.shadow.tee import Budget
from understudy.telemetry.counters import Board

SAFE = frozenset(("GET", "HEAD"))
"""Methods that may be repeated without asking anybody."""
MOST = 16
"""Requests that may be under way at once for one candidate: the primary has users to serve."""


def chosen(id: int, share: float) -> bool:
    """Whether the exchange with this id is among the share: at random, and the same wherever it is asked."""
    return position(b"again %d" % id) < share * FULL


class Resampling:
    """Asks the primary of one candidate again: the carrier of those requests."""

    def __init__(self, shadow: Shadow, part: Part, board: Board, budget: Budget) -> None:
        self.shadow = shadow
        self.budget = budget
        self.copies: dict[Copy, None] = {}
        self._part = part
        self._cells = board.cells
        self._slots = {o: board.slot(accounting.resampled(shadow.name, o)) for o in accounting.RESAMPLED}

    def send(self, ask: Ask, size: int, observed: Observed) -> None:
        """Asks, or tells at once that it does not."""
        if len(self.copies) >= MOST or not self.budget.take(size):
            self._count("skipped")
            observed(None, 0, False)
            return
        copy = Copy(self, ask, size, "", None, observed)
        self.copies[copy] = None
        self._count("sent")
        copy.start(self._part)

    def count_answered(self, seconds: float, why_not_compared: str) -> None:
        """It has answered."""
        self._count("answered")

    def count_failed(self, error: BaseException, id: int, seconds: float) -> None:
        """It has not."""
        self._count("failed")

    def note(self, id: int, outcome: str) -> None:
        """Nobody asks what became of it."""

    def over(self, copy: Copy, size: int) -> None:
        """One has ended."""
        self.copies.pop(copy, None)
        self.budget.give(size)

    def cancel(self) -> None:
        """Cuts what is on its way."""
        for copy in list(self.copies):
            copy.cancel()

    def _count(self, outcome: str) -> None:
        self._cells[self._slots[outcome]] += 1

