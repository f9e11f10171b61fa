"""Why a given request was, or was not, copied: the last decisions of one worker."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from understudy.shadow.headers import exchange_id

COPIED = "copied"


class Decision(Struct, frozen=True):
    """What became of one request, for one shadow."""

    id: str
    """The exchange's id, as in logs and in the mark header."""
    endpoint: str
    path: str
    shadow: str
    outcome: str
    """``copied`` (handed to the mirror), or a reason of ``accounting.SKIPPED`` or ``accounting.DROPPED``."""


class Ring:
    """The last ``size`` decisions; older ones are overwritten. Writing costs a list assignment."""

    __slots__ = ("_at", "_entries", "_size")

    def __init__(self, size: int = 16384) -> None:
        self._entries: list[tuple[int, str, str, Sequence[str], Sequence[str]] | None] = [None] * size
        self._size = size
        self._at = 0

    def note(self, id: int, endpoint: str, path: str, shadows: Sequence[str], outcomes: Sequence[str]) -> None:
        """What was decided about one request: an outcome for each of the shadows."""
        at = self._at
        self._entries[at] = (id, endpoint, path, shadows, outcomes)
        self._at = at + 1 if at + 1 < self._size else 0

    def find(self, id: str) -> list[Decision]:
        """The decisions about the request with this id (hexadecimal), the last word for each shadow; often empty."""
        try:
            wanted = int(id, 16)
        except ValueError:
            return []
        found: dict[str, Decision] = {}
        entries = self._entries
        for i in range(self._size):
            entry = entries[(self._at + i) % self._size]
            if entry is not None and entry[0] == wanted:
                _, endpoint, path, shadows, outcomes = entry
                for shadow, outcome in zip(shadows, outcomes, strict=True):
                    found[shadow] = Decision(exchange_id(wanted), endpoint, path, shadow, outcome)
        return list(found.values())


def header_value(shadows: Sequence[str], outcomes: Sequence[str], id: int) -> bytes:
    """The value of ``X-Understudy-Copies``: ``id=…, orders-1=copied, orders-2=percent``."""
    said = "".join(f", {shadow}={outcome}" for shadow, outcome in zip(shadows, outcomes, strict=True))
    return f"id={exchange_id(id)}{said}".encode("latin-1", "replace")
