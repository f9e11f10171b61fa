"""A PostgreSQL server of our own, on a UNIX socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL


class Server:
    """Started by ``with``; ``stop`` and ``start`` between, as often as a test likes."""

    def __init__(self) -> None:
        self._programs = _programs()
        # The server refuses to run as root.
        self._user = _unprivileged() if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="understudy-pg-", dir="/tmp"))
        self._databases = 0

    def __enter__(self) -> Server:
        self._folder.chmod(0o755)
        data = self._folder / "data"
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "--pgdata", str(data), "--username", "tester", "--auth", "trust", "--no-sync",
                  "--encoding", "UTF8", "--locale", "C")
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"\nlisten_addresses = ''\nunix_socket_directories = '{self._folder}'\nfsync = off\n")
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        self._control("start", "--wait", "--log", str(self._folder / "log"))

    def stop(self) -> None:
        self._control("stop", "--mode", "immediate")

    def new_database(self) -> URL:
        self._databases += 1
        name = f"test{self._databases}"
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self._url(name)

    def _url(self, database: str) -> URL:
        return URL.create("postgresql+psycopg", username="tester", database=database,
                          query={"host": str(self._folder)})

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "--pgdata", str(self._folder / "data"), "--silent", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [str(self._programs / program), *arguments]
        subprocess.run(command, check=True, user=self._user, cwd="/", stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)


def _programs() -> Path:
    found = shutil.which("pg_ctl")
    if found is not None:
        return Path(found).parent
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    assert newest, "PostgreSQL is missing: make packages"
    return newest[-1].parent


def _unprivileged() -> str:
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
