"""The children of one configuration, and where they stand together. Pure."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from enum import Enum

from understudy.config.model import Service
from understudy.process.slots import Kind, Phase, Slot
from understudy.shadow.valve import Valves


class Stage(Enum):
    """Where a generation stands."""

    STARTING = "starting"
    SERVING = "serving"
    DRAINING = "draining"
    GONE = "gone"


class Generation:
    """What belongs to one reading of the configuration."""

    def __init__(
        self, number: int, service: Service, doors: Sequence[socket.socket], unix: socket.socket | None
    ) -> None:
        self.number = number
        self.service = service
        self.stage = Stage.STARTING
        self.doors = tuple(doors)
        """A listener for each worker."""
        self.unix = unix
        self.links: list[tuple[str, socket.socket]] = []
        """Path and listener for each mirror."""
        self.slots = slots_for(service)
        self.valves = [Valves(service) for _ in range(mirrors_of(service))]

    def of(self, kind: Kind) -> list[Slot]:
        """The slots of one kind."""
        return [slot for slot in self.slots if slot.kind == kind]


def mirrors_of(service: Service) -> int:
    """How many mirrors a configuration needs: none without shadows."""
    return service.process.mirrors if any(endpoint.shadows for endpoint in service.endpoints) else 0


def slots_for(service: Service) -> list[Slot]:
    """Mirrors come first: when a worker begins to serve, somebody is there to take its copies."""
    mirrors = [Slot("mirror", i) for i in range(mirrors_of(service))]
    return mirrors + [Slot("worker", i) for i in range(service.process.workers)]


def is_up(slots: Sequence[Slot]) -> bool:
    """Whether users are served as configured. A mirror that does not start must not keep them waiting."""
    return all(slot.phase is Phase.READY for slot in slots if slot.kind == "worker")


def next_to_drain(slots: Sequence[Slot]) -> list[Slot]:
    """Who is to be told to end now: workers; once they are gone, mirrors, which then have seen all copies."""
    for kind in ("worker", "mirror"):
        some = [slot for slot in slots if slot.kind == kind and slot.phase is not Phase.GONE]
        if some:
            return [slot for slot in some if slot.phase is not Phase.DRAINING]
    return []


def is_gone(slots: Sequence[Slot]) -> bool:
    """Whether nothing of it runs any more."""
    return all(slot.phase is Phase.GONE for slot in slots)
