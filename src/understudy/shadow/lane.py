"""One shadow in the mirror: what bounds it, what it counts, and the copies that are on their way to it.

Whatever happens to a copy ends in exactly one counter (``shadow/accounting.py``); the order of the increments is what
makes the account exact after a SIGKILL: first that something has begun, later how it has ended.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from understudy.config.model import Endpoint, Shadow
from understudy.exchange import RESPONSE, Answer, Observation
from understudy.gateway.lane import Part
from understudy.gateway.types import Ask
from understudy.shadow import accounting
from understudy.shadow.accounting import DROPPED_BY_MIRROR, FAILED, NOT_COMPARED
from understudy.shadow.breaker import CLOSED, OPEN, CircuitBreaker
from understudy.shadow.copy import Copy, Landed, Observed
from understudy.shadow.explain import Note, Ring
from understudy.shadow.failures import kind_of, text_of
from understudy.shadow.rate import RateLimit
from understudy.shadow.tee import Budget
from understudy.shadow.valve import Valve, Valves
from understudy.telemetry.counters import Board, latency_bucket


class ShadowLane:
    """All copies to one shadow. ``report`` gets a line for logs about a copy that failed."""

    def __init__(
        self,
        shadow: Shadow,
        endpoint: Endpoint,
        board: Board,
        valves: Valves,
        budget: Budget,
        report: Callable[[str, str], None] = lambda name, text: None,
        changed: Callable[[str, str, str], None] = lambda name, state, reason: None,
        ring: Ring | None = None,
        mirrors: int = 1,
    ) -> None:
        self.shadow = shadow
        self.endpoint = endpoint
        self.in_flight = 0
        self.max_in_flight = 1
        self.budget = budget
        self.of = RESPONSE if shadow.of == "response" else shadow.of
        """The regular backend that it understudies."""
        self._report = report
        self._changed = changed
        self._cells = board.cells
        self._valve = Valve(valves, shadow.name)
        self._breaker = CircuitBreaker(shadow.breaker)
        self._rate: RateLimit | None = None
        self._ring = ring
        self._mirrors = mirrors
        self._notes: dict[str, Note] = {}
        self.change(max_in_flight=shadow.max_in_flight)
        self.change_rate(shadow.max_rate)
        self.copies: dict[Copy, None] = {}
        name = shadow.name
        self._received = board.slot(accounting.copies(name, "received"))
        self._settled = board.slot(accounting.copies(name, "settled_by_mirror"))
        self._sent = board.slot(accounting.copies(name, "sent"))
        self._answered = board.slot(accounting.copies(name, "answered"))
        self._compared = board.slot(accounting.copies(name, "compared"))
        self._breaker_state = board.slot(accounting.state(name, "breaker"))
        self._dropped = {r: board.slot(accounting.dropped(name, r)) for r in DROPPED_BY_MIRROR}
        self._failed = {k: board.slot(accounting.failed(name, k)) for k in FAILED if k != "lost"}
        self._not_compared = {r: board.slot(accounting.not_compared(name, r)) for r in NOT_COMPARED if r != "lost"}
        self._seconds = board.slot(accounting.seconds(name, "candidate"))
        self._primary_seconds = board.slot(accounting.seconds(name, "primary"))

    # ------------------------------------------------------------- changed at run time

    def change(self, *, max_in_flight: int) -> None:
        """How many copies may be on their way at once, of all mirrors together; each has its part, and at least one."""
        self.max_in_flight = max(1, max_in_flight // self._mirrors)
        self._valve.show(full=self.in_flight >= self.max_in_flight, broken=self._valve.broken)

    def change_rate(self, max_rate: float | None) -> None:
        """How many copies a second may be sent by all mirrors together; None: any number."""
        self._rate = None if max_rate is None else RateLimit(max_rate / self._mirrors, time.monotonic())

    # ------------------------------------------------------------- before it is sent

    def count_received(self, copies: int) -> None:
        """So many have come from a worker."""
        self._cells[self._received] += copies

    def count_settled(self, copies: int) -> None:
        """The connection over which so many have come has ended."""
        self._cells[self._settled] += copies

    def refusal(self, now: float, size: int) -> str | None:
        """Why one more copy may not be sent now; None when it may, and then ``size`` bytes are reserved for it."""
        if self.in_flight >= self.max_in_flight:
            return "max_in_flight"
        breaker = self._breaker
        if breaker.state and breaker.holds(now):
            return "breaker"
        if self._rate is not None and not self._rate.takes(now):
            return "max_rate"
        if not self.budget.take(size):
            return "memory"
        # Last, because a copy that the breaker lets through may be its probe, which must be sent.
        if breaker.state and breaker.lets(now):
            self._show_breaker()
        return None

    def drop(self, reason: str, id: int, copies: int = 1) -> None:
        """Counts copies of one request that are given up before they were sent."""
        self._cells[self._dropped[reason]] += copies
        self.note(id, reason)

    def note(self, id: int, outcome: str) -> None:
        """Remembers what became of a copy, for those who ask."""
        if self._ring is not None:
            note = self._notes.get(outcome)
            if note is None:
                note = self._notes[outcome] = Note(self.endpoint.path, (self.shadow.name,), (outcome,))
            self._ring.note(id, note)

    def flying(self, id: int) -> int:
        """How many copies of this request are on their way."""
        return sum(copy.id == id for copy in self.copies)

    # ------------------------------------------------------------- sent, and what came of it

    def count_sent(self) -> None:
        """One more is on its way."""
        self._cells[self._sent] += 1
        self.in_flight += 1
        if self.in_flight >= self.max_in_flight:
            self._valve.show(full=True, broken=self._valve.broken)

    def _count_down(self) -> None:
        self.in_flight -= 1
        if self._valve.full and self.in_flight < self.max_in_flight:
            self._valve.show(full=False, broken=self._valve.broken)

    def count_answered(self, seconds: float, why_not_compared: str) -> None:
        """It has answered; whatever it said."""
        cells = self._cells
        cells[self._seconds + latency_bucket(seconds)] += 1
        cells[self._answered] += 1
        if why_not_compared:
            cells[self._not_compared[why_not_compared]] += 1
        self._count_down()
        if self._breaker.state and self._breaker.succeeded(time.monotonic()):
            self._show_breaker()
        elif not self._breaker.state:
            self._breaker.succeeded(0.0)

    def count_failed(self, error: BaseException, id: int, seconds: float) -> None:
        """It has not answered, and took so long for that."""
        kind = kind_of(error)
        known = kind if kind in self._failed else "draining" if kind == "cancelled" else "other"
        self._cells[self._failed[known]] += 1
        self._count_down()
        self.note(id, f"failed {known}")
        if known != "draining":
            self._report(self.shadow.name, f"copy {id:016x} failed after {seconds:.3f} s: {known}: {text_of(error)}")
            if self._breaker.failed(time.monotonic(), known):
                self._show_breaker()

    def observe_primary(self, seconds: float) -> None:
        """What the primary took for a request of which a copy came here."""
        self._cells[self._primary_seconds + latency_bucket(seconds)] += 1

    def judged(self, seen: Observation) -> None:
        """What this copy brought has been compared."""
        if isinstance(seen, Answer):
            self._cells[self._compared] += 1

    def not_judged(self, seen: Observation, reason: str) -> None:
        """It is not compared after all; a failure, which has no answer, is not counted here."""
        if isinstance(seen, Answer):
            self._cells[self._not_compared[reason]] += 1

    def _show_breaker(self) -> None:
        state = self._breaker.state
        self._cells[self._breaker_state] = state
        self._valve.show(full=self._valve.full, broken=state != CLOSED)
        if state == OPEN:
            # The valve opens for the probe; with the probe under way it is shut again.
            loop = asyncio.get_running_loop()
            loop.call_later(self.shadow.breaker.pause, self._let_probe_come)
        self._changed(self.shadow.name, ("closed", "open", "probing")[state], self._breaker.reason)

    def _let_probe_come(self) -> None:
        self._valve.show(full=self._valve.full, broken=False)

    # ------------------------------------------------------------- sending

    def send(
        self, part: Part, ask: Ask, size: int, why_not_compared: str, landed: Landed | None = None,
        observed: Observed | None = None,
    ) -> None:  # fmt: skip
        """Sends one copy, for which ``refusal`` has reserved ``size`` bytes."""
        copy = Copy(self, ask, size, why_not_compared, landed, observed)
        self.copies[copy] = None
        self.count_sent()
        copy.start(part)

    def over(self, copy: Copy, size: int) -> None:
        """A copy has ended, in whatever way."""
        self.copies.pop(copy, None)
        self.budget.give(size)

    def cancel(self) -> None:
        """Cuts what is on its way; each is counted as failed, draining."""
        for copy in list(self.copies):
            copy.cancel()
