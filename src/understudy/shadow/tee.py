"""A bounded second reading of a body that streams by: the first reader notices nothing."""

from __future__ import annotations

from collections.abc import Callable

from understudy.http.stream import Stream


class Budget:
    """Bytes that a process may hold for copies, across everything."""

    __slots__ = ("held", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0

    def take(self, size: int) -> bool:
        """Reserves so many bytes, or none."""
        if self.held + size > self.limit:
            return False
        self.held += size
        return True

    def give(self, size: int) -> None:
        """Returns what ``take`` had reserved."""
        self.held -= size


Seen = Callable[[bytes | None, int, str], None]
"""Gets, once: the whole body or None, the bytes that went by, and why it is None: too_large, memory or error."""


class Tee:
    """Watches one stream and calls ``seen`` at its end. Holds at most ``limit`` bytes, and what ``budget`` has."""

    __slots__ = ("_budget", "_held", "_limit", "_parts", "_seen", "_stream", "_why", "size")

    def __init__(self, stream: Stream, limit: int, budget: Budget, seen: Seen) -> None:
        self.size = 0
        self._limit = limit
        self._budget = budget
        self._seen = seen
        self._parts: list[bytes] = []
        self._held = 0
        self._why = ""
        self._stream: Stream | None = stream
        for chunk in stream.waiting:
            self._chunk(chunk)
        if self.size != stream.received and not self._why:
            self._give_up("error")  # its beginning has been read by somebody else
        if stream.ended:
            self._end()
        else:
            stream.watcher = self._watch

    @property
    def error(self) -> BaseException | None:
        """Why the stream broke off."""
        return self._stream.error if self._stream is not None else None

    def _watch(self, chunk: bytes | None) -> None:
        if chunk is None:
            self._end()
        else:
            self._chunk(chunk)

    def _chunk(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self._why:
            return
        if self.size > self._limit:
            self._give_up("too_large")
        elif not self._budget.take(len(chunk)):
            self._give_up("memory")
        else:
            self._held += len(chunk)
            self._parts.append(chunk)

    def _give_up(self, why: str) -> None:
        self._why = why
        self._budget.give(self._held)
        self._held = 0
        self._parts = []

    def _end(self) -> None:
        stream = self._stream
        if stream is None:
            return
        stream.watcher = None
        if stream.error is not None and not self._why:
            self._give_up("error")
        body = None if self._why else b"".join(self._parts)
        why, seen = self._why, self._seen
        self._give_up(why)
        try:
            seen(body, self.size, why)
        finally:
            self._stream = None
