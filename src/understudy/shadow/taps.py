"""All taps of a worker: made for a service, changed at run time, asked for explanations."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping

from understudy.config.model import Service
from understudy.http.values import canonical
from understudy.shadow.accounting import shadows_of
from understudy.shadow.explain import Decision, Ring
from understudy.shadow.link import Link
from understudy.shadow.policy import Compile
from understudy.shadow.seat import Seat, Setting
from understudy.shadow.tap import Tap
from understudy.shadow.tee import Budget
from understudy.shadow.valve import Valves
from understudy.telemetry.counters import Board


class Taps:
    """The taps of a worker. ``by_endpoint`` is what ``gateway.build.Surroundings`` wants."""

    def __init__(self, by_endpoint: Mapping[int, Tap], ring: Ring) -> None:
        self.by_endpoint = by_endpoint
        self.seats = {seat.name: seat for tap in by_endpoint.values() for seat in tap.seats}
        """By the shadow's name."""
        self._ring = ring

    def set(self, name: str, *, percent: float | None = None, paused: bool | None = None) -> bool:
        """Changes a shadow from the next request on; False when there is none of this name."""
        seat = self.seats.get(name)
        if seat is not None:
            Setting(percent, paused).apply(seat.policy)
        return seat is not None

    def explain(self, id: str) -> list[Decision]:
        """What was decided about the request with this exchange id; empty when it is not among the last ones here."""
        return self._ring.find(id)

    def tick(self, now: float) -> None:
        """To be called once a second with the monotonic time."""
        for tap in self.by_endpoint.values():
            tap.tick(now)

    def link_ended(self) -> None:
        """The connection to the mirror is over: what was handed over until now is received, or lost."""
        for seat in self.seats.values():
            seat.link_ended()


def new_ids() -> Callable[[], int]:
    """Numbers for exchanges, unique among all processes: they count up from a random place."""
    return itertools.count(int.from_bytes(os.urandom(8)) >> 1).__next__


def build(
    service: Service,
    board: Board,
    link: Link,
    valves: Valves,
    *,
    compile: Compile | None = None,
    report_bug: Callable[[BaseException], None] = lambda error: None,
) -> Taps:
    """The taps of all endpoints with shadows, and their link told whom to tell when a connection ends.

    ``board`` must have the counters of ``accounting.worker_names(service)``; ``valves`` are those of the mirror at the
    link's other end. Raises ``ValueError`` for a match that
    cannot be compiled.
    """
    ids, ring, budget = new_ids(), Ring(), Budget(service.process.link_bytes)
    marks = frozenset(canonical(s.mark.encode("latin-1", "replace")) for s in shadows_of(service))
    taps = {}
    for endpoint in service.endpoints:
        seats = [
            Seat(backend.shadow, ordinal, board, valves, compile)
            for ordinal, backend in enumerate(endpoint.shadows)
            if backend.shadow is not None
        ]
        if seats:
            taps[endpoint.index] = Tap(
                endpoint, seats, link, ids=ids, marks=marks, budget=budget, ring=ring,
                tell=service.process.explain_header, report_bug=report_bug,
            )  # fmt: skip
    made = Taps(taps, ring)
    link.on_end = made.link_ended
    return made
