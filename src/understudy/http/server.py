"""Serving clients: one ``Server`` a process owns all their connections.

It knows one thing of the gateway: ``dispatch(request, respond)`` returns a response, or an awaitable of one, or
something pending that calls ``respond`` later. Only an awaitable costs a task.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any, Protocol

from msgspec import Struct

from understudy.http.connection import Connection
from understudy.http.outbox import Outbox
from understudy.http.values import Request, Response

Respond = Callable[[Response], None]
Dispatch = Callable[[Request, Respond], "Response | Awaitable[Response] | Pending"]
"""Answers a request at once, by an awaitable, or by calling ``respond`` exactly once, later."""


class Limits(Struct, frozen=True, kw_only=True):
    """What a client may ask of one connection. Sizes in bytes, times in seconds; None is no limit."""

    head_bytes: int = 1 << 20
    target_bytes: int = 65536
    fields: int = 256
    body_bytes: int | None = None
    head_timeout: float = 60.0
    body_timeout: float = 60.0
    idle_timeout: float = 180.0
    read_timeout: float | None = None
    """From the first byte of a request to the last of its body."""
    write_timeout: float | None = None
    """From the end of the head to the end of the answer."""
    connections: int = 0


class Pending(Protocol):
    """An answer that will come through ``respond``."""

    def cancel(self) -> None:
        """The client has gone: ``respond`` is not to be called any more."""


class Access(Protocol):
    """Who writes the access log."""

    def record(self, request: Request, status: int, seconds: float, client: str, errors: tuple[str, ...] = ()) -> None:
        """Notes one answered request."""


class Tunnel(Protocol):
    """An upstream connection that takes over after a 101."""

    def open(self, client: asyncio.Transport, early: bytes, ended: Callable[[Any], None]) -> Any:
        """Starts relaying; returns the protocol that reads the client from now on. ``ended``: both sides are gone."""


class Server:
    """Owner of all client connections of a process."""

    def __init__(
        self,
        dispatch: Dispatch,
        limits: Limits | None = None,
        *,
        access: Access | None = None,
        secure: bool = False,
        http2: Callable[[Server], Any] | None = None,
        h2c: bool = False,
        outbox: Outbox | None = None,
    ) -> None:
        self.dispatch = dispatch
        self.limits = limits or Limits()
        self.access = access
        self.secure = secure
        self.http2 = http2
        self.h2c = h2c
        self.connections: set[Connection | Closable] = set()
        self.draining = False
        self.loop = asyncio.get_running_loop()
        self.outbox = outbox or Outbox(self.loop)
        self._drained: asyncio.Future[None] | None = None
        self._sweeping = False
        self._second = -1
        self._date = b""
        times = (self.limits.head_timeout, self.limits.body_timeout, self.limits.idle_timeout,
                 self.limits.read_timeout, self.limits.write_timeout, 4.0)
        self._interval = min(1.0, max(0.05, min(t for t in times if t) / 4))

    def protocol(self) -> asyncio.Protocol:
        """A protocol for one new connection: the factory for ``loop.create_server``."""
        return Connection(self)

    def date(self) -> bytes:
        """The Date field of this second, as a line."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._date = b"Date: " + formatdate(second, usegmt=True).encode() + b"\r\n"
        return self._date

    def joined(self, connection: Connection | Closable) -> None:
        """A connection has been made."""
        self.connections.add(connection)
        if not self._sweeping:
            self._sweeping = True
            self.loop.call_later(self._interval, self._sweep)

    def left(self, connection: Connection | Closable) -> None:
        """A connection is gone."""
        self.connections.discard(connection)
        if self._drained is not None and not self.connections and not self._drained.done():
            self._drained.set_result(None)

    async def drain(self, limit: float | None = None, grace: float = 1.0) -> None:
        """Lets requests finish, then closes; returns when every connection is gone.

        A connection that is idle gets ``grace`` seconds in which a request that is already on its way is answered
        (with ``Connection: close``). After ``limit`` seconds what is left is cut.
        """
        self.draining = True
        for connection in list(self.connections):
            connection.drain(grace)
        if not self.connections:
            return
        self._drained = self.loop.create_future()
        try:
            async with asyncio.timeout(limit):
                await self._drained
        except TimeoutError:
            for connection in list(self.connections):
                connection.abort()

    def _sweep(self) -> None:
        now = self.loop.time()
        for connection in [c for c in self.connections if c.deadline < now]:
            connection.late(now)
        if self.connections:
            self.loop.call_later(self._interval, self._sweep)
        else:
            self._sweeping = False


class Closable(Protocol):
    """What the server asks of any connection."""

    deadline: float

    def drain(self, grace: float) -> None:
        """Finish what runs; take nothing new but what comes within the grace."""

    def abort(self) -> None:
        """Cut it."""

    def late(self, now: float) -> None:
        """The deadline has passed."""
