"""Epochs: the time in which one configuration of shadows met one version of the candidate. Old ones stay readable.

Evidence of different epochs is never added up. A gateway that starts again with the same digest goes on with its last
epoch, and gateways of the same identity share it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, select

from understudy.errors import StoreError
from understudy.store import schema
from understudy.store.place import Identity
from understudy.store.upsert import row_id

_epochs, _gateways = schema.epochs, schema.gateways


class Opening(Struct, frozen=True, kw_only=True):
    """What an epoch is about."""

    identity: Identity
    digest: str
    """Of everything that makes evidence comparable: shadows, rules."""
    label: str = ""
    """The candidate's version, for people; another label is another epoch."""
    settings: Mapping[str, Any] = {}
    """What the verdict uses."""


class Epoch(Struct, frozen=True, kw_only=True):
    """One epoch."""

    id: int
    identity: Identity
    digest: str
    label: str
    settings: Mapping[str, Any]
    started: float
    ended: float | None


def open_epoch(connection: Connection, opening: Opening, now: float) -> Epoch:
    """The gateway's open epoch when it is about the same, else a new one; then the one before has ended."""
    identity = opening.identity
    gateway = row_id(connection, _gateways, config=identity.config, service=identity.service)
    # Whoever opens an epoch of this gateway at the same time waits here.
    connection.execute(select(_gateways.c.id).where(_gateways.c.id == gateway).with_for_update())
    last = latest(connection, identity)
    if last is not None and last.ended is None and (last.digest, last.label) == (opening.digest, opening.label):
        return last
    ending = _epochs.update().where(_epochs.c.gateway == gateway, _epochs.c.ended.is_(None))
    connection.execute(ending.values(ended=now))
    settings = msgspec.json.encode(opening.settings, order="sorted").decode()
    row = {"gateway": gateway, "digest": opening.digest, "label": opening.label, "settings": settings, "started": now}
    connection.execute(_epochs.insert().values(row))
    made = latest(connection, identity)
    assert made is not None
    return made


def end_epoch(connection: Connection, epoch: int, now: float) -> None:
    """Ends an epoch, so that even the same configuration starts a new one. What is under way may still be added."""
    connection.execute(_epochs.update().where(_epochs.c.id == epoch, _epochs.c.ended.is_(None)).values(ended=now))


def latest(connection: Connection, identity: Identity) -> Epoch | None:
    """The gateway's newest epoch."""
    found = listed(connection, identity, limit=1)
    return found[0] if found else None


def listed(connection: Connection, identity: Identity | None = None, limit: int = 100) -> Sequence[Epoch]:
    """Epochs of one gateway, or of all, newest first."""
    wanted = _SELECTED.order_by(_epochs.c.id.desc()).limit(limit)
    if identity is not None:
        wanted = wanted.where(_gateways.c.config == identity.config, _gateways.c.service == identity.service)
    return [_epoch(row) for row in connection.execute(wanted)]


def get(connection: Connection, epoch: int) -> Epoch:
    """One epoch; raises StoreError when it is not there."""
    row = connection.execute(_SELECTED.where(_epochs.c.id == epoch)).first()
    if row is None:
        raise StoreError(f"There is no epoch {epoch} in the store.")
    return _epoch(row)


_SELECTED = select(_epochs, _gateways.c.config, _gateways.c.service).join_from(_epochs, _gateways)


def _epoch(row: Row[Any]) -> Epoch:
    return Epoch(id=row.id, identity=Identity(row.config, row.service), digest=row.digest, label=row.label,
                 settings=msgspec.json.decode(row.settings), started=row.started, ended=row.ended)  # fmt: skip
