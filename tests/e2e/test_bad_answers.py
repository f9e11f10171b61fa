"""What a backend answers wrongly never reaches a client: a clean 500 instead, or a cut where the answer had begun."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.e2e.bad_answers import BAD, NOT_ON_NOOP
from tests.inprocess import serving
from understudy.testing import faults
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client


def config(backend: Backend) -> dict[str, Any]:
    """A JSON endpoint and a no-op endpoint."""
    return {
        "version": 3,
        "host": [backend.url],
        "timeout": "2s",
        "endpoints": [
            {"endpoint": "/json", "backend": [{"url_pattern": "/a"}]},
            {"endpoint": "/noop", "output_encoding": "no-op", "backend": [{"url_pattern": "/a"}]},
        ],
    }


def test_there_are_enough_of_them() -> None:
    """The suite is at least forty answers."""
    assert len(BAD) >= 40


@pytest.mark.parametrize("name", BAD)
async def test_a_json_endpoint_answers_500(name: str) -> None:
    """And the connection to the client goes on, and the next answer is right."""
    async with Backend(faults.raw(BAD[name])) as backend, serving(config(backend)) as gateway:
        async with Client(gateway.port) as client:
            got = await client.get("/json")
            assert (got.status, got.body, got.header("x-krakend-completed")) == (500, b"", "false")
            backend.answer = reply({"a": 1})
            assert (await client.get("/json")).body == b'{"a":1}'
        assert gateway.open_upstreams() <= 1


@pytest.mark.parametrize("name", [n for n in BAD if n not in NOT_ON_NOOP])
async def test_a_noop_endpoint_answers_500(name: str) -> None:
    """Nothing had begun, so the answer is clean."""
    async with (
        Backend(faults.raw(BAD[name])) as backend,
        serving(config(backend)) as gateway,
        Client(gateway.port) as client,
    ):
        got = await client.get("/noop")
        assert (got.status, got.body) == (500, b"")
        assert "set-cookie" not in dict(got.headers)


@pytest.mark.parametrize("name", sorted(NOT_ON_NOOP))
async def test_a_noop_answer_that_breaks_is_never_taken_for_whole(name: str) -> None:
    """The client sees a 500, or an answer that is recognisably cut."""
    async with (
        Backend(faults.raw(BAD[name])) as backend,
        serving(config(backend)) as gateway,
        Client(gateway.port) as client,
    ):
        try:
            status = (await client.get("/noop")).status
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            status = 0
        assert status in (0, 500)


async def test_bytes_after_an_answer_are_nobodys() -> None:
    """The answer is given, the connection is not used again, and the rest is no answer to the next request."""
    evil = reply({"a": 1}) + reply({"evil": True})
    async with Backend(faults.raw(evil, close_after=False)) as backend, serving(config(backend)) as gateway:
        async with Client(gateway.port) as client:
            assert (await client.get("/json")).body == b'{"a":1}'
            backend.answer = reply({"b": 2})
            assert (await client.get("/json")).body == b'{"b":2}'
        assert backend.connections == 2
