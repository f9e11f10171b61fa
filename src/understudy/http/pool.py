"""Connections to one backend host: reused, limited, replaced when they have died.

``Pools`` owns all pools of a process; a pool is keyed by where it leads and how (scheme, host, port).
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import cast

from msgspec import Struct

from understudy.errors import BadAnswer, NoCapacity, TooSlow, Unreachable
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.stream import Stream
from understudy.http.upstream import Answer, AnswerLimits, Receiver, Upstream, Waiting

IDEMPOTENT = frozenset({b"GET", b"HEAD", b"OPTIONS", b"TRACE"})


def retries(connection: Upstream, method: bytes, error: BaseException) -> bool:
    """Whether a request that failed on a reused connection may be sent again on a new one.

    The connection had died before any byte of an answer, and the method is idempotent.
    """
    return (
        isinstance(error, BadAnswer)
        and error.reason in ("closed", "reset")
        and not connection.heard
        and connection.uses > 1
        and method in IDEMPOTENT
    )


class PoolLimits(Struct, frozen=True, kw_only=True):
    """How many connections, and for how long. 0 or None is no limit; times in seconds."""

    idle: int = 250
    """To one host."""
    idle_in_all: int = 0
    """To all hosts together."""
    connections: int = 0
    idle_timeout: float | None = None
    connect_timeout: float | None = None
    head_timeout: float | None = None
    """From the request written to the head of the answer."""
    tcp_keepalive: float = 15.0
    reuse: bool = True


class Address(Struct, frozen=True):
    """Where a backend is: ``http://name:port`` or ``unix:/path``, taken apart."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def authority(self) -> str:
        """What belongs into the Host field: the port only when it was written."""
        return self.host


def parse_address(url: str) -> tuple[Address, str, str]:
    """``http://a:8080/base`` to address, authority as written, and base path. Raises ``ValueError``."""
    scheme, sep, rest = url.partition("://")
    if not sep:
        scheme, rest = "http", url
    if scheme not in ("http", "https"):
        raise ValueError(f"the scheme {scheme} is not http or https")
    authority, slash, base = rest.partition("/")
    authority = authority.rpartition("@")[2]
    host, port = authority, 443 if scheme == "https" else 80
    if authority.startswith("["):
        host, _, tail = authority[1:].partition("]")
        if tail.startswith(":"):
            port = int(tail[1:])
    elif ":" in authority:
        host, _, text = authority.rpartition(":")
        port = int(text)
    return Address(scheme, host, port), authority, slash + base if base else ""


class Pool:
    """The connections to one address."""

    __slots__ = ("_address", "_answers", "_connecting", "_deadlines", "_idle", "_idle_in_all", "_limits", "_loop",
                 "_outbox",
                 "_sweeping", "_tls", "_waiting", "all", "opened")

    def __init__(
        self,
        address: Address,
        deadlines: Deadlines,
        outbox: Outbox,
        limits: PoolLimits,
        answers: AnswerLimits,
        tls: ssl.SSLContext | None = None,
        idle_in_all: Callable[[], int] = lambda: 0,
    ) -> None:
        self._address = address
        self._deadlines = deadlines
        self._outbox = outbox
        self._limits = limits
        self._answers = answers
        self._tls = tls
        self._idle_in_all = idle_in_all
        self._loop = asyncio.get_running_loop()
        self._idle: list[Upstream] = []
        self._waiting: deque[asyncio.Future[Upstream | None]] = deque()
        self._connecting = 0
        self._sweeping = False
        self.all: set[Upstream] = set()
        self.opened = 0
        """Connections made since the start."""

    async def ask(
        self,
        method: bytes,
        head: bytes,
        body: bytes | Stream,
        deadline: float,
        *,
        streaming: bool = False,
        chunked: bool = False,
        upgrade: bytes = b"",
    ) -> Answer:
        """Sends one request and returns its answer; raises a ``BackendError``.

        ``head`` is the complete head with its empty line. A streamed body goes out ``chunked`` or as it is. The
        request is repeated once, on a new connection, when a reused one turns out to have died before any byte of
        an answer and the method is idempotent.
        """
        connection = self._take() or await self._connect(deadline)
        reused = connection.uses > 0
        try:
            return await self._exchange(connection, method, head, body, deadline, streaming, chunked, upgrade)
        except BadAnswer as error:
            if not reused or type(body) is not bytes or not retries(connection, method, error):
                raise
        connection = await self._connect(deadline)
        return await self._exchange(connection, method, head, body, deadline, streaming, chunked, upgrade)

    def start(
        self, receiver: Receiver, method: bytes, head: bytes, body: bytes, deadline: float, *, streaming: bool = False
    ) -> Upstream | None:
        """Sends a request with a complete body on a free connection; None when there is none, and nothing is sent.

        The way without a task for requests that need no patience: the caller repeats what ``retries`` allows, and
        goes through ``ask`` when no connection is free.
        """
        connection = self._take()
        if connection is not None:
            connection.send(receiver, head + body if body else head, deadline, streaming=streaming,
                            headless=method == b"HEAD")  # fmt: skip
        return connection

    async def _exchange(
        self, connection: Upstream, method: bytes, head: bytes, body: bytes | Stream, deadline: float,
        streaming: bool, chunked: bool, upgrade: bytes,
    ) -> Answer:  # fmt: skip
        data = head + body if type(body) is bytes else head
        waiting = Waiting(self._loop)
        connection.send(waiting, data, deadline, streaming=streaming, headless=method == b"HEAD", upgrade=upgrade)
        try:
            if type(body) is bytes:
                return await waiting.future
            self._outbox.flush()
            return await _with_upload(connection, waiting.future, cast(Stream, body), chunked)
        except asyncio.CancelledError:
            connection.cut()
            raise

    def _take(self) -> Upstream | None:
        idle = self._idle
        while idle:
            connection = idle.pop()
            if not connection.closed and not connection.transport.is_closing():
                return connection
        return None

    async def _connect(self, deadline: float) -> Upstream:
        limit = self._limits.connections
        while limit and len(self.all) + self._connecting >= limit:
            given = await self._wait(deadline)
            if given is not None and not given.closed:
                return given
        self._connecting += 1
        try:
            return await self._open(deadline)
        finally:
            self._connecting -= 1

    async def _wait(self, deadline: float) -> Upstream | None:
        """Waits until a connection is free or one may be made."""
        waiter: asyncio.Future[Upstream | None] = self._loop.create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout_at(deadline):
                return await waiter
        except TimeoutError:
            raise NoCapacity("no free connection to the backend before the deadline") from None
        finally:
            if not waiter.done():
                waiter.cancel()

    async def _open(self, deadline: float) -> Upstream:
        address = self._address
        if self._limits.connect_timeout:
            deadline = min(deadline, self._loop.time() + self._limits.connect_timeout)
        try:
            async with asyncio.timeout_at(deadline):
                if address.path:
                    _, connection = await self._loop.create_unix_connection(self._protocol, address.path)
                else:
                    _, connection = await self._loop.create_connection(
                        self._protocol, address.host, address.port, ssl=self._tls,
                        server_hostname=address.host if self._tls else None,
                    )  # fmt: skip
        except TimeoutError:
            raise TooSlow from None
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise unreachable(error, address) from error
        self.opened += 1
        self.all.add(connection)
        _keep_alive(connection, self._limits.tcp_keepalive)
        return connection

    def _protocol(self) -> Upstream:
        return Upstream(self._deadlines, self._outbox, self._answers, self._free, self._lost,
                        self._limits.head_timeout)

    def _free(self, connection: Upstream) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        limits = self._limits
        full = limits.idle and len(self._idle) >= limits.idle
        if full or not limits.reuse or (limits.idle_in_all and self._idle_in_all() >= limits.idle_in_all):
            connection.cut()
            return
        self._idle.append(connection)
        if limits.idle_timeout and not self._sweeping:
            self._sweeping = True
            self._loop.call_later(limits.idle_timeout, self._sweep, tuple(self._idle), self._uses())

    def _uses(self) -> tuple[int, ...]:
        return tuple(c.uses for c in self._idle)

    def _sweep(self, then: tuple[Upstream, ...], uses: tuple[int, ...]) -> None:
        """Closes what has been idle, unused, since the last sweep."""
        unused = {c for c, n in zip(then, uses, strict=True) if c.uses == n}
        for connection in [c for c in self._idle if c in unused]:
            self._idle.remove(connection)
            connection.cut()
        self._sweeping = bool(self._idle)
        if self._idle and self._limits.idle_timeout:
            self._loop.call_later(self._limits.idle_timeout, self._sweep, tuple(self._idle), self._uses())

    def _lost(self, connection: Upstream) -> None:
        self.all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break

    @property
    def idle(self) -> int:
        """Connections that wait for a request."""
        return len(self._idle)

    def close(self) -> None:
        """Closes idle connections; busy ones end with their answer."""
        for connection in self._idle:
            connection.cut()
        self._idle.clear()


async def _with_upload(
    connection: Upstream, answer: asyncio.Future[Answer], body: Stream, chunked: bool
) -> Answer:
    """Sends the body while the answer is awaited; an early answer ends the upload."""
    upload = asyncio.ensure_future(_upload(connection, body, chunked))
    try:
        await asyncio.wait((upload, answer), return_when=asyncio.FIRST_COMPLETED)
        error = upload.exception() if upload.done() and not upload.cancelled() else None
        if error is not None and not answer.done() and not (isinstance(error, ConnectionError) and connection.closed):
            # The client's upload has failed. (When the backend took no more, its answer, or lack of one, counts.)
            connection.cut()
            raise error
        result = await answer
        if not upload.done():
            body.discard()
            if not isinstance(result.body, Stream):
                connection.cut()
        return result
    finally:
        if not upload.done():
            upload.cancel()


async def _upload(connection: Upstream, body: Stream, chunked: bool) -> None:
    write = connection.transport.write
    while (data := await body.next()) is not None:
        if connection.closed:
            body.discard()
            return
        write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
        if connection.drained is not None:
            await connection.drained
    if chunked:
        write(b"0\r\n\r\n")


def _keep_alive(connection: Upstream, seconds: float) -> None:
    sock: socket.socket | None = connection.transport.get_extra_info("socket")
    if sock is None or sock.family == socket.AF_UNIX:
        return
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if seconds > 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, int(seconds)))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, int(seconds)))
    except OSError:
        return


def unreachable(error: BaseException, address: Address) -> Unreachable:
    """What went wrong on the way, in the words that operators of Go programs know."""
    where = f"{address.host}:{address.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(f"tls: failed to verify certificate: {error.verify_message}", "tls")
    if isinstance(error, ssl.SSLError):
        return Unreachable(f"tls: {error.reason or error}", "tls")
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return Unreachable(f"dial tcp: lookup {address.host}: no such host", "dns")
    if isinstance(error, ConnectionRefusedError) or getattr(error, "errno", None) == errno.ECONNREFUSED:
        return Unreachable(f"dial tcp {where}: connect: connection refused", "refused")
    if address.scheme == "https" and isinstance(error, ConnectionError):
        return Unreachable(f"tls: {where} closed the connection during the handshake", "tls")
    return Unreachable(f"dial tcp {where}: {error or type(error).__name__}", "connect")


class Pools:
    """All pools of a process, made when first needed."""

    def __init__(
        self,
        deadlines: Deadlines,
        outbox: Outbox,
        limits: PoolLimits | None = None,
        answers: AnswerLimits | None = None,
        tls: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self._deadlines = deadlines
        self._outbox = outbox
        self._limits = limits or PoolLimits()
        self._answers = answers or AnswerLimits()
        self._tls_factory = tls or ssl.create_default_context
        self._tls: ssl.SSLContext | None = None
        self._pools: dict[Address, Pool] = {}

    def pool(self, address: Address) -> Pool:
        """The pool for this address."""
        pool = self._pools.get(address)
        if pool is None:
            tls = None
            if address.scheme == "https":
                tls = self._tls = self._tls or self._tls_factory()
            pool = self._pools[address] = Pool(
                address, self._deadlines, self._outbox, self._limits, self._answers, tls,
                self._idle,
            )
        return pool

    def _idle(self) -> int:
        return sum(pool.idle for pool in self._pools.values())

    def close(self) -> None:
        """Closes all idle connections."""
        for pool in self._pools.values():
            pool.close()
