"""Listening: together on one port, but never beside a stranger."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest

from understudy.process import listeners
from understudy.process.listeners import (
    ListenError,
    close_all,
    open_admin_door,
    open_doors,
    open_unix_door,
    shown,
)


def test_doors_share_a_port_and_every_one_gets_connections() -> None:
    doors = open_doors("127.0.0.1", 0, 3)
    address = doors[0].getsockname()
    assert {d.getsockname() for d in doors} == {address}
    clients = [socket.create_connection(address) for _ in range(200)]
    taken = [_accept_all(door) for door in doors]
    assert sum(taken) == 200 and all(taken)
    close_all([*doors, *clients])


def _accept_all(door: socket.socket) -> int:
    count = 0
    while True:
        try:
            door.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


@pytest.mark.parametrize("address", ["", "127.0.0.1", "::1"])
def test_a_port_that_shares_is_taken_for_everybody_else(address: str) -> None:
    doors = open_doors(address, 0, 2)
    port = doors[0].getsockname()[1]
    with pytest.raises(ListenError, match=rf"cannot listen on .*{port}: it is taken; choose another"):
        open_doors(address, port, 1)
    more = open_doors(address, port, 1, beside=doors)
    close_all([*doors, *more])


def test_an_address_of_another_machine_is_an_error_in_a_sentence() -> None:
    with pytest.raises(ListenError, match=r"203\.0\.113\.9:8123: this machine has no such address"):
        open_doors("203.0.113.9", 8123, 1)


def test_a_default_admin_port_gives_way_and_a_chosen_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_admin_door("127.0.0.1", 0)
    port = first.getsockname()[1]
    monkeypatch.setattr(listeners, "ADMIN_PORT", port)
    second = open_admin_door("127.0.0.1", None)
    assert second.getsockname()[1] not in (0, port)
    with pytest.raises(ListenError, match=rf"admin side cannot listen on 127\.0\.0\.1:{port}: it is taken"):
        open_admin_door("127.0.0.1", port)
    close_all([first, second])


def test_a_stale_unix_socket_is_replaced_and_a_living_one_is_not(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    first = open_unix_door(path)
    with pytest.raises(ListenError, match="it is taken"):
        open_unix_door(path)
    first.close()
    second = open_unix_door(path)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
    second.close()


def test_a_file_is_not_removed_for_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "important"
    path.write_text("keep me")
    with pytest.raises(ListenError, match="important"):
        open_unix_door(str(path))
    assert path.read_text() == "keep me"


def test_without_ipv6_all_interfaces_are_those_of_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket

    def only_ipv4(family: int = socket.AF_INET, *rest: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "no IPv6 here")
        return real(family, *rest)

    monkeypatch.setattr(socket, "socket", only_ipv4)
    (door,) = open_doors("", 0, 1)
    assert door.family == socket.AF_INET
    door.close()


def test_addresses_as_people_write_them() -> None:
    assert [shown("", 80), shown("::1", 80), shown("1.2.3.4", 80)] == [":80", "[::1]:80", "1.2.3.4:80"]
