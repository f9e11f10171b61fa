from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.engine import URL

from understudy.errors import StoreError
from understudy.store import schema
from understudy.store.migrations import STEPS, is_present, migrate, version
from understudy.store.store import Store


def rename(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE events ADD COLUMN colour TEXT"))


def fail(connection: Connection) -> None:
    connection.execute(text("DROP TABLE events"))
    raise RuntimeError("in the middle")


def test_an_older_schema_is_brought_up_to_date_once(store: Store) -> None:
    newer = [*STEPS, rename]
    for _ in range(2):
        with store.writing() as connection:
            assert migrate(connection, 5.0, newer) == len(STEPS) + 2
    with store.reading() as connection:
        assert connection.execute(text("SELECT colour FROM events")).all() == []
        assert list(connection.scalars(select(schema.migrations.c.number))) == list(range(1, len(STEPS) + 3))
        assert is_present(connection, newer) and not is_present(connection)


def test_a_newer_schema_is_refused_with_a_sentence(store: Store) -> None:
    with store.writing() as connection:
        migrate(connection, 5.0, [*STEPS, rename])
    with pytest.raises(StoreError, match="written by a newer Understudy"):
        Store.open(store.url)


def test_a_step_that_fails_changes_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as connection:
        migrate(connection, 5.0, [*STEPS, fail])
    with store.reading() as connection:
        assert version(connection) == len(STEPS) + 1
        assert connection.execute(select(schema.events)).all() == []


def test_many_may_open_a_new_store_at_once(url: URL) -> None:
    wrong: list[Exception] = []

    def open_it() -> None:
        try:
            Store.open(url).close()
        except StoreError as error:
            wrong.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
