"""Exchanges as examples: for each finding (a path and a kind) the first one and the newest ones, and no more."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, delete, exists, select

from understudy.store import schema, series
from understudy.store.redaction import Kept
from understudy.store.series import Series
from understudy.store.upsert import insert

_exchanges, _examples, _series = schema.exchanges, schema.examples, schema.series

NEWEST = 5
"""Examples of one finding besides the first."""
Finding = tuple[str, str]
"""A path and a kind of difference."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode


class Example(Struct, frozen=True, kw_only=True):
    """A kept exchange, without what was said in it."""

    exchange: str
    """The exchange's id: sixteen hexadecimal digits."""
    epoch: int
    series: Series
    at: float
    size: int
    """Bytes in the store."""


def packed(kept: Kept) -> bytes:
    """An exchange as it is stored."""
    return zlib.compress(_encode(kept), 1)


def unpacked(content: bytes) -> Kept:
    """The reverse."""
    return _decode(zlib.decompress(content))


def keep(connection: Connection, epoch: int, name: Series, exchange_id: str, at: float, content: bytes,
         findings: Iterable[Finding], newest: int = NEWEST) -> None:
    """Keeps a packed exchange as an example of its findings; older examples of them make room."""
    number = series.number(connection, epoch, name)
    found = sorted(set(findings))
    if not found:
        return
    row = {"series": number, "exchange": exchange_id, "at": at, "size": len(content), "content": content}
    connection.execute(insert(connection, _exchanges).values(row).on_conflict_do_nothing())
    kept = connection.scalar(
        select(_exchanges.c.id).where(_exchanges.c.series == number, _exchanges.c.exchange == exchange_id))
    for path, kind in found:
        _example(connection, (_examples.c.series == number, _examples.c.path == path, _examples.c.kind == kind),
                 {"series": number, "path": path, "kind": kind, "kept": kept, "at": at}, newest)  # fmt: skip
    unused = ~exists().where(_examples.c.kept == _exchanges.c.id)
    connection.execute(delete(_exchanges).where(_exchanges.c.series == number, unused))


def _example(connection: Connection, here: Sequence[ColumnElement[bool]], row: dict[str, Any], newest: int) -> None:
    first = connection.scalar(select(_examples.c.kept).where(*here, _examples.c.first).limit(1)) is None
    connection.execute(insert(connection, _examples).values(**row, first=first).on_conflict_do_nothing())
    old = select(_examples.c.kept).where(*here, ~_examples.c.first)
    gone = list(connection.scalars(old.order_by(_examples.c.at.desc(), _examples.c.kept.desc()).offset(newest)))
    if gone:
        connection.execute(delete(_examples).where(*here, _examples.c.kept.in_(gone)))


def get(connection: Connection, exchange_id: str) -> Sequence[tuple[Example, Kept]]:
    """Everything kept under an id: one for each shadow that got a copy; newest first."""
    wanted = _SELECTED.add_columns(_exchanges.c.content).where(_exchanges.c.exchange == exchange_id)
    return [(_example_of(row), unpacked(row.content)) for row in connection.execute(wanted)]


def listed(connection: Connection, epoch: int, *, only: Series | None = None, path: str | None = None,
           kind: str | None = None, before: float | None = None, limit: int = 100) -> Sequence[Example]:
    """Kept exchanges of an epoch, newest first."""
    wanted = _SELECTED.where(_series.c.epoch == epoch).limit(limit)
    if only is not None:
        wanted = wanted.where(_series.c.shadow == only.shadow, _series.c.endpoint == only.endpoint)
    if before is not None:
        wanted = wanted.where(_exchanges.c.at < before)
    shows = [column == value for column, value in ((_examples.c.path, path), (_examples.c.kind, kind)) if value]
    if shows:
        wanted = wanted.where(exists().where(_examples.c.kept == _exchanges.c.id, *shows))
    return [_example_of(row) for row in connection.execute(wanted)]


def examples(connection: Connection, epoch: int, name: Series) -> dict[Finding, list[str]]:
    """The ids of the examples of each finding of a series: the first one, then the newest."""
    wanted = select(_examples.c.path, _examples.c.kind, _exchanges.c.exchange).join_from(_examples, _exchanges)
    wanted = wanted.where(_examples.c.series == series.find(connection, epoch, name))
    out: dict[Finding, list[str]] = {}
    for path, kind, exchange in connection.execute(
            wanted.order_by(_examples.c.first.desc(), _examples.c.at.desc(), _examples.c.kept.desc())):
        out.setdefault((path, kind), []).append(exchange)
    return out


_SELECTED = select(
    _exchanges.c.exchange, _exchanges.c.at, _exchanges.c.size, _series.c.epoch, _series.c.shadow, _series.c.endpoint,
).join_from(_exchanges, _series).order_by(_exchanges.c.at.desc(), _exchanges.c.id.desc())  # fmt: skip


def _example_of(row: Row[*tuple[Any, ...]]) -> Example:
    where = Series(row.shadow, row.endpoint)
    return Example(exchange=row.exchange, epoch=row.epoch, series=where, at=row.at, size=row.size)
