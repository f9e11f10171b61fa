"""A file for each running gateway, by which commands find it: who it is and where its admin side listens."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct


class Running(Struct, frozen=True, kw_only=True):
    """One running gateway."""

    pid: int
    config: str
    """Path of its configuration."""
    service: str
    """Where it serves: ``address:port``."""
    admin: str | None = None
    """Where its admin side listens; None when it has none."""
    started: float = 0.0
    """Seconds since 1970."""


class UnsafeFolder(Exception):
    """The folder belongs to somebody else, so it cannot be trusted."""


def folder(env: Mapping[str, str]) -> Path:
    """Where the files of this user's gateways are."""
    return Path(env.get("XDG_RUNTIME_DIR") or "/tmp") / f"understudy-{os.getuid()}"


def own_folder(env: Mapping[str, str]) -> Path:
    """The same, made when it is missing, for its owner alone. Raises UnsafeFolder or OSError."""
    path = folder(env)
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if found.st_uid != os.getuid() or not path.is_dir() or path.is_symlink():
        raise UnsafeFolder(f"{path} does not belong to this user")
    if found.st_mode & 0o077:
        path.chmod(0o700)
    return path


def write(at: Path, running: Running) -> Path:
    """Writes the file of this gateway at once and whole; readers never see half of it."""
    path = at / f"{running.pid}.json"
    temporary = at / f".{running.pid}.tmp"
    temporary.write_bytes(msgspec.json.encode(running))
    temporary.replace(path)
    return path


def found(env: Mapping[str, str]) -> list[Running]:
    """The gateways of this user that run now, oldest first. Files of dead ones, and bad files, are passed over."""
    out = []
    for path in folder(env).glob("*.json"):
        try:
            running = msgspec.json.decode(path.read_bytes(), type=Running)
        except (OSError, msgspec.DecodeError):
            continue
        if path.stem == str(running.pid) and is_alive(running.pid):
            out.append(running)
    return sorted(out, key=lambda r: r.started)


def is_alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sockets_folder(at: Path | None, longest: int = 60) -> Path:
    """A fresh private folder for this process's own sockets; elsewhere when the path would be too long for one."""
    return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=at if at and len(str(at)) <= longest else "/tmp"))


def sweep(at: Path) -> None:
    """Removes what gateways that were killed have left."""
    for path in at.iterdir():
        pid = path.name.lstrip(".").split("-")[0].split(".")[0]
        if not pid.isdigit() or is_alive(int(pid)):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
