"""Counters: added by batches, each exactly once. Adding is all that ever happens to them, so any order will do."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy import Connection, select

from understudy.store import schema, series
from understudy.store.series import Series
from understudy.store.texts import storable
from understudy.store.upsert import added, insert

_counts, _batches, _series = schema.counts, schema.batches, schema.series

Sums = Mapping[Series, Mapping[str, int]]


class Batch(Struct, frozen=True, kw_only=True):
    """What one process has counted since its last batch."""

    id: str
    """Never used twice, so that a batch of which nobody knows whether it was saved can be sent again."""
    epoch: int
    counts: Sums


def add(connection: Connection, batch: Batch, now: float) -> bool:
    """Adds a batch, unless it has been added before; whether it was."""
    if not added(connection, _batches, id=batch.id, applied=now):
        return False
    adding = insert(connection, _counts)
    adding = adding.on_conflict_do_update(
        index_elements=[_counts.c.series, _counts.c.key], set_={"n": _counts.c.n + adding.excluded.n})
    # In one order everywhere, so that two writers never wait for each other.
    numbers = {name: series.number(connection, batch.epoch, name) for name in sorted(batch.counts)}
    rows = [{"series": number, "key": storable(key), "n": n}
            for number, name in sorted((n, s) for s, n in numbers.items())
            for key, n in sorted(batch.counts[name].items()) if n]  # fmt: skip
    if rows:
        connection.execute(adding, rows)
    return True


def sums(connection: Connection, epoch: int, only: Series | None = None) -> dict[Series, dict[str, int]]:
    """Everything that was counted in an epoch."""
    wanted = select(_series.c.shadow, _series.c.endpoint, _counts.c.key, _counts.c.n).join_from(_series, _counts)
    wanted = wanted.where(_series.c.epoch == epoch)
    if only is not None:
        wanted = wanted.where(_series.c.shadow == only.shadow, _series.c.endpoint == only.endpoint)
    out: dict[Series, dict[str, int]] = {}
    for shadow, endpoint, key, n in connection.execute(wanted):
        out.setdefault(Series(shadow, endpoint), {})[key] = n
    return out


def forget_batches(connection: Connection, before: float) -> int:
    """Forgets which batches were added before this time, when nobody can still be trying to add them; how many."""
    return connection.execute(_batches.delete().where(_batches.c.applied < before)).rowcount
