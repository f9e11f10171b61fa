"""The raw client: it reads answers right, and makes nothing right that is sent."""

from __future__ import annotations

import asyncio

import pytest

from understudy.testing import faults
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (reply(b"abc"), 200, b"abc"),
        (reply(b"abc", chunked=True), 200, b"abc"),
        (reply(b"", 204), 204, b""),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" + reply(b"abc", 404), 404, b"abc"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n", 200, b"abc"),
    ],
)
async def test_answers_of_every_framing_are_read(answer: bytes, status: int, body: bytes) -> None:
    """And the connection serves the next one."""
    async with Backend(answer) as backend, Client(backend.port) as client:
        for _ in range(2):
            got = await client.get("/a", ("X-Y", "z"))
            assert (got.status, got.body) == (status, body)
        assert backend.seen[1].header("x-y") == "z" and backend.connections == 1


async def test_an_answer_until_the_end_of_the_connection() -> None:
    """Without a length."""
    async with Backend(faults.raw(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nX-A: 2\r\n\r\nabc")) as backend:
        async with Client(backend.port) as client:
            got = await client.get("/")
            assert (got.body, got.headers) == (b"abc", [("x-a", "1"), ("x-a", "2")])
            assert await client.ended()


async def test_what_is_cut_short_is_an_error() -> None:
    """Never half an answer."""
    async with Backend(faults.half) as backend, Client(backend.port) as client:
        with pytest.raises(asyncio.IncompleteReadError):
            await client.get("/")


async def test_a_server_that_hangs_is_a_timeout() -> None:
    """After the client's own time."""
    async with Backend(faults.hang) as backend, Client(backend.port, timeout=0.1) as client:
        with pytest.raises(TimeoutError):
            await client.get("/")


async def test_bodies_and_hosts_are_added_and_given_ones_are_kept() -> None:
    """Only what is missing."""
    async with Backend() as backend, Client(backend.port) as client:
        await client.ask("POST", "/a", b"body")
        await client.ask("GET", "/b", b"", ("Host", "own"))
        first, second = backend.seen
        assert (first.body, first.header("host")) == (b"body", f"127.0.0.1:{backend.port}")
        assert [v for n, v in second.headers if n == "host"] == ["own"]
