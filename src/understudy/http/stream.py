"""A body that is still arriving: bounded, with back-pressure to whoever sends it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from understudy.errors import BodyTooLarge
from understudy.http.values import Pairs

HIGH_WATER = 256 * 1024


class Stream:
    """Chunks handed from one protocol to one reader.

    The writing side calls ``feed``, then ``end`` or ``fail``. The reading side awaits ``next`` until it returns None.
    When more than ``high`` bytes wait, ``pause`` is called; when they have been taken, ``resume``.
    ``trailers`` is filled before the end. What has arrived can be read even after ``fail``; the error comes last.
    """

    __slots__ = ("_chunks", "_discarded", "_error", "_on_pause", "_on_resume", "_paused", "_waiter", "ended", "high",
                 "keeper", "received", "size", "trailers", "unwanted", "wanted", "watcher")

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None], high: int = HIGH_WATER) -> None:
        self._chunks: deque[bytes] = deque()
        self._on_pause = pause
        self._on_resume = resume
        self._paused = False
        self.high = high
        self._discarded = False
        self._waiter: asyncio.Future[None] | None = None
        self._error: BaseException | None = None
        self.size = 0
        self.received = 0
        self.ended = False
        self.trailers: Pairs = []
        self.keeper: object | None = None
        """What must live as long as the stream: the task that fills it."""
        self.wanted: Callable[[], None] | None = None
        """Called once, when the reader first has to wait (``Expect: 100-continue``)."""
        self.unwanted: Callable[[], None] | None = None
        """Called once, when the reader loses interest before the end: a sender that can be stopped is."""
        self.watcher: Callable[[bytes | None], None] | None = None
        """Called with each chunk as it is fed, and with None at the end (see ``error``). It must not raise."""

    @property
    def error(self) -> BaseException | None:
        """Why the stream ended early, when it did."""
        return self._error

    def feed(self, chunk: bytes) -> None:
        """Adds bytes; ignored once the stream has ended."""
        if self.ended or not chunk:
            return
        self.received += len(chunk)
        if self.watcher is not None:
            self.watcher(chunk)
        if self._discarded:
            return
        self._chunks.append(chunk)
        self.size += len(chunk)
        if self.size > self.high and not self._paused:
            self._paused = True
            self._on_pause()
        self._wake()

    def end(self) -> None:
        """Marks the body as complete."""
        if not self.ended:
            self.ended = True
            if self.watcher is not None:
                self.watcher(None)
        self._wake()

    def fail(self, error: BaseException) -> None:
        """Ends the body with an error, once what has arrived is read."""
        if not self.ended:
            self.ended = True
            self._error = error
            if self.watcher is not None:
                self.watcher(None)
            self._wake()

    def discard(self) -> None:
        """The reader loses interest: the sender is stopped, or else what it sends is thrown away."""
        self._chunks.clear()
        self.size = 0
        self._discarded = True
        self._release()
        unwanted, self.unwanted = self.unwanted, None
        if unwanted is not None and not self.ended:
            unwanted()

    async def next(self) -> bytes | None:
        """The next bytes, joined; None at the end. Raises what ``fail`` was given."""
        while not self._chunks:
            if self.ended:
                if self._error is not None:
                    raise self._error
                return None
            if self.wanted is not None:
                wanted, self.wanted = self.wanted, None
                wanted()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self.take()

    @property
    def waiting(self) -> tuple[bytes, ...]:
        """What has arrived and is not read yet."""
        return tuple(self._chunks)

    def take(self) -> bytes:
        """Everything that waits, at once, without waiting; empty when nothing does."""
        if not self._chunks:
            return b""
        data = self._chunks.popleft() if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self.size = 0
        self._release()
        return data

    async def read(self, limit: int | None = None) -> bytes:
        """The whole rest of the body. Raises ``BodyTooLarge`` when it is longer than ``limit`` bytes."""
        parts: list[bytes] = []
        size = 0
        while (chunk := await self.next()) is not None:
            size += len(chunk)
            if limit is not None and size > limit:
                raise BodyTooLarge(f"the body is larger than {limit} bytes")
            parts.append(chunk)
        return b"".join(parts)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self.next()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    def _release(self) -> None:
        if self._paused:
            self._paused = False
            self._on_resume()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _nothing() -> None:
    return None


def complete(*chunks: bytes) -> Stream:
    """A stream that has already arrived."""
    stream = Stream(_nothing, _nothing)
    for chunk in chunks:
        stream.feed(chunk)
    stream.end()
    return stream
