"""Who writes evidence. A writer that was killed never says goodbye: so it is known that something may be missing."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Connection, select

from understudy.store import schema
from understudy.store.upsert import insert

_writers = schema.writers


class Seen(Struct, frozen=True, kw_only=True):
    """One writer, as the store saw it last."""

    id: str
    epoch: int
    started: float
    seen: float
    """When it wrote last: what a killed one counted after that is not in the store."""
    ended: float | None
    saved: int
    """Outcomes whose counts are in the store."""
    lost: int
    """Outcomes whose counts it had to give up."""


def beat(connection: Connection, seen: Seen) -> None:
    """Keeps the writer's present state."""
    row = {"id": seen.id, "epoch": seen.epoch, "started": seen.started, "seen": seen.seen, "ended": seen.ended,
           "saved": seen.saved, "lost": seen.lost}  # fmt: skip
    writing = insert(connection, _writers).values(row)
    changing = {name: value for name, value in row.items() if name not in ("id", "started")}
    connection.execute(writing.on_conflict_do_update(index_elements=[_writers.c.id], set_=changing))


def listed(connection: Connection, epoch: int) -> Sequence[Seen]:
    """All writers of an epoch, in the order in which they started."""
    wanted = select(_writers).where(_writers.c.epoch == epoch).order_by(_writers.c.started, _writers.c.id)
    return [Seen(**row) for row in connection.execute(wanted).mappings()]


def killed(connection: Connection, epoch: int, now: float, silent: float = 60.0) -> Sequence[Seen]:
    """Those that neither ended nor wrote for ``silent`` seconds: each may have lost what it had not yet written."""
    return [w for w in listed(connection, epoch) if w.ended is None and now - w.seen > silent]
