"""One shadow as a worker sees it: its policy, and where its counters stand."""

from __future__ import annotations

from msgspec import Struct

from understudy.config.model import Shadow
from understudy.exchange import RESPONSE
from understudy.shadow import accounting
from understudy.shadow.accounting import DROPPED_BY_WORKER, SKIPPED
from understudy.shadow.policy import Compile, Policy, units
from understudy.shadow.valve import REASONS, Valves
from understudy.telemetry.counters import Board


class Seat:
    """A shadow of an endpoint, on the request path.

    ``bit`` stands for it in frames; ``weight`` is how many copies one request makes; ``of`` is the index of the
    regular backend that it understudies (None: nobody is compared with it); ``valves[place]`` is what the mirror says.
    """

    __slots__ = ("after", "bit", "cells", "dropped", "eligible", "guard", "handed", "name", "of", "paired", "place",
                 "policy", "settled", "shadow", "shut", "skipped", "valves", "weight")  # fmt: skip

    def __init__(
        self, shadow: Shadow, ordinal: int, board: Board, valves: Valves, compile: Compile | None = None
    ) -> None:
        self.shadow = shadow
        self.name = shadow.name
        self.bit = 1 << ordinal
        self.weight = shadow.copies
        self.policy = Policy(shadow, compile)
        self.of = RESPONSE if shadow.of == "response" else shadow.of
        self.after = shadow.start == "after" and self.of is not None
        self.paired = shadow.compare.enabled and self.of is not None
        self.cells = board.cells
        self.valves = valves.cells
        self.place = valves.places[shadow.name]
        name = shadow.name
        self.eligible = board.slot(accounting.copies(name, "eligible"))
        self.handed = board.slot(accounting.copies(name, "handed"))
        self.settled = board.slot(accounting.copies(name, "settled_by_worker"))
        self.guard = board.slot(accounting.state(name, "guard"))
        self.skipped = {r: board.slot(accounting.skipped(name, r)) for r in SKIPPED}
        self.shut = {byte: board.slot(accounting.dropped(name, r)) for byte, r in REASONS.items()}
        self.dropped = {r: board.slot(accounting.dropped(name, r)) for r in DROPPED_BY_WORKER}

    def skip(self, reason: str) -> None:
        """Counts that there is no copy."""
        self.cells[self.skipped[reason]] += self.weight

    def drop(self, reason: str) -> None:
        """Counts that the copy is given up."""
        self.cells[self.dropped[reason]] += self.weight

    def link_ended(self) -> None:
        """Everything handed over until now is received, or lost."""
        self.cells[self.settled] = self.cells[self.handed]

    def throttle(self, share: int) -> None:
        """What the guard lets through, in millionths."""
        self.policy.change(throttle=share)
        self.cells[self.guard] = accounting.FULL - share


class Setting(Struct, frozen=True):
    """What may be changed at run time; None leaves it as it is."""

    percent: float | None = None
    paused: bool | None = None

    def apply(self, policy: Policy) -> None:
        """Makes it so from the next request on."""
        policy.change(share=None if self.percent is None else units(self.percent), paused=self.paused)
