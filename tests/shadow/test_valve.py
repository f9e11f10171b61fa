"""Bytes by which a mirror tells its workers."""

from __future__ import annotations

import os

import pytest

from tests.shadow.making import service, shadow
from understudy.shadow.accounting import DROPPED_BY_WORKER
from understudy.shadow.valve import BROKEN, FULL, OPEN, REASONS, Valve, Valves

OF = service(shadow("a"), shadow("b"))


@pytest.mark.parametrize(("full", "broken", "byte"), [(False, False, OPEN), (True, False, FULL),
                                                      (False, True, BROKEN), (True, True, BROKEN)])
def test_each_shadow_has_a_byte_of_its_own(full: bool, broken: bool, byte: int) -> None:
    valves = Valves(OF)
    Valve(valves, "b").show(full=full, broken=broken)
    assert bytes(valves.cells) == bytes([0, byte])
    assert byte == OPEN or REASONS[byte] in DROPPED_BY_WORKER


def test_only_changes_are_written_and_a_new_mirror_opens_everything() -> None:
    valves = Valves(OF)
    valve = Valve(valves, "a")
    valve.show(full=True, broken=False)
    valves.open_all()
    valve.show(full=True, broken=False)
    assert bytes(valves.cells) == b"\0\0"


def test_a_forked_process_sees_what_is_shown() -> None:
    valves = Valves(OF)
    pid = os.fork()
    if pid == 0:
        Valve(valves, "a").show(full=False, broken=True)
        os._exit(0)
    os.waitpid(pid, 0)
    assert valves.cells[valves.places["a"]] == BROKEN


def test_without_shadows_there_is_nothing_to_show() -> None:
    from understudy.config.model import Service

    assert bytes(Valves(Service()).cells) == b"\0" and not Valves(Service()).places
