"""The owner of all client connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.http.serving import TEXT, bare, echo
from understudy.http.server import Limits
from understudy.http.values import Request, Response
from understudy.testing.client import Client


async def test_draining_fails_no_request() -> None:
    """What runs is answered with Connection: close; what arrives within the grace is answered too; then all ends."""
    release = asyncio.Event()

    def waiting(request: Request, respond: Callable[[Response], None]) -> Any:
        async def later() -> Response:
            if request.target == b"/slow":
                await release.wait()
            return Response(200, TEXT, request.target)

        return later()

    async with bare(waiting) as (server, port), Client(port) as busy, Client(port) as idle:
        await idle.get("/first")
        await busy.send(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        while len(server.connections) < 2:
            await asyncio.sleep(0.001)
        draining = asyncio.create_task(server.drain(limit=5.0, grace=1.0))
        await asyncio.sleep(0)
        got = await idle.get("/within-the-grace")
        assert (got.body, got.header("connection")) == (b"/within-the-grace", "close")
        release.set()
        got = await busy.read()
        assert (got.body, got.header("connection")) == (b"/slow", "close")
        await draining
        assert not server.connections


async def test_draining_without_connections_is_immediate() -> None:
    """Nothing to wait for."""
    async with bare(echo) as (server, _):
        async with asyncio.timeout(1):
            await server.drain()


async def test_the_limit_of_a_drain_cuts_what_is_left() -> None:
    """A request that never ends does not keep the process."""
    async with bare(lambda r, respond: asyncio.sleep(3600)) as (server, port), Client(port) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        while not server.connections:
            await asyncio.sleep(0.001)
        await server.drain(limit=0.1)
        assert await client.ended()


async def test_connections_over_the_limit_are_not_served() -> None:
    """Those before go on."""
    async with bare(echo, Limits(connections=1)) as (_, port), Client(port) as first:
        await first.get("/")
        async with Client(port) as second:
            assert await second.ended()
        assert (await first.get("/")).status == 200


async def test_every_answer_has_a_date() -> None:
    """But for those that bring one."""
    async with bare(echo) as (_, port), Client(port) as client:
        assert (await client.get("/")).header("date")


async def test_access_is_noted_once_a_request() -> None:
    """With what was asked and what was answered."""
    noted: list[tuple[bytes, int]] = []

    class Notes:
        def record(
            self, request: Request, status: int, seconds: float, client: str, errors: tuple[str, ...] = ()
        ) -> None:
            noted.append((request.target, status))

    async with bare(echo) as (server, port), Client(port) as client:
        server.access = Notes()
        await client.get("/a")
        await client.get("/b")
        await client.send(b"nonsense\r\n\r\n")
        await client.read()
    assert noted == [(b"/a", 200), (b"/b", 200), (b"-", 400)]
