"""Calling commands in this process, as from a shell."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from understudy.cli import main

HOST = "http://127.0.0.1:8081"
GOOD: dict[str, Any] = {"version": 3,
                        "endpoints": [{"endpoint": "/x", "backend": [{"url_pattern": "/p", "host": [HOST]}]}]}


class Shell:
    """A folder with files, and commands run in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.capsys = capsys
        self.monkeypatch = monkeypatch
        monkeypatch.chdir(folder)
        for name in ("UNDERSTUDY_EXIT_CODES", "FC_ENABLE"):
            monkeypatch.delenv(name, raising=False)

    def file(self, data: Any, name: str = "krakend.json") -> str:
        (self.folder / name).write_text(data if isinstance(data, str) else json.dumps(data))
        return name

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self.capsys.readouterr()
        code = main(words)
        out, err = self.capsys.readouterr()
        return code, out, err

    @contextmanager
    def supervisor(self, code: int = 0) -> Iterator[list[dict[str, Any]]]:
        """Stands in for ``process.supervisor.run``: what ``run`` hands over, without serving anything."""
        from types import ModuleType

        import understudy.process

        calls: list[dict[str, Any]] = []

        def run(service: Any, path: Path, **more: Any) -> int:
            calls.append({"service": service, "path": path, **more})
            return code

        module = ModuleType("understudy.process.supervisor")
        module.run = run  # type: ignore[attr-defined]
        with self.monkeypatch.context() as patch:
            patch.setitem(__import__("sys").modules, "understudy.process.supervisor", module)
            patch.setattr(understudy.process, "supervisor", module, raising=False)
            yield calls
