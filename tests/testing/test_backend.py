"""The small server: it answers as told and remembers what it saw."""

from __future__ import annotations

import asyncio
import json

import pytest

from understudy.testing.backend import Backend, Seen, read_request, reply
from understudy.testing.client import Client
from understudy.testing.gateway import free_port


async def test_it_answers_with_bytes_functions_and_scripts() -> None:
    """Replaced while it runs."""

    async def script(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(reply(b"script"))
        await writer.drain()
        return False

    async with Backend() as backend, Client(backend.port) as client:
        assert json.loads((await client.get("/a")).body) == {"ok": True}
        backend.answer = lambda seen: reply(seen.target.encode())
        assert (await client.get("/b")).body == b"/b"
        backend.answer = script
        assert (await client.get("/c")).body == b"script"
        assert await client.ended()
        assert [(s.method, s.target) for s in await backend.wait_for(3)] == [("GET", t) for t in ("/a", "/b", "/c")]


async def test_it_remembers_headers_and_bodies() -> None:
    """In order, repeats kept; chunked bodies whole."""
    async with Backend() as backend, Client(backend.port) as client:
        await client.send(b"POST /x HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
                          b"2\r\nab\r\n1;q\r\nc\r\n0\r\nX-T: 1\r\n\r\n")  # fmt: skip
        await client.read()
        [seen] = backend.seen
        assert seen.body == b"abc" and [v for n, v in seen.headers if n == "x-a"] == ["1", "2"]
        assert seen.header("X-A") == "1" and seen.header("none") is None and "/x" in repr(seen)


async def test_it_counts_its_connections_and_closes_them_all() -> None:
    """Waiting for more than comes is a timeout."""
    async with Backend() as backend:
        async with Client(backend.port) as one, Client(backend.port) as two:
            await one.get("/")
            await two.get("/")
            assert (backend.connections, backend.open, backend.most_open) == (2, 2, 2)
            with pytest.raises(TimeoutError):
                await backend.wait_for(3, seconds=0.05)
            await backend.stop()
            assert await one.ended() and await two.ended()
        assert backend.open == 0


async def test_it_can_have_a_port_of_its_own() -> None:
    """And says where it is."""
    port = free_port()
    async with Backend(port=port) as backend:
        assert backend.url == f"http://127.0.0.1:{port}"


def test_replies_are_whole_answers() -> None:
    """Data becomes JSON, lengths are right."""
    head = b"HTTP/1.1 200 Status\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n"
    assert reply({"a": 1}) == head + b'{"a":1}'
    assert reply([1], 201, [("Content-Type", "x/y")]).count(b"Content-Type") == 1
    assert reply("é").endswith(b"Content-Length: 2\r\n\r\n\xc3\xa9")
    assert b"Content-Length" not in reply(b"", 304) + reply(b"", 204) + reply(b"x", chunked=True)
    assert reply(b"x", chunked=True).endswith(b"\r\n\r\n1\r\nx\r\n0\r\n\r\n")


async def test_the_end_of_a_connection_is_no_request() -> None:
    """Nor is half of one."""
    for data in (b"", b"GET / HT"):
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        assert await read_request(reader) is None
