"""Finding gateways that run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from understudy.process import running
from understudy.process.running import Running, UnsafeFolder

DEAD = 2**22 + 1
"""Above the largest process id that Linux gives."""


def test_a_gateway_is_found_by_its_file(tmp_path: Path) -> None:
    env = {"XDG_RUNTIME_DIR": str(tmp_path)}
    home = running.own_folder(env)
    told = Running(pid=os.getpid(), config="/a.json", service=":8080", admin="127.0.0.1:8091", started=1.0)
    running.write(home, told)
    assert running.found(env) == [told]
    assert home.stat().st_mode & 0o777 == 0o700


def test_dead_ones_and_bad_files_are_passed_over_and_swept(tmp_path: Path) -> None:
    env = {"XDG_RUNTIME_DIR": str(tmp_path)}
    home = running.own_folder(env)
    running.write(home, Running(pid=DEAD, config="", service=""))
    (home / f"{os.getpid()}.json").write_text("{")
    (home / f"{DEAD}-x").mkdir()
    assert running.found(env) == []
    running.sweep(home)
    assert [p.name for p in home.iterdir()] == [f"{os.getpid()}.json"]


def test_without_a_folder_nobody_runs(tmp_path: Path) -> None:
    assert running.found({"XDG_RUNTIME_DIR": str(tmp_path)}) == []


def test_a_folder_that_leads_elsewhere_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / f"understudy-{os.getuid()}").symlink_to(tmp_path)
    with pytest.raises(UnsafeFolder):
        running.own_folder({"XDG_RUNTIME_DIR": str(tmp_path)})


def test_an_open_folder_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / f"understudy-{os.getuid()}").mkdir(mode=0o755)
    assert running.own_folder({"XDG_RUNTIME_DIR": str(tmp_path)}).stat().st_mode & 0o077 == 0


def test_sockets_go_elsewhere_when_their_path_would_be_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 80)
    deep.mkdir()
    made = running.sockets_folder(deep)
    assert made.parent != deep and len(str(made)) < 60
    made.rmdir()
