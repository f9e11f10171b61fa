"""A series is one endpoint's shadow in one epoch: what counts, paths, points, verdicts and examples belong to."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Connection, select

from understudy.store import schema
from understudy.store.upsert import row_id

_series = schema.series


class Series(Struct, frozen=True, order=True):
    """The name of a series within its epoch."""

    shadow: str
    endpoint: str
    """As people know it: ``GET /users/{id}``. Empty for what is about all endpoints of the shadow."""


def number(connection: Connection, epoch: int, series: Series) -> int:
    """The row of a series, made when it is missing."""
    return row_id(connection, _series, epoch=epoch, shadow=series.shadow, endpoint=series.endpoint)


def find(connection: Connection, epoch: int, series: Series) -> int | None:
    """The row of a series; None when nothing belongs to it yet."""
    wanted = select(_series.c.id).where(
        _series.c.epoch == epoch, _series.c.shadow == series.shadow, _series.c.endpoint == series.endpoint)
    return connection.scalar(wanted)


def known(connection: Connection, epoch: int) -> Sequence[Series]:
    """All series of an epoch, by name."""
    wanted = select(_series.c.shadow, _series.c.endpoint).where(_series.c.epoch == epoch)
    return sorted(Series(row.shadow, row.endpoint) for row in connection.execute(wanted))
