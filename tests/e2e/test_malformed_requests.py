"""A request that is not exactly HTTP/1.1 gets a 400 and a closed connection, and nothing of it reaches a backend."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.e2e.malformed_requests import CASES, CHUNKS
from tests.inprocess import serving
from understudy.testing.backend import Backend
from understudy.testing.client import Client


def config(backend: Backend) -> dict[str, Any]:
    """A JSON endpoint, a POST and a no-op endpoint."""
    return {
        "version": 3,
        "host": [backend.url],
        "timeout": "2s",
        "endpoints": [
            {"endpoint": "/json/{id}", "input_headers": ["*"], "backend": [{"url_pattern": "/{id}"}]},
            {"endpoint": "/post", "method": "POST", "backend": [{"url_pattern": "/p"}]},
            {"endpoint": "/noop", "output_encoding": "no-op", "backend": [{"url_pattern": "/n"}]},
        ],
    }


def test_there_are_enough_of_them() -> None:
    """The suite is at least sixty cases."""
    assert len(CASES) + len(CHUNKS) >= 60


@pytest.mark.parametrize("name", CASES)
async def test_it_is_refused_and_the_connection_closed(name: str) -> None:
    """One answer with the expected status; then the end; no backend was asked."""
    data, status = CASES[name]
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.send(data)
        got = await client.read()
        assert got.status == status
        assert await client.ended()
        assert backend.seen == []


@pytest.mark.parametrize("name", CASES)
async def test_what_follows_it_is_never_served(name: str) -> None:
    """A second request behind the bad one is not taken for one, wherever the packets are cut."""
    data, status = CASES[name]
    if len(data) > 4096:
        data = data[:4096]  # cut off: never complete, so nothing may be answered for what follows
        status = 0
    smuggled = b"GET /json/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.send(data[: len(data) // 2])
        await asyncio.sleep(0.005)
        await client.send(data[len(data) // 2 :] + (smuggled if status else b""))
        if status:
            assert (await client.read()).status == status
            assert await client.ended()
        assert [s for s in backend.seen if "smuggled" in s.target] == []


@pytest.mark.parametrize("name", CHUNKS)
async def test_a_bad_body_ends_the_connection(name: str) -> None:
    """At most one answer, which is no success, and no byte of the bad body is taken for a request."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.send(CHUNKS[name] + b"GET /json/smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        try:
            got = await client.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            got = None
        assert got is None or got.status >= 400
        assert await client.ended()
        assert [s for s in backend.seen if "smuggled" in s.target] == []


async def test_a_good_request_before_a_bad_one_is_answered() -> None:
    """Pipelined: the first gets its answer, the second its 400."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.send(b"GET /json/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /json/2 HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n")
        assert (await client.read()).status == 200
        assert (await client.read()).status == 400
        assert await client.ended()
        assert [s.target for s in backend.seen] == ["/1"]


@pytest.mark.parametrize("method", ["FOO", "get", "PURGE-ALL"])
async def test_an_unknown_method_is_not_allowed(method: str) -> None:
    """It is well-formed, so the router answers: 405 with the methods that there are."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.send(f"{method} /json/1 HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        got = await client.read()
        assert (got.status, got.header("allow")) == (405, "GET")
        assert backend.seen == []
