"""The channel between the supervisor and one child, over a socket pair: the supervisor's end.

Nothing blocks here: what a child does not take waits in a bounded buffer; a child that takes nothing is given up.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

import msgspec

from understudy.process.loop import Loop
from understudy.process.messages import Frames, FrameTooLarge, Message, frame

BUFFER = 64 * 1024 * 1024
_READ = 1 << 18


class Channel:
    """One end, driven by the supervisor's loop. ``broken`` is called when the child cannot be talked to any more."""

    def __init__(
        self, loop: Loop, sock: socket.socket, received: Callable[[Message], None], broken: Callable[[str], None]
    ) -> None:
        sock.setblocking(False)
        self.sock = sock
        self._loop = loop
        self._received = received
        self._broken = broken
        self._frames = Frames()
        self._waiting = bytearray()
        self._closed = False
        loop.watch(sock, self._ready)

    def send(self, message: Message) -> None:
        """Sends now, or as soon as the child takes it."""
        if self._closed:
            return
        data = frame(message)
        if len(self._waiting) + len(data) > BUFFER:
            self._broken("it does not read its control channel")
            return
        self._waiting += data
        self._write()

    def read(self) -> None:
        """Takes in all that is there; also after the child has ended, so that its last words are heard."""
        while not self._closed:
            try:
                data = self.sock.recv(_READ)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                data = b""
            if not data:
                self._loop.unwatch(self.sock)
                return
            try:
                messages = self._frames.feed(data)
            except (FrameTooLarge, msgspec.DecodeError) as error:
                self._loop.unwatch(self.sock)
                self._broken(f"its control channel is out of step ({error})")
                return
            for message in messages:
                self._received(message)

    def close(self) -> None:
        """No more."""
        if not self._closed:
            self._closed = True
            self._loop.unwatch(self.sock)
            self.sock.close()

    def _ready(self) -> None:
        if self._waiting:
            self._write()
        self.read()

    def _write(self) -> None:
        if self._closed:
            return
        try:
            while self._waiting:
                sent = self.sock.send(self._waiting)
                del self._waiting[:sent]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._waiting.clear()
            return
        self._loop.watch(self.sock, self._ready, write=bool(self._waiting))
