from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from understudy.errors import StoreError
from understudy.store import events
from understudy.store.events import Event
from understudy.store.place import Identity
from understudy.store.store import Store

WHO = Identity("/k.json", "")


def test_a_file_is_made_for_its_owner_alone(sqlite_url: URL) -> None:
    Store.open(sqlite_url).close()
    assert stat.S_IMODE(Path(sqlite_url.database or "").stat().st_mode) == 0o600


def test_a_file_is_in_wal_mode_and_checks_references(sqlite_url: URL) -> None:
    store = Store.open(sqlite_url)
    with store.reading() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    store.close()


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as connection:
        events.add(connection, WHO, [Event(at=1.0, kind="x", text="lost")])
        raise RuntimeError
    with store.reading() as connection:
        assert events.listed(connection, WHO) == []


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    with store.writing() as writing:
        events.add(writing, WHO, [Event(at=1.0, kind="x", text="new")])
        with store.reading() as reading:
            assert events.listed(reading, WHO) == []
    with store.reading() as reading:
        assert len(events.listed(reading, WHO)) == 1


def test_writers_wait_for_each_other(store: Store) -> None:
    def write() -> None:
        for _ in range(20):
            with store.writing() as connection:
                events.add(connection, WHO, [Event(at=1.0, kind="x", text="one")])

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert len(events.listed(connection, WHO, limit=100)) == 60


def test_a_missing_store_is_made_only_when_wanted(sqlite_url: URL) -> None:
    with pytest.raises(StoreError, match="There is no store at"):
        Store.open(sqlite_url, make=False)
    assert not Path(sqlite_url.database or "").exists()


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "e.db"
    file.write_bytes(b"these are the first words of a diary" * 100)
    with pytest.raises(StoreError, match="its file is no database"):
        Store.open(URL.create("sqlite", database=str(file)))
    assert file.read_bytes().startswith(b"these are")


def test_a_place_that_cannot_be_written_to_is_said() -> None:
    with pytest.raises(StoreError, match="cannot be made at /proc/nowhere"):
        Store.open(URL.create("sqlite", database="/proc/nowhere/e.db"))


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with pytest.raises(StoreError, match="the server cannot be reached") as found:
        Store.open(URL.create("postgresql+psycopg", "me", "hush", "127.0.0.1", 1, "x"))
    assert "hush" not in str(found.value)


def test_a_lock_is_said(sqlite_url: URL) -> None:
    store = Store.open(sqlite_url, busy=0.05)
    with store.writing(), pytest.raises(StoreError, match="another process keeps it locked"), store.writing():
        pass
    store.close()


def test_a_file_that_was_replaced_has_moved(sqlite_url: URL) -> None:
    store = Store.open(sqlite_url)
    assert not store.moved
    Path(sqlite_url.database or "").unlink()
    assert store.moved
    Store.open(sqlite_url).close()
    assert store.moved
    store.close()
