"""Why a given request was, or was not, copied, and what became of its copies: the last decisions of one process."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from msgspec import Struct

from understudy.shadow.headers import exchange_id

COPIED = "copied"


class Decision(Struct, frozen=True):
    """What became of one request, for one shadow."""

    id: str
    """The exchange's id, as in logs and in the mark header."""
    endpoint: str
    shadow: str
    outcome: str
    """From a worker: ``copied`` (handed to the mirror), or a reason of ``accounting.SKIPPED`` or
    ``accounting.DROPPED``. From a mirror, for each copy: ``answered 200``, ``failed timeout``, ``in flight``, or a
    reason of ``accounting.DROPPED``."""
    by: str = "worker"
    """Who knows: ``worker`` or ``mirror``."""


class Note(Struct, frozen=True):
    """What was decided about a request; equal decisions share one note, so that remembering costs no memory."""

    endpoint: str
    shadows: tuple[str, ...]
    outcomes: tuple[str, ...]


class Ring:
    """The last ``size`` decisions; older ones are overwritten. Writing costs two assignments and keeps no objects."""

    __slots__ = ("_at", "_by", "_ids", "_notes", "_size")

    def __init__(self, size: int = 4096, by: str = "worker") -> None:
        self._by = by
        self._ids = array("Q", bytes(8 * size))
        self._notes: list[Note | None] = [None] * size
        self._size = size
        self._at = 0

    def note(self, id: int, note: Note) -> None:
        """What was decided about one request."""
        at = self._at
        self._ids[at] = id
        self._notes[at] = note
        self._at = at + 1 if at + 1 < self._size else 0

    def find(self, id: str) -> list[Decision]:
        """The decisions about the request with this id (hexadecimal), the last word for each shadow; often empty."""
        return list({decision.shadow: decision for decision in self.find_all(id)}.values())

    def find_all(self, id: str) -> list[Decision]:
        """Everything about this id, in order."""
        wanted = number_of(id)
        found: list[Decision] = []
        if wanted is None:
            return found
        for i in range(self._size):
            at = (self._at + i) % self._size
            note = self._notes[at]
            if note is not None and self._ids[at] == wanted:
                found.extend(
                    Decision(exchange_id(wanted), note.endpoint, shadow, outcome, self._by)
                    for shadow, outcome in zip(note.shadows, note.outcomes, strict=True)
                )
        return found


def number_of(id: str) -> int | None:
    """The number behind an exchange's id; None when the text is none."""
    try:
        number = int(id, 16)
    except ValueError:
        return None
    return number if 0 <= number < 1 << 64 else None


def header_value(shadows: Sequence[str], outcomes: Sequence[str], id: int) -> bytes:
    """The value of ``X-Understudy-Copies``: ``id=…, orders-1=copied, orders-2=percent``."""
    said = "".join(f", {shadow}={outcome}" for shadow, outcome in zip(shadows, outcomes, strict=True))
    return f"id={exchange_id(id)}{said}".encode("latin-1", "replace")
