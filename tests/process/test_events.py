"""The last things that happened."""

from __future__ import annotations

from understudy.process.events import Events


def test_only_the_last_ones_are_kept_and_numbers_never_repeat() -> None:
    events = Events(kept=3)
    for i in range(5):
        events.note(float(i), "crash", f"number {i}", "supervisor")
    assert [e.number for e in events.after()] == [3, 4, 5]
    assert [e.text for e in events.after(4)] == ["number 4"]
    assert list(events.after(5)) == []
