"""The life of the children of one slot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understudy.process.slots import Phase, Slot


def test_a_child_that_dies_is_due_again_after_the_backoff() -> None:
    slot = Slot("worker", 0)
    slot.forked(7, 100.0)
    slot.ready(101.0)
    assert slot.exited(102.0) is True
    assert (slot.phase, slot.due, slot.restarts, slot.pid) == (Phase.WAITING, 102.1, 1, 0)
    slot.forked(8, 102.1)
    assert slot.exited(102.2) is True
    assert slot.due == 102.4


def test_a_child_that_was_told_to_end_is_not_due_again() -> None:
    slot = Slot("mirror", 1)
    slot.forked(7, 0.0)
    assert slot.drain(1.0) is True
    assert slot.drain(1.5) is False
    slot.ready(1.6)
    assert slot.phase is Phase.DRAINING
    assert slot.exited(2.0) is False
    assert (slot.phase, slot.restarts) == (Phase.GONE, 0)


def test_a_slot_without_a_child_is_gone_at_once() -> None:
    slot = Slot("worker", 0)
    assert slot.drain(0.0) is False
    assert slot.phase is Phase.GONE


def test_names() -> None:
    assert (Slot("worker", 3).name, Slot("admin", 0).name) == ("worker 3", "admin")


@given(st.lists(st.sampled_from(["fork", "ready", "drain", "exit"])))
def test_whatever_happens_a_drained_slot_never_fills_again(steps: list[str]) -> None:
    slot, drained = Slot("worker", 0), False
    for now, step in enumerate(steps):
        if step == "fork" and slot.phase is Phase.WAITING:
            slot.forked(now + 1, now)
        elif step == "ready":
            slot.ready(now)
        elif step == "drain":
            slot.drain(now)
            drained = True
        elif step == "exit" and slot.alive:
            slot.exited(now)
        assert slot.alive == bool(slot.pid)
        if drained:
            assert slot.phase in (Phase.DRAINING, Phase.GONE)
