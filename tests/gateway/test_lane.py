"""The short way and the patient way give the same answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.inprocess import InProcess, serving
from understudy.testing import faults
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client


def config(backend: Backend) -> dict[str, Any]:
    """The same endpoints twice: with lanes, and (by a static block that never applies) without."""
    never = {"extra_config": {"proxy": {"static": {"strategy": "errored", "data": {}}}}}
    parts = {
        "json": [{"url_pattern": "/a"}],
        "two": [{"url_pattern": "/a", "group": "a"}, {"url_pattern": "/b", "group": "b"}],
        "reshaped": [{"url_pattern": "/a", "allow": ["x"], "group": "g"}],
    }
    endpoints = [{"endpoint": f"/{way}/{name}", "backend": backends, **extra}
                 for name, backends in parts.items() for way, extra in (("lane", {}), ("patient", never))]  # fmt: skip
    return {"version": 3, "host": [backend.url], "timeout": "300ms", "endpoints": endpoints}


ANSWERS: dict[str, Any] = {
    "an object": reply({"x": 1, "y": [1.50, "<>"]}),
    "nothing": reply({}),
    "null": reply(b"null"),
    "an error": reply(b"no", 500),
    "an array": reply([1]),
    "not JSON": reply(b"text"),
    "redirected": lambda seen: reply({"x": 2}) if seen.target == "/end" else reply(b"", 302, [("Location", "/end")]),
    "closed": faults.close,
    "reset": faults.reset,
    "half": faults.half,
    "hung": faults.hang,
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("name", ["json", "two", "reshaped"])
async def test_both_ways_agree(answer: str, name: str) -> None:
    """Status, headers and body, whatever the backend does, on fresh and on reused connections."""
    async with Backend(ANSWERS[answer]) as backend, serving(config(backend)) as gateway:
        got = []
        for way in ("lane", "patient"):
            async with Client(gateway.port) as client:
                await client.get(f"/{way}/{name}")
                last = await client.get(f"/{way}/{name}")
                got.append((last.status, [h for h in last.headers if h[0] != "date"], last.body))
        if answer == "an error" and name != "two":
            assert got[0][0] == 500
        assert got[0] == got[1] or (answer, name) in EMPTY_STATIC
        assert len(gateway.reports) in (0, 4)


EMPTY_STATIC = {
    (answer, name)
    for answer in ("an error", "an array", "not JSON", "closed", "reset", "half", "hung")
    for name in ("json", "two", "reshaped")
} | {("null", "two")}
"""Where an errored static block, even an empty one, turns the failure into a 200 by KrakenD's rules."""


async def test_leaving_clients_leave_nothing_behind() -> None:
    """Their connections to backends are closed, in the lane of one and of several."""
    async with Backend(faults.hang) as backend, serving(config(backend)) as gateway:
        for path in ("/lane/json", "/lane/two"):
            async with Client(gateway.port) as client:
                await client.send(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
                await backend.wait_for(1)
            await _until_quiet(gateway)
            backend.seen.clear()


async def _until_quiet(gateway: InProcess) -> None:
    async with asyncio.timeout(5):
        while gateway.open_upstreams():
            await asyncio.sleep(0.005)


async def test_many_clients_at_once_get_their_own_answers() -> None:
    """Fifty connections, two thousand requests, each answer belongs to its question."""
    def echo(seen: Seen) -> bytes:
        return reply({"target": seen.target})

    file = {"version": 3, "endpoints": [{"endpoint": "/e/{id}", "backend": [{"url_pattern": "/b/{id}"}]}]}
    async with Backend(echo) as backend, serving({**file, "host": [backend.url]}) as gateway:

        async def user(number: int) -> None:
            async with Client(gateway.port) as client:
                for i in range(40):
                    got = await client.get(f"/e/{number}-{i}")
                    assert got.body == b'{"target":"/b/%d-%d"}' % (number, i)

        await asyncio.gather(*(user(n) for n in range(50)))
        assert backend.most_open <= 50
