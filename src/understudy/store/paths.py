"""The order in which differing paths were discovered, one for all processes: evidence is weighed by it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from understudy.store import schema, series
from understudy.store.series import Series
from understudy.store.texts import storable

_paths, _series = schema.paths, schema.series


def assign(connection: Connection, epoch: int, name: Series, found: Iterable[str]) -> dict[str, int]:
    """The ordinals (from 1) of these paths; those that are new get the next ones, in the order given."""
    wanted = list(dict.fromkeys(map(storable, found)))
    number = series.number(connection, epoch, name)
    connection.execute(select(_series.c.id).where(_series.c.id == number).with_for_update())
    there = select(_paths.c.path, _paths.c.ordinal).where(_paths.c.series == number)
    ordinals = {row.path: int(row.ordinal) for row in connection.execute(there)}
    last = max(ordinals.values(), default=0)
    new = [path for path in wanted if path not in ordinals]
    if new:
        rows = [{"series": number, "path": path, "ordinal": last + n} for n, path in enumerate(new, 1)]
        connection.execute(_paths.insert(), rows)
        ordinals |= {path: last + n for n, path in enumerate(new, 1)}
    return {path: ordinals[path] for path in wanted}


def ordinals(connection: Connection, epoch: int) -> dict[Series, dict[str, int]]:
    """All paths discovered in an epoch, in order of discovery."""
    wanted = select(_series.c.shadow, _series.c.endpoint, _paths.c.path, _paths.c.ordinal).join_from(_series, _paths)
    out: dict[Series, dict[str, int]] = {}
    for shadow, endpoint, path, ordinal in connection.execute(
            wanted.where(_series.c.epoch == epoch).order_by(_paths.c.series, _paths.c.ordinal)):
        out.setdefault(Series(shadow, endpoint), {})[path] = ordinal
    return out


