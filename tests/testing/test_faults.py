"""Each fault does on the wire what it says."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from understudy.testing import faults
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


async def taken(name: str, most: int = 1 << 18, seconds: float = 0.3) -> tuple[bytes, str]:
    """What a client gets of a fault: some bytes, and how it ends: closed, reset, or goes on."""
    async with Backend(faults.ALL[name]) as backend, Client(backend.port) as client:
        await client.send(GET)
        got = b""
        try:
            async with asyncio.timeout(seconds):
                while len(got) < most:
                    data = await client.reader.read(65536)
                    if not data:
                        return got, "closed"
                    got += data
        except TimeoutError:
            return got, "silent"
        except ConnectionError:
            return got, "reset"
        return got, "goes on"


@pytest.mark.parametrize(
    ("name", "begins", "end"),
    [
        ("hang", b"", "silent"), ("reset", b"", "reset"), ("close", b"", "closed"), ("garbage", b"\x00", "closed"),
        ("half", b"HTTP/1.1 200", "closed"), ("half then reset", b"", "reset"), ("endless", b"HTTP/1.1 200", "goes on"),
        ("drip", b"H", "silent"), ("huge", b"HTTP/1.1 200", "goes on"), ("big headers", b"HTTP/1.1 200", "goes on"),
        ("deep json", b"HTTP/1.1 200", "goes on"), ("never reads", b"", "silent"),
    ],
)  # fmt: skip
async def test_on_the_wire(name: str, begins: bytes, end: str) -> None:
    """How it begins and how it ends."""
    got, ended = await taken(name)
    assert got.startswith(begins) and ended == end
    assert begins or name == "half then reset" or got == b""


async def test_the_bomb_is_small_and_grows() -> None:
    """A thousand times."""
    async with Backend(faults.gzip_bomb) as backend, Client(backend.port) as client:
        got = await client.get("/")
    assert len(got.body) < 1 << 20 and len(gzip.decompress(got.body)) >= 64 << 20


async def test_who_never_reads_stops_the_sender() -> None:
    """Buffers fill, then nothing moves."""
    async with Backend(faults.never_reads) as backend, Client(backend.port) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                while True:
                    await client.send(b"x" * 65536)


async def test_slow_and_raw_are_made_to_measure() -> None:
    """An answer after a while; any bytes, closed or left open."""
    loop = asyncio.get_running_loop()
    async with Backend(faults.slow(0.2, reply(b"late"))) as backend, Client(backend.port) as client:
        started = loop.time()
        assert (await client.get("/")).body == b"late"
        assert loop.time() - started >= 0.19
    async with Backend(faults.raw(b"any", close_after=False)) as backend, Client(backend.port, timeout=0.2) as client:
        await client.send(GET)
        assert await client.reader.readexactly(3) == b"any"
        with pytest.raises(TimeoutError):
            await client.ended()


def test_every_fault_has_a_name() -> None:
    """For tests that go through all of them."""
    assert len(faults.ALL) >= 13 and all(callable(f) for f in faults.ALL.values())
