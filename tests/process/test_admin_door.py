"""When the admin child must be another one."""

from __future__ import annotations

from understudy.config.model import ProcessOptions, Service
from understudy.process.admin_door import AdminDoor, AdminPlace, needs_new_child, place_of


def test_a_disabled_admin_side_has_no_place() -> None:
    assert place_of(Service(process=ProcessOptions(admin_disabled=True))) is None
    assert place_of(Service()) == AdminPlace("127.0.0.1", None)


def test_only_what_the_admin_child_uses_makes_another_one_necessary() -> None:
    old = ProcessOptions()
    assert not needs_new_child(old, ProcessOptions(workers=7, max_connections=3))
    assert needs_new_child(old, ProcessOptions(admin_token="x"))
    assert needs_new_child(old, ProcessOptions(admin_port=9000))


def test_the_address_is_the_one_that_was_really_taken() -> None:
    door = AdminDoor(AdminPlace("127.0.0.1", 0))
    assert door.address == f"127.0.0.1:{door.sock.getsockname()[1]}" != "127.0.0.1:0"
    door.sock.close()
