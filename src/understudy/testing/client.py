"""Raw requests over a socket: what is given is what is sent."""

from __future__ import annotations

import asyncio
from typing import Self


class Got:
    """One answer: status, header fields (names in lower case, in order) and body without chunk framing."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((v for n, v in self.headers if n == name.lower()), None)

    def __repr__(self) -> str:
        return f"Got({self.status}, {self.body[:80]!r})"


class Client:
    """``async with Client(port) as c``: one keep-alive connection."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", timeout: float = 15.0) -> None:
        self._port = port
        self._host = host
        self._timeout = timeout
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self._host, self._port, limit=1 << 24)
        return self

    async def __aexit__(self, *of_what: object) -> None:
        self.writer.close()

    async def get(self, target: str, *headers: tuple[str, str]) -> Got:
        """A GET and its answer."""
        return await self.ask("GET", target, b"", *headers)

    async def ask(self, method: str, target: str, body: bytes = b"", *headers: tuple[str, str]) -> Got:
        """A request and its answer."""
        lines = [f"{method} {target} HTTP/1.1"]
        if not any(n.lower() == "host" for n, _ in headers):
            lines.append(f"Host: 127.0.0.1:{self._port}")
        lines += [f"{n}: {v}" for n, v in headers]
        if (body or method in ("POST", "PUT", "PATCH")) and not any(n.lower() == "content-length" for n, _ in headers):
            lines.append(f"Content-Length: {len(body)}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)
        return await self.read(method)

    async def send(self, data: bytes) -> None:
        """Exactly these bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def read(self, method: str = "GET") -> Got:
        """The next answer; raises ``asyncio.IncompleteReadError`` when the connection ends before it is complete."""
        async with asyncio.timeout(self._timeout):
            while True:
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *rest = head.split("\r\n")
                status = int(first.split(" ")[1])
                if status >= 200 or status == 101:
                    break
            headers = [(n.lower(), v.strip()) for n, _, v in (line.partition(":") for line in rest if line)]
            return Got(status, headers, await self._body(method, status, dict(headers)))

    async def _body(self, method: str, status: int, fields: dict[str, str]) -> bytes:
        if method == "HEAD" or status in (101, 204, 304):
            return b""
        if fields.get("transfer-encoding") == "chunked":
            out = b""
            while size := int((await self.reader.readline()).split(b";")[0], 16):
                out += await self.reader.readexactly(size)
                await self.reader.readline()
            while (await self.reader.readline()).strip():
                pass
            return out
        if "content-length" in fields:
            return await self.reader.readexactly(int(fields["content-length"]))
        return await self.reader.read()

    async def ended(self) -> bool:
        """Whether the server closes the connection, soon, without another byte."""
        async with asyncio.timeout(self._timeout):
            try:
                return await self.reader.read(1) == b""
            except ConnectionError:
                return True
