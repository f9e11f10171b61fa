"""Stores for tests: an SQLite file, and a database of a real PostgreSQL server that is started for the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests.store.postgresql import Server
from understudy.store.epochs import Epoch, Opening, open_epoch
from understudy.store.place import Identity
from understudy.store.store import Store

IDENTITY = Identity("/etc/krakend.json", "shop")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def sqlite_url(tmp_path: Path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "evidence.db"))


@pytest.fixture
def postgresql_url(server: Server) -> URL:
    return server.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> URL:
    found: URL = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def store(url: URL) -> Iterator[Store]:
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture
def epoch(store: Store) -> Epoch:
    with store.writing() as connection:
        return open_epoch(connection, Opening(identity=IDENTITY, digest="d1"), 1000.0)
