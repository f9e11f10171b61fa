"""Memory that is free goes back."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
from pathlib import Path
from understudy.process.allocator import give_back_all, give_back_large

def size():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

give_back_large()
before = size()
kept, pieces = [], []
for _ in range(20_000):
    pieces.append(bytes(4000))
    kept.append(bytes(40))
grown = size() - before
pieces.clear()
give_back_all()
print(grown, size() - before)
"""


def test_what_was_freed_is_returned_to_the_system() -> None:
    """Also when pieces that are still in use lie between."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    grown, left = (int(word) for word in done.stdout.split())
    assert grown > 60_000_000 and left < grown // 4
