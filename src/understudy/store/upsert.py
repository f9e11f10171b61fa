"""``INSERT … ON CONFLICT`` in the dialect at hand: both databases know it, SQLAlchemy has it once for each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> Any:
    """An insert that has ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def added(connection: Connection, table: Table, **values: Any) -> bool:
    """Adds a row unless one with the same key is there; whether it did."""
    key = next(iter(table.primary_key))
    inserting = insert(connection, table).values(**values).on_conflict_do_nothing().returning(key)
    return connection.execute(inserting).first() is not None


def row_id(connection: Connection, table: Table, **unique: Any) -> int:
    """The id of the row with these values, which are unique together; made when it is missing."""
    wanted = select(table.c.id).where(*(table.c[name] == value for name, value in unique.items()))
    found = connection.scalar(wanted)
    if found is None:
        connection.execute(insert(connection, table).values(**unique).on_conflict_do_nothing())
        found = connection.scalar(wanted)
    assert found is not None
    return int(found)
