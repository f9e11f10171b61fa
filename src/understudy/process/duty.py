"""What a child is given when it is forked: all it needs to do its work."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from understudy.config.model import Service
from understudy.process.slots import Kind
from understudy.shadow.valve import Valves
from understudy.telemetry.counters import Board


class Duty(Struct, frozen=True, kw_only=True):
    """One child's work."""

    kind: Kind
    index: int
    name: str
    """What logs call it: ``worker 0``."""
    service: Service
    board: Board
    control: socket.socket
    """The child's end of its channel to the supervisor."""
    listeners: Sequence[socket.socket] = ()
    links: Sequence[str] = ()
    """For workers: the paths at which mirrors listen."""
    valves: Sequence[Valves] = ()
    """One for each mirror: what it tells workers about its shadows."""
    settings: Mapping[str, Mapping[str, Any]] = {}
    """By shadow: what was changed at run time."""
    generation: int = 0
    config: Path = Path()
    """The configuration's file."""
    debug: bool = False

    def sockets(self) -> tuple[socket.socket, ...]:
        """What the child keeps open of all that its parent has."""
        return (self.control, *self.listeners)


Main = Callable[[Duty], int]
"""The work of a child; returns its exit code."""
