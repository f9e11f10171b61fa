"""Verdicts are latched: when a hypothesis came to a state first, and on what evidence, is kept for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from understudy.store import schema, series
from understudy.store.series import Series
from understudy.store.upsert import added

_verdicts, _series = schema.verdicts, schema.series


class Latched(Struct, frozen=True, kw_only=True):
    """A state that a hypothesis has reached."""

    series: Series
    hypothesis: str
    state: str
    at: float
    evidence: Mapping[str, Any]
    """Counters, thresholds, examples: enough to judge again."""


def latch(connection: Connection, epoch: int, reached: Latched) -> bool:
    """Keeps it, unless this hypothesis was in this state before; whether it is new."""
    number = series.number(connection, epoch, reached.series)
    row = {"series": number, "hypothesis": reached.hypothesis, "state": reached.state, "at": reached.at,
           "evidence": msgspec.json.encode(reached.evidence).decode()}  # fmt: skip
    return added(connection, _verdicts, **row)


def latched(connection: Connection, epoch: int) -> Sequence[Latched]:
    """Everything reached in an epoch, first things first."""
    wanted = select(_verdicts, _series.c.shadow, _series.c.endpoint).join_from(_verdicts, _series)
    return [
        Latched(series=Series(row.shadow, row.endpoint), hypothesis=row.hypothesis, state=row.state, at=row.at,
                evidence=msgspec.json.decode(row.evidence))
        for row in connection.execute(wanted.where(_series.c.epoch == epoch).order_by(
            _verdicts.c.at, _verdicts.c.hypothesis, _verdicts.c.state))
    ]  # fmt: skip
