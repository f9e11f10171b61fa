"""A worker's way to its mirror: frames go out once per turn of the loop, and nobody ever waits for them.

A frame is refused (False) when there is no connection or when more than ``limit`` bytes would wait; the caller counts
that. The socket is a UNIX stream; when the mirror does not read, it fills up, then our buffer does, then frames are
refused. When the connection ends, what waits is thrown away: nobody knows how much of it the mirror has read, and the
accounting (``shadow/accounting.py``) needs no more than to be told that the connection is over.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

from understudy.shadow.frames import VERSION, HelloFrame, encode

LAZY = 0.005
"""Seconds that a frame may wait for others when it is not urgent."""
_RETRY_FIRST, _RETRY_LAST = 0.05, 2.0
_STEADY = 1.0
"""A connection that lasted so many seconds was a good one: the next attempt comes soon."""
_SMALL = 512
_SEND_BUFFER = 4 * 1024 * 1024


class Link:
    """One connection at a time to the mirror's listening socket at ``address`` (a path, or abstract with a NUL).

    ``start`` connects; ``send`` takes frames; ``stop`` hands over what waits, as far as that goes at once, and closes.
    ``on_end`` is called whenever a connection has ended. ``limit`` is in bytes. No method raises.
    """

    def __init__(
        self,
        address: str,
        *,
        limit: int = 8 * 1024 * 1024,
        generation: int = 0,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.limit = limit
        self.on_end = on_end
        self.connections = 0
        """Made since the start."""
        self._address = address
        self._hello = encode(HelloFrame(VERSION, generation, os.getpid()))
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        self._since = 0.0
        self._waiting = bytearray()
        """Frames since the last flush."""
        self._sending = bytearray()
        self._sent = 0
        """How much of ``_sending`` the socket has taken."""
        self._flushing = False
        self._lazy: asyncio.TimerHandle | None = None
        self._blocked = False
        self._retry: asyncio.TimerHandle | None = None
        self._pause = _RETRY_FIRST
        self._stopped = False
        self._emptied: asyncio.Future[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether frames are taken at present."""
        return self._socket is not None

    @property
    def has_room(self) -> bool:
        """Whether a small frame would be taken now; asked before one is made."""
        return self._socket is not None and len(self._waiting) + len(self._sending) - self._sent + _SMALL <= self.limit

    @property
    def held(self) -> int:
        """Bytes that wait for the mirror."""
        return len(self._waiting) + len(self._sending) - self._sent

    def start(self) -> None:
        """Connects, and from now on whenever the connection is lost, with growing pauses."""
        self._retry = None
        if self._stopped or self._socket is not None:
            return
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
            sock.connect(self._address)
        except OSError:
            sock.close()
            self._again()
            return
        self._socket = sock
        self.connections += 1
        self._since = self._loop.time()
        self._loop.add_reader(sock.fileno(), self._heard)
        self._waiting += self._hello
        self._flush()

    def send(self, frame: bytes, urgent: bool = True) -> bool:
        """Takes an encoded frame, or refuses it. One that is not urgent may wait for others for a few milliseconds."""
        if self._socket is None:
            return False
        waiting = self._waiting
        if len(waiting) + len(self._sending) - self._sent + len(frame) > self.limit:
            return False
        waiting += frame
        if not self._flushing:
            if urgent or len(waiting) > 65536:
                self._flushing = True
                self._loop.call_soon(self._flush)
            elif self._lazy is None:
                self._lazy = self._loop.call_later(LAZY, self._flush_lazily)
        return True

    async def drain(self, seconds: float) -> None:
        """Waits until the mirror has taken everything, or so long."""
        self._flush()
        if not self.held:
            return
        self._emptied = self._loop.create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._emptied
        except TimeoutError:
            pass
        self._emptied = None

    def stop(self) -> None:
        """Ends the link; what the socket still takes at once is handed over (see ``drain``)."""
        self._stopped = True
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._socket is not None:
            self._flush()
        self._end(again=False)

    def _flush_lazily(self) -> None:
        self._lazy = None
        if not self._flushing:
            self._flush()

    def _flush(self) -> None:
        self._flushing = False
        sock = self._socket
        if sock is None or self._blocked:
            return
        try:
            while True:
                if self._sent == len(self._sending):
                    self._sending, self._waiting, self._sent = self._waiting, bytearray(), 0
                    if not self._sending:
                        self._tell_empty()
                        return
                data = memoryview(self._sending)[self._sent :] if self._sent else self._sending
                self._sent += sock.send(data)
        except (BlockingIOError, InterruptedError):
            self._blocked = True
            self._loop.add_writer(sock.fileno(), self._writable)
        except OSError:
            self._end(again=True)

    def _tell_empty(self) -> None:
        if self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)

    def _writable(self) -> None:
        if self._socket is not None:
            self._loop.remove_writer(self._socket.fileno())
        self._blocked = False
        self._flush()

    def _heard(self) -> None:
        """The mirror never speaks: what can be read is the end."""
        sock = self._socket
        if sock is None:
            return
        try:
            if sock.recv(4096):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass
        self._end(again=True)

    def _end(self, *, again: bool) -> None:
        sock, self._socket = self._socket, None
        if sock is not None:
            self._loop.remove_reader(sock.fileno())
            if self._blocked:
                self._loop.remove_writer(sock.fileno())
            sock.close()
            self._blocked = False
            self._waiting, self._sending, self._sent = bytearray(), bytearray(), 0
            if self._loop.time() - self._since > _STEADY:
                self._pause = _RETRY_FIRST
            self.on_end()
            self._tell_empty()
        if again:
            self._again()

    def _again(self) -> None:
        if not self._stopped and self._retry is None:
            self._retry = self._loop.call_later(self._pause, self.start)
            self._pause = min(_RETRY_LAST, self._pause * 2)
