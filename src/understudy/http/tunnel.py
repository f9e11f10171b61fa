"""After a 101: bytes go both ways, untouched, no faster than either side takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from understudy.http.upstream import Upstream


class Tunnel:
    """An upstream connection that has switched protocols, waiting for its client."""

    def __init__(self, upstream: Upstream, early: bytes) -> None:
        self._upstream = upstream
        self._early = early

    def open(self, client: asyncio.Transport, early: bytes, ended: Callable[[Relay], None]) -> Relay:
        """Joins both sides; returns the protocol that reads the client. ``ended`` is called once both are gone."""
        upstream = self._upstream
        backend = upstream.transport
        to_backend = Relay(client, backend)
        to_client = Relay(backend, client)

        def over() -> None:
            upstream.closed = True
            upstream.on_lost(upstream)
            ended(to_backend)

        to_backend.pair(to_client, over)
        backend.set_protocol(to_client)
        if self._early:
            client.write(self._early)
        if early:
            backend.write(early)
        backend.resume_reading()
        client.resume_reading()
        return to_backend

    def close(self) -> None:
        """Nobody takes it up."""
        self._upstream.cut()


class Relay(asyncio.Protocol):
    """Reads one side, writes the other."""

    def __init__(self, source: asyncio.Transport, sink: asyncio.Transport) -> None:
        self.deadline = float("inf")
        self._source = source
        self._sink = sink
        self._twin = cast(Relay, None)
        self._over: Callable[[], None] | None = None
        self._ended = False
        self._gone = False

    def pair(self, twin: Relay, over: Callable[[], None]) -> None:
        """Makes the two directions one tunnel."""
        self._twin, twin._twin = twin, self
        self._over = over

    def data_received(self, data: bytes) -> None:
        """Bytes for the other side."""
        if not self._sink.is_closing():
            self._sink.write(data)

    def eof_received(self) -> bool:
        """One side sends no more; the other may still. Once neither does, both connections are closed."""
        self._ended = True
        if self._sink.is_closing() or self._twin._ended or not self._sink.can_write_eof():
            self._sink.close()
            return False
        self._sink.write_eof()
        return True

    def pause_writing(self) -> None:
        """One side's socket is full: stop reading the other one."""
        if not self._sink.is_closing():
            self._sink.pause_reading()

    def resume_writing(self) -> None:
        """One side takes bytes again."""
        if not self._sink.is_closing():
            self._sink.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """One side is gone; so the other goes."""
        self._gone = True
        if not self._sink.is_closing():
            self._sink.close()
        if self._twin._gone:
            over = self._over or self._twin._over
            if over is not None:
                over()

    def drain(self, grace: float) -> None:
        """The process ends: tunnels have no end of their own, so they get the grace."""
        self.deadline = asyncio.get_running_loop().time() + grace

    def abort(self) -> None:
        """Cut both sides."""
        self._source.abort()
        self._sink.abort()

    def late(self, now: float) -> None:
        """The grace is over."""
        self.abort()
