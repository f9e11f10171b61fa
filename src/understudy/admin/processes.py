"""What the kernel knows of a process: memory, CPU, descriptors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_PROC = Path("/proc")


def usage(pid: int | None) -> dict[str, Any]:
    """Resident bytes, CPU seconds and open descriptors; empty where nothing can be known."""
    if not pid:
        return {}
    folder = _PROC / str(pid)
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        pages = int((folder / "statm").read_text().split()[1])
        descriptors = sum(1 for _ in (folder / "fd").iterdir())
    except (OSError, ValueError, IndexError):
        return {}
    ticks = int(fields[11]) + int(fields[12])
    return {
        "resident_bytes": pages * os.sysconf("SC_PAGE_SIZE"),
        "cpu_seconds": round(ticks / os.sysconf("SC_CLK_TCK"), 2),
        "descriptors": descriptors,
    }


def with_usage(children: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The table of children, with what each uses."""
    return [{**child, **usage(child.get("pid"))} for child in children]
