"""From any older schema to the present one: numbered steps, each applied once, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, func, inspect, select, text

from understudy.errors import StoreError
from understudy.store import schema

Step = Callable[[Connection], None]

STEPS: Sequence[Step] = ()
"""The step at index n leads from schema n + 1 to schema n + 2. A new store begins with the present one."""

_LOCK = 7_276_583_001


def version(connection: Connection) -> int:
    """The store's schema; 0 when it is empty."""
    if not inspect(connection).has_table(schema.migrations.name):
        return 0
    return connection.scalar(select(func.max(schema.migrations.c.number))) or 0


def is_present(connection: Connection, steps: Sequence[Step] = STEPS) -> bool:
    """Whether nothing needs to be done."""
    return version(connection) == len(steps) + 1


def migrate(connection: Connection, now: float, steps: Sequence[Step] = STEPS) -> int:
    """Brings the schema up to date, in the caller's transaction; its number. Raises StoreError for a newer one."""
    latest = len(steps) + 1
    found = version(connection)
    if found < latest:
        _alone(connection)
        found = version(connection)
    if found > latest:
        raise StoreError(f"The store was written by a newer Understudy (schema {found}; this one knows {latest}). "
                         "Update this one, or give it another store.")
    if found == 0:
        schema.metadata.create_all(connection)
        _applied(connection, range(1, latest + 1), now)
    else:
        for step in steps[found - 1 :]:
            step(connection)
        _applied(connection, range(found + 1, latest + 1), now)
    return latest


def _alone(connection: Connection) -> None:
    """Until the transaction ends nobody else migrates. SQLite lets one write at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _applied(connection: Connection, numbers: range, now: float) -> None:
    rows = [{"number": number, "applied": now} for number in numbers]
    if rows:
        connection.execute(schema.migrations.insert(), rows)
