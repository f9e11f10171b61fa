"""Memory that is free goes back to the system: large pieces at once, the rest when it is asked for.

glibc learns from large pieces that are freed and keeps ever larger ones for itself, so a flood of large answers, long
over, would stay in the process's size. Elsewhere than on glibc nothing happens here.
"""

from __future__ import annotations

import ctypes
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""
_LARGE = 128 * 1024


def _libc() -> Any:
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None


def give_back_large() -> None:
    """From now on pieces over 128 KiB are the system's own and return to it when they are freed."""
    libc = _libc()
    if libc is not None:
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)
        libc.mallopt(_TRIM_THRESHOLD, _LARGE)


def give_back_all() -> None:
    """Returns what is free at this moment; takes a few milliseconds."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)
