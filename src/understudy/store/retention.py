"""What is thrown away, and when: examples by age and size, events by age. Counters, paths and verdicts stay."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Connection, delete, exists, func, select

from understudy.store import schema
from understudy.store.counts import forget_batches

_exchanges, _examples, _events, _writers = schema.exchanges, schema.examples, schema.events, schema.writers
_DAY = 86_400.0
_BATCHES = 7 * _DAY
_CHUNK = 500


class Retention(Struct, frozen=True, kw_only=True):
    """How long and how much."""

    max_age: float = 30 * _DAY
    """Seconds that examples and events are kept."""
    max_bytes: int = 256 * 1024 * 1024
    """Of all examples together."""


def prune(connection: Connection, retention: Retention, now: float) -> int:
    """Throws away what is too old or too much; how many examples went."""
    old = now - retention.max_age
    gone = connection.execute(delete(_exchanges).where(_exchanges.c.at < old)).rowcount
    connection.execute(delete(_events).where(_events.c.at < old))
    connection.execute(delete(_writers).where(_writers.c.seen < old))
    forget_batches(connection, now - _BATCHES)
    over = _over(connection, retention.max_bytes)
    for start in range(0, len(over), _CHUNK):
        connection.execute(delete(_exchanges).where(_exchanges.c.id.in_(over[start : start + _CHUNK])))
    return gone + len(over)


def _over(connection: Connection, limit: int) -> list[int]:
    """The examples that no longer fit: the oldest, and the first ones of their findings last of all."""
    total = connection.scalar(select(func.sum(_exchanges.c.size))) or 0
    if total <= limit:
        return []
    first = exists().where(_examples.c.kept == _exchanges.c.id, _examples.c.first)
    going = []
    for number, size in connection.execute(
            select(_exchanges.c.id, _exchanges.c.size).order_by(first, _exchanges.c.at, _exchanges.c.id)):
        if total <= limit:
            break
        going.append(number)
        total -= size
    return going
