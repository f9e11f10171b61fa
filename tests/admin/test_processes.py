"""What the kernel knows of a process."""

from __future__ import annotations

import os

from understudy.admin.processes import usage, with_usage


def test_a_living_process_uses_something() -> None:
    found = usage(os.getpid())
    assert found["resident_bytes"] > 1_000_000 and found["cpu_seconds"] > 0 and found["descriptors"] >= 3


def test_of_nobody_nothing_is_known() -> None:
    assert usage(None) == usage(0) == usage(2**22 + 1) == {}
    assert with_usage([{"pid": None, "name": "x"}]) == [{"pid": None, "name": "x"}]
