"""What a gateway occupies, over generations."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.process.test_generations import service
from understudy.config.model import Service
from understudy.process.admin_door import AdminPlace
from understudy.process.listeners import ListenError
from understudy.process.premises import Premises
from understudy.process.running import Running
from understudy.testing.gateway import free_port


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    made = Premises({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert made.prepare() == ""
    yield made
    made.leave()
    assert not [s for s in made.sockets() if s.fileno() >= 0]


def configured(port: int, workers: int = 2, **process: Any) -> Service:
    made = service(shadows=True, workers=workers)
    return replace(made, port=port, listen_ip="127.0.0.1", process=replace(made.process, **process))


def test_a_new_generation_shares_the_doors_of_the_old_one(premises: Premises) -> None:
    port = free_port()
    old = premises.open(1, configured(port, 2))
    new = premises.open(2, configured(port, 3))
    assert new.doors[:2] == old.doors and len(new.doors) == 3
    premises.close(old)
    assert all(door.fileno() >= 0 for door in new.doors)
    fewer = premises.open(3, configured(port, 1))
    premises.close(new)
    assert [door.fileno() >= 0 for door in new.doors] == [True, False, False]
    assert fewer.doors == new.doors[:1]


def test_another_port_has_other_doors(premises: Premises) -> None:
    old = premises.open(1, configured(free_port()))
    new = premises.open(2, configured(free_port()))
    premises.close(old)
    assert all(door.fileno() < 0 for door in old.doors) and all(door.fileno() >= 0 for door in new.doors)


def test_each_generation_has_its_own_links_in_a_private_folder(premises: Premises) -> None:
    old, new = premises.open(1, configured(free_port())), premises.open(2, configured(free_port()))
    (old_path, _), (new_path, _) = old.links[0], new.links[0]
    assert Path(old_path).parent.stat().st_mode & 0o077 == 0
    premises.close(old)
    assert not Path(old_path).exists() and Path(new_path).exists()


def test_a_unix_socket_is_kept_over_a_reload_and_removed_at_the_end(premises: Premises, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    port = free_port()
    old = premises.open(1, configured(port, listen_unix=path))
    new = premises.open(2, configured(port, listen_unix=path))
    assert new.unix is old.unix
    premises.close(old)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
    premises.close_doors()
    assert not Path(path).exists()


def test_what_cannot_be_opened_leaves_nothing_open(premises: Premises, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    before = len(list(premises.sockets()))
    port = free_port()
    with pytest.raises(ListenError):
        premises.open(1, configured(port, listen_unix=str(tmp_path / "file")))
    assert len(list(premises.sockets())) == before
    premises.open(2, configured(port))


def test_the_admin_door_is_kept_while_its_place_is_the_same(premises: Premises) -> None:
    place = AdminPlace("127.0.0.1", 0)
    first = premises.open_admin(place)
    premises.use_admin(first)
    assert premises.open_admin(place) is first
    other = premises.open_admin(AdminPlace("127.0.0.1", free_port()))
    premises.use_admin(other)
    assert first.sock.fileno() < 0 and other.sock.fileno() >= 0


def test_the_file_that_tells_of_the_gateway_goes_with_it(tmp_path: Path) -> None:
    premises = Premises({"XDG_RUNTIME_DIR": str(tmp_path)})
    premises.prepare()
    premises.announce(Running(pid=1, config="a", service=":1"))
    assert [p.name for p in tmp_path.rglob("*.json")] == ["1.json"]
    premises.leave()
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_folder_that_cannot_be_had_is_named_and_the_gateway_runs_without_it(tmp_path: Path) -> None:
    premises = Premises({"XDG_RUNTIME_DIR": str(tmp_path / "missing")})
    assert "will not find this gateway" in premises.prepare()
    premises.announce(Running(pid=1, config="a", service=":1"))
    premises.open(1, configured(free_port()))
    premises.leave()
