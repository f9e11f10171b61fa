"""Configurations with shadows, and stores with evidence of them, for tests of commands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from tests.cli.calling import HOST, Shell
from tests.store.test_judging import fill
from understudy.compare.outcome import Outcome
from understudy.store.epochs import Epoch, Opening, open_epoch
from understudy.store.place import Identity
from understudy.store.series import Series
from understudy.store.store import Store


def config(**shadows: str) -> dict[str, Any]:
    """A service "shop" with these shadows: name and the path of their endpoint."""
    return {"version": 3, "name": "shop", "endpoints": [
        {"endpoint": path, "backend": [
            {"url_pattern": "/p", "host": [HOST]},
            {"url_pattern": "/next", "host": [HOST],
             "extra_config": {"proxy": {"shadow": True}, "understudy/shadow": {"name": name, "guard": False}}}]}
        for name, path in shadows.items()]}  # fmt: skip


class Evidence:
    """A store beside the configuration, as its gateway would have left it; ``label`` is the candidate's version."""

    def __init__(self, shell: Shell, file: str, label: str = "v2", settings: dict[str, Any] | None = None) -> None:
        path = shell.folder / file
        self.file = Path(f"{path}.evidence.db")
        self._store = Store.open(URL.create("sqlite", database=str(self.file)))
        opening = Opening(identity=Identity(str(path.resolve()), "shop"), digest="d", label=label,
                          settings=settings or {})  # fmt: skip
        with self._store.writing() as connection:
            self.epoch: Epoch = open_epoch(connection, opening, 1_700_000_000.0)

    def of(self, shadow: str, endpoint: str, outcome: Callable[[int], Outcome], n: int) -> Evidence:
        """Counts so many outcomes of an endpoint."""
        fill(self._store, self.epoch, Series(shadow, endpoint), outcome, n)
        return self

    def again(self, shadow: str, endpoint: str, outcome: Callable[[int], Outcome], n: int) -> Evidence:
        """Counts more of them."""
        fill(self._store, self.epoch, Series(shadow, endpoint), outcome, n, "again")
        return self

    def locked(self) -> AbstractContextManager[object]:
        """As long as somebody writes and does not finish."""
        return self._store.writing()

    def close(self) -> None:
        """Lets go of the file."""
        self._store.close()
