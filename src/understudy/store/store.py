"""One store: opened, made or migrated; transactions for reading and for writing. Blocking: not for an event loop."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from understudy.errors import StoreError
from understudy.store import place
from understudy.store.migrations import is_present, migrate

BUSY_SECONDS = 5.0
"""How long a question waits for another process that writes."""
_WRITES = "understudy_writes"


class Store:
    """Owner of the connections to one store. Every method may raise StoreError, with a sentence."""

    def __init__(self, url: URL, engine: Engine) -> None:
        self.url = url
        self._engine = engine
        self._inode = _inode(url)

    @classmethod
    def open(cls, url: URL, *, make: bool = True, busy: float = BUSY_SECONDS) -> Store:
        """The store at this URL with the present schema; made when it is missing, unless ``make`` is False."""
        file = Path(url.database or "") if url.drivername == "sqlite" else None
        if file is not None and not file.exists():
            if not make:
                raise StoreError(f"There is no store at {file}.")
            _make_folder(file)
        try:
            store = cls(url, _engine(url, busy))
        except (ImportError, NoSuchModuleError):
            raise StoreError("PostgreSQL needs a driver: pip install 'understudy[postgresql]'.") from None
        try:
            with store.reading() as connection:
                ready = is_present(connection)
            if not ready:
                with store.writing() as connection:
                    migrate(connection, time.time())
        except StoreError:
            store.close()
            raise
        store._inode = _inode(url)
        return store

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store."""
        with self._said(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that changes all or nothing."""
        options = {_WRITES: True}
        with (self._said(), self._engine.connect().execution_options(**options) as connection, connection.begin()):
            yield connection

    @property
    def moved(self) -> bool:
        """Whether the file is no longer the one that was opened: deleted, or another in its place."""
        return _inode(self.url) != self._inode

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError(_sentence(error, self.url)) from error


def _engine(url: URL, busy: float) -> Engine:
    if url.drivername != "sqlite":
        arguments: dict[str, Any] = {"connect_timeout": 5, "application_name": "understudy",
                                     "options": f"-c lock_timeout={int(busy * 1000)} -c statement_timeout=60000"}
        return create_engine(url, connect_args=arguments, pool_pre_ping=True, pool_size=2, max_overflow=3)
    engine = create_engine(url, connect_args={"timeout": busy, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "journal_size_limit=16777216"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A transaction that begins by reading could not wait for its turn when it comes to write.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _inode(url: URL) -> tuple[int, int] | None:
    """Which file it is; None for a server, or when there is none."""
    if url.drivername != "sqlite":
        return None
    try:
        found = Path(url.database or "").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # For its owner alone from the first byte on: what users asked may be in it.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"The store cannot be made at {file}: {error.strerror}.") from None


_WORDS = (
    ("locked", "another process keeps it locked"),
    ("disk is full", "the disk is full"),
    ("disk I/O error", "the disk cannot be read or written (it may be full)"),
    ("readonly", "it may only be read"),
    ("unable to open", "its file cannot be opened"),
    ("not a database", "its file is no database"),
    ("malformed", "its file is damaged"),
    ("lock timeout", "another process keeps it locked"),
    ("password authentication", "the server refuses the password"),
)


def _sentence(error: SQLAlchemyError, url: URL) -> str:
    name = place.described(url)
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    why = next((words for mark, words in _WORDS if mark in said), None)
    if why is None and ("connection" in said or "connect" in said):
        why = "the server cannot be reached"
    return f"The store {name} cannot be used: {why or ' '.join(said.split())[:200]}."
