"""Evidence over pairs, for curves: thinned where there are too many points, so that peaks stay."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Connection, select

from understudy.store import schema, series
from understudy.store.series import Series
from understudy.store.upsert import insert

_points = schema.points
MOST = 400
"""Points of one curve that are kept."""
_SLACK = 100


class Point(Struct, frozen=True):
    """One look at the evidence."""

    pairs: int
    """How many pairs had been seen."""
    evidence: float
    """Logarithm of the e-value."""
    at: float


def add(connection: Connection, epoch: int, name: Series, family: str, new: Sequence[Point]) -> None:
    """Adds points to the curve of a family (``errors``, ``latency``, a path); a second one at the same pairs counts."""
    if not new:
        return
    number = series.number(connection, epoch, name)
    adding = insert(connection, _points)
    adding = adding.on_conflict_do_update(
        index_elements=[_points.c.series, _points.c.family, _points.c.pairs],
        set_={"evidence": adding.excluded.evidence, "at": adding.excluded.at})  # fmt: skip
    rows = {p.pairs: {"series": number, "family": family, "pairs": p.pairs, "evidence": p.evidence, "at": p.at}
            for p in new}  # fmt: skip
    connection.execute(adding, list(rows.values()))
    there = curve(connection, epoch, name, family)
    if len(there) > MOST + _SLACK:
        kept = {p.pairs for p in thinned(there)}
        gone = [p.pairs for p in there if p.pairs not in kept]
        connection.execute(_points.delete().where(
            _points.c.series == number, _points.c.family == family, _points.c.pairs.in_(gone)))


def curve(connection: Connection, epoch: int, name: Series, family: str) -> Sequence[Point]:
    """One family's points, in order."""
    number = series.find(connection, epoch, name)
    wanted = select(_points.c.pairs, _points.c.evidence, _points.c.at).where(
        _points.c.series == number, _points.c.family == family).order_by(_points.c.pairs)
    return [Point(*row) for row in connection.execute(wanted)]


def families(connection: Connection, epoch: int, name: Series) -> Sequence[str]:
    """Which curves a series has."""
    number = series.find(connection, epoch, name)
    wanted = select(_points.c.family).where(_points.c.series == number).distinct().order_by(_points.c.family)
    return list(connection.scalars(wanted))


def thinned(points: Sequence[Point], most: int = MOST) -> Sequence[Point]:
    """At most so many of the points (3 or more): the ends, and of each stretch the highest and the lowest."""
    if len(points) <= most:
        return points
    kept = {0, len(points) - 1}
    stretches = max(1, (most - 2) // 2)
    for n in range(stretches):
        indices = range(n * len(points) // stretches, (n + 1) * len(points) // stretches)
        kept.add(max(indices, key=lambda i: points[i].evidence))
        kept.add(min(indices, key=lambda i: points[i].evidence))
    return [points[i] for i in sorted(kept)]
