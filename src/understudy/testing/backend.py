"""A small HTTP/1.1 server on a real socket: answers as told, remembers what it saw."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

Script = Callable[["Seen", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]]
"""Answers one request by hand; true when the connection can carry another."""


class Seen:
    """One request as it arrived: names in lower case, in order, repeats kept."""

    def __init__(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((v for n, v in self.headers if n == name.lower()), None)

    def __repr__(self) -> str:
        return f"Seen({self.method} {self.target})"


def reply(
    body: bytes | str | dict[str, Any] | list[Any] = b"",
    status: int = 200,
    headers: list[tuple[str, str]] | None = None,
    *,
    chunked: bool = False,
) -> bytes:
    """A complete answer as bytes; data becomes JSON."""
    kind = None
    if isinstance(body, (dict, list)):
        body, kind = json.dumps(body, separators=(",", ":")), "application/json"
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Status"]
    given = headers or []
    if kind and not any(n.lower() == "content-type" for n, _ in given):
        lines.append(f"Content-Type: {kind}")
    lines += [f"{n}: {v}" for n, v in given]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
        data = (b"%x\r\n%b\r\n" % (len(data), data) if data else b"") + b"0\r\n\r\n"
    elif status not in (204, 304) and status >= 200:
        lines.append(f"Content-Length: {len(data)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + data


class Backend:
    """``async with Backend(answer) as b``: serves on ``b.url``; ``b.seen`` is what arrived, in order.

    ``answer`` is complete bytes for every request, a function from a request to bytes, or a ``Script`` from
    ``understudy.testing.faults``. It may be replaced while the server runs.
    """

    def __init__(self, answer: bytes | Callable[[Seen], bytes] | Script = b"", *, port: int = 0) -> None:
        self.answer = answer if answer != b"" else reply({"ok": True})
        self.seen: list[Seen] = []
        self.connections = 0
        """Accepted since the start."""
        self.open = 0
        self.most_open = 0
        self.port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Condition()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", self.port, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *of_what: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Closes the port and every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def wait_for(self, count: int, seconds: float = 10.0) -> list[Seen]:
        """Waits until so many requests have arrived; raises ``TimeoutError``."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.seen) >= count)
        return self.seen

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> asyncio.Task[None]:
        """A task for a new connection; it ends with the connection, whatever its script waits for."""
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        task = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        before = getattr(self.answer, "before_reading", None)
        if before is not None:
            return bool(await before(reader, writer))
        seen = await read_request(reader)
        if seen is None:
            return False
        async with self._arrived:
            self.seen.append(seen)
            self._arrived.notify_all()
        answer = self.answer
        if isinstance(answer, bytes):
            made: bytes | Awaitable[bool] = answer
        elif _takes_one(answer):
            made = answer(seen)  # type: ignore[call-arg]  # told apart by their number of parameters
        else:
            made = answer(seen, reader, writer)  # type: ignore[call-arg]
        if not isinstance(made, bytes):
            return await made
        writer.write(made)
        await writer.drain()
        return b"connection: close" not in made[:2048].lower() and seen.header("connection") != "close"


class _Connection(asyncio.StreamReaderProtocol):
    """Counts a connection as open until it is, whatever its script is waiting for."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(asyncio.StreamReader(limit=1 << 22), self._met)
        self._backend = backend
        self._serving: asyncio.Task[None] | None = None

    def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving = self._backend._serve(reader, writer)

    def eof_received(self) -> bool:
        super().eof_received()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._backend.open -= 1
        if self._serving is not None:
            self._serving.cancel()


def _takes_one(answer: Callable[..., Any]) -> bool:
    code = getattr(answer, "__code__", None)
    return code is not None and code.co_argcount == 1


async def read_request(reader: asyncio.StreamReader) -> Seen | None:
    """Reads one request; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *rest = head.decode("latin-1").split("\r\n")
    method, _, target = first.rpartition(" ")[0].partition(" ")
    headers = [(n.lower(), v.strip()) for n, _, v in (line.partition(":") for line in rest if line)]
    fields = dict(headers)
    if "chunked" in fields.get("transfer-encoding", ""):
        body = await _chunks(reader)
    else:
        body = await reader.readexactly(int(fields.get("content-length", 0)))
    return Seen(method, target, headers, body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    out = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        out += await reader.readexactly(size)
        await reader.readline()
    while (await reader.readline()).strip():
        pass
    return out
