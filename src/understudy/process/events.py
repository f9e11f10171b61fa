"""The last things that happened, for people: reloads, crashes, breakers. Pure: whoever notes one passes the time in."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

KEPT = 500


class Event(Struct, frozen=True):
    """One thing that happened. ``at``: seconds since 1970; ``number`` counts up and never repeats."""

    number: int
    at: float
    kind: str
    text: str
    source: str
    fields: dict[str, Any] = {}


class Events:
    """The last ``KEPT`` events."""

    def __init__(self, kept: int = KEPT) -> None:
        self._ring: deque[Event] = deque(maxlen=kept)
        self._number = 0

    def note(self, at: float, kind: str, text: str, source: str, fields: dict[str, Any] | None = None) -> Event:
        """Adds one; the oldest is forgotten when there are too many."""
        self._number += 1
        event = Event(self._number, at, kind, text, source, fields or {})
        self._ring.append(event)
        return event

    def after(self, number: int = 0) -> Sequence[Event]:
        """Those with a higher number, oldest first."""
        return [event for event in self._ring if event.number > number]
