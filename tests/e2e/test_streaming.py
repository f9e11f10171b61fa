"""Bodies of any size through no-op endpoints: whole, no faster than they are taken, in memory that stays flat."""

from __future__ import annotations

import asyncio
import hashlib
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from pathlib import Path
from typing import Any

import pytest

from tests.http.client2 import Client2
from tests.inprocess import serving
from understudy.testing import faults
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway

SIZE = 200 << 20
BLOCK = bytes(range(256)) * 1024
ALLOWED = 24 << 20


class Bulk:
    """A backend for bodies that fit into no memory: it digests what it gets, and sends ``SIZE`` bytes."""

    def __init__(self) -> None:
        self.digest = ""

    async def before_reading(self, reader: Reader, writer: Writer) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if head.startswith(b"get"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
            for _ in range(SIZE // len(BLOCK)):
                writer.write(BLOCK)
                await writer.drain()
            return True
        digest, left = hashlib.md5(usedforsecurity=False), SIZE
        while left:
            data = await reader.read(min(left, 1 << 18))
            if not data:
                return False
            digest.update(data)
            left -= len(data)
        self.digest = digest.hexdigest()
        writer.write(reply({"size": SIZE}))
        await writer.drain()
        return True

    async def __call__(self, seen: Seen, reader: Reader, writer: Writer) -> bool:
        return False


def config(backend: Backend, **endpoint: Any) -> dict[str, Any]:
    """Up and down."""
    return {
        "version": 3, "timeout": "60s", "host": [backend.url],
        "endpoints": [
            {"endpoint": "/a", "method": method, "output_encoding": "no-op", "input_headers": ["*"],
             "backend": [{"url_pattern": "/a"}], **endpoint}
            for method in ("GET", "POST")
        ],
    }  # fmt: skip


def peak(pid: int) -> int:
    """The most memory that a process has ever held, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise ValueError("no such process")


async def test_200_mib_go_up_and_down_in_flat_memory() -> None:
    """Through a real worker, whose memory grows by no more than its buffers."""
    expected = hashlib.md5(usedforsecurity=False)
    for _ in range(SIZE // len(BLOCK)):
        expected.update(BLOCK)
    bulk = Bulk()
    async with Backend(bulk) as backend, RunningGateway(config(backend)) as gateway:
        async with Client(gateway.port, timeout=60) as client:
            worker = gateway.child("worker")
            before = peak(worker)
            await client.send(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            head = await client.reader.readuntil(b"\r\n\r\n")
            assert b"Content-Length: %d" % SIZE in head
            digest, left = hashlib.md5(usedforsecurity=False), SIZE
            while left:
                data = await client.reader.read(min(left, 1 << 18))
                assert data
                digest.update(data)
                left -= len(data)
            assert digest.hexdigest() == expected.hexdigest()
            await client.send(b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % SIZE)
            for _ in range(SIZE // len(BLOCK)):
                await client.send(BLOCK)
            assert (await client.read()).body == b'{"size":%d}' % SIZE
            assert bulk.digest == expected.hexdigest()
            assert peak(worker) - before < ALLOWED


async def test_a_client_that_does_not_read_holds_up_the_backend() -> None:
    """The backend can send no more than the buffers on the way take."""
    sent = 0

    async def endless(seen: Seen, reader: Reader, writer: Writer) -> bool:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK))
            await writer.drain()
            sent += len(BLOCK)

    async with Backend(endless) as backend, serving(config(backend)) as gateway:
        async with Client(gateway.port) as client:
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
            await client.send(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            before = -1
            while sent != before or not sent:
                before = sent
                await asyncio.sleep(0.2)
            assert sent < 64 << 20
            held = sum(c.transport.get_write_buffer_size() for c in gateway.server.connections)  # type: ignore[union-attr]
            assert held < 4 << 20
        async with asyncio.timeout(5):
            while backend.open:
                await asyncio.sleep(0.005)


async def test_a_backend_that_does_not_read_holds_up_the_client() -> None:
    """The client can send no more than the buffers on the way take."""
    async with Backend(faults.never_reads) as backend, serving(config(backend)) as gateway:
        async with Client(gateway.port) as client:
            sent = 0

            async def upload() -> None:
                nonlocal sent
                await client.send(b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % SIZE)
                while True:
                    await client.send(BLOCK)
                    sent += len(BLOCK)

            sending = asyncio.create_task(upload())
            before = -1
            while sent != before or not sent:
                before = sent
                await asyncio.sleep(0.2)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            assert sent < 64 << 20


@pytest.mark.parametrize("h2", [False, True])
async def test_a_client_that_leaves_in_the_middle_ends_the_backends_answer(h2: bool) -> None:
    """An answer without an end is not read for nobody."""
    settings = {**config(Backend()), "use_h2c": True}
    async with Backend(faults.endless) as backend, serving({**settings, "host": [backend.url]}) as gateway:
        if h2:
            async with Client2(gateway.port) as client:
                stream = await client.begin()
                while len(client.body(stream)) < 1 << 20:
                    await client.more()
                client.h2.reset_stream(stream)
                await client.flush()
                async with asyncio.timeout(5):
                    while backend.open:
                        await asyncio.sleep(0.005)
        else:
            async with Client(gateway.port) as old:
                await old.send(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
                await old.reader.readexactly(1 << 20)
            async with asyncio.timeout(5):
                while backend.open:
                    await asyncio.sleep(0.005)


@pytest.mark.parametrize("pause", [0.0, 0.05], ids=["at once", "in pieces"])
async def test_trailers_reach_those_who_take_them(pause: float) -> None:
    """Whether they come with the body or later, but none that say how a message is to be read."""

    async def trailing(seen: Seen, reader: Reader, writer: Writer) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n")
        await asyncio.sleep(pause)
        writer.write(b"0\r\nX-Sum: 7\r\nContent-Type: a/b\r\nSet-Cookie: a=b\r\n\r\n")
        await writer.drain()
        return True

    async with Backend(trailing) as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        for te, tail in (("TE: trailers\r\nConnection: TE\r\n", b"X-Sum: 7\r\n"), ("", b"")):
            await client.send(f"GET /a HTTP/1.1\r\nHost: h\r\n{te}\r\n".encode())
            await client.reader.readuntil(b"\r\n\r\n")
            async with asyncio.timeout(5):
                assert await client.reader.readuntil(b"\r\n0\r\n") == b"2\r\nok\r\n0\r\n"
                assert await client.reader.readexactly(len(tail) + 2) == tail + b"\r\n"


async def test_trailers_of_requests_end_here() -> None:
    """They are read with the body, and are no header fields of this request or the next."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        for _ in range(2):
            await client.send(
                b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X-Up\r\n\r\n"
                b"3\r\nabc\r\n0\r\nX-Up: 9\r\n\r\n"
            )
            assert (await client.read()).status == 200
        assert [(s.body, s.header("x-up")) for s in backend.seen] == [(b"abc", None)] * 2
