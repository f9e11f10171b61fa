"""What happened to a gateway's shadows: started, stepped back, changed, judged. For people, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from understudy.store import schema
from understudy.store.place import Identity
from understudy.store.texts import storable
from understudy.store.upsert import row_id

_events, _gateways = schema.events, schema.gateways


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened."""

    at: float
    kind: str
    """One word, to filter by."""
    text: str
    """A sentence."""
    data: Mapping[str, Any] = {}
    id: int = 0
    """Given by the store; later events have larger ones."""


def add(connection: Connection, identity: Identity, new: Sequence[Event]) -> None:
    """Keeps events of a gateway."""
    if not new:
        return
    gateway = row_id(connection, _gateways, config=identity.config, service=identity.service)
    rows = [{"gateway": gateway, "at": e.at, "kind": storable(e.kind), "text": storable(e.text),
             "data": msgspec.json.encode(e.data).decode()} for e in new]  # fmt: skip
    connection.execute(_events.insert(), rows)


def listed(connection: Connection, identity: Identity, *, after: int = 0, limit: int = 200) -> Sequence[Event]:
    """The newest events of a gateway with an id over ``after``, newest first."""
    wanted = select(_events).join_from(_events, _gateways).where(
        _gateways.c.config == identity.config, _gateways.c.service == identity.service, _events.c.id > after)
    return [Event(id=row.id, at=row.at, kind=row.kind, text=row.text, data=msgspec.json.decode(row.data))
            for row in connection.execute(wanted.order_by(_events.c.id.desc()).limit(limit))]  # fmt: skip
