"""Lines on their way to a descriptor: gathered, written in batches, never waited for.

Whoever serves users must not stand still because nobody reads the log. So the descriptor is written without blocking
where that can be had, what it does not take is kept up to a bound, and over the bound lines are dropped and counted.
"""

from __future__ import annotations

import os
import select
import stat
import time
from collections.abc import Callable

LIMIT = 1 << 20
"""Bytes that may wait."""
BATCH = 1 << 16
PAUSE = 0.05
"""Bytes that are written at once without waiting for the timer, and the timer's seconds."""

Later = Callable[[float, Callable[[], None]], object]


def opened(fd: int) -> int:
    """An own, non-blocking way into the pipe that ``fd`` is; ``fd`` itself when it is something else.

    Setting the flag on ``fd`` itself would change it for everybody who shares it, such as the user's shell.
    """
    try:
        if not stat.S_ISFIFO(os.fstat(fd).st_mode):
            return fd
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_APPEND | os.O_CLOEXEC | os.O_NOCTTY
        return os.open(f"/proc/self/fd/{fd}", flags)
    except OSError:
        return fd


class Sink:
    """The end of one descriptor for one process. Without ``later`` each line is written at once."""

    def __init__(self, fd: int, *, later: Later | None = None, limit: int = LIMIT) -> None:
        self._fd = opened(fd)
        self._piece = select.PIPE_BUF if _is_pipe(self._fd) else BATCH
        self._later = later
        self._limit = limit
        self._lines: list[bytes] = []
        self._size = 0
        self._scheduled = False
        self._stuck = False
        self._unsaid = 0
        self.dropped = 0
        """Lines that were lost because nobody took them."""

    def write(self, line: bytes) -> None:
        """Takes one line (with its newline), or several that belong together."""
        if self._size >= self._limit:
            self.dropped += 1
            self._unsaid += 1
            return
        self._lines.append(line)
        self._size += len(line)
        if self._later is None:
            self.flush()
        elif not self._scheduled:
            self._scheduled = True
            self._later(PAUSE, self._due)
        elif self._size >= BATCH and not self._stuck:
            self.flush()

    def flush(self) -> bool:
        """Writes what waits, as far as it is taken; whether nothing waits any more."""
        while self._lines:
            count, piece = self._next_piece()
            try:
                written = os.write(self._fd, piece)
            except (BlockingIOError, InterruptedError):
                written = 0
            except OSError:
                self._forget()
                return True
            if written == len(piece):
                del self._lines[:count]
                self._size -= written
                continue
            self._lines[:count] = [piece[written:]]
            self._size -= written
            self._stuck = True
            self._retry()
            return False
        self._stuck = False
        if self._unsaid:
            self._confess()
        return True

    def close(self, patience: float = 0.5) -> None:
        """Writes what waits, for at most so many seconds."""
        end = time.monotonic() + patience
        while not self.flush() and time.monotonic() < end:
            select.select([], [self._fd], [], 0.05)

    def _next_piece(self) -> tuple[int, bytes]:
        """As many whole lines as go to the descriptor in one piece that others cannot break into."""
        count, size = 0, 0
        for line in self._lines:
            if count and size + len(line) > self._piece:
                break
            count += 1
            size += len(line)
        return count, b"".join(self._lines[:count])

    def _due(self) -> None:
        self._scheduled = False
        self.flush()

    def _retry(self) -> None:
        if self._later is not None and not self._scheduled:
            self._scheduled = True
            self._later(PAUSE, self._due)

    def _confess(self) -> None:
        lost, self._unsaid = self._unsaid, 0
        self.write(b"%d log lines were dropped because nobody took them in time\n" % lost)

    def _forget(self) -> None:
        """The descriptor is broken for good: its reader has gone."""
        self.dropped += len(self._lines)
        self._lines.clear()
        self._size = 0


def _is_pipe(fd: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(fd).st_mode)
    except OSError:
        return False
