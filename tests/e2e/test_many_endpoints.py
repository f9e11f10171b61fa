"""A thousand endpoints: they load, each is the one that is asked, and every problem has its place."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from tests.config.reading import problems
from tests.inprocess import serving
from understudy.config.read import read_text
from understudy.config.routes import conflicts
from understudy.gateway.build import Surroundings, build
from understudy.gateway.meters import layout
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.telemetry.counters import Board
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client

COUNT = 1000


def configuration(host: str = "http://127.0.0.1:8081") -> dict[str, Any]:
    """Fixed paths, paths with parameters, and merges of two, each with a place of its own at the backend."""
    return {"version": 3, "host": [host], "endpoints": [_endpoint(n) for n in range(COUNT)]}


def _endpoint(n: int) -> dict[str, Any]:
    if n % 3 == 0:
        return {"endpoint": f"/area{n % 10}/list{n}", "backend": [{"url_pattern": f"/{n}"}]}
    if n % 3 == 1:
        return {"endpoint": f"/area{n % 10}/{{id}}/part{n}", "backend": [{"url_pattern": f"/{n}/{{id}}"}]}
    return {"endpoint": f"/area{n % 10}/page{n}", "backend": [{"url_pattern": f"/{n}/a", "group": "a"},
                                                             {"url_pattern": f"/{n}/b", "group": "b"}]}  # fmt: skip


def asked(n: int) -> tuple[str, dict[str, Any]]:
    """A target of an endpoint, and what it answers."""
    if n % 3 == 0:
        return f"/area{n % 10}/list{n}", {"at": f"/{n}"}
    if n % 3 == 1:
        return f"/area{n % 10}/x{n}/part{n}", {"at": f"/{n}/x{n}"}
    return f"/area{n % 10}/page{n}", {"a": {"at": f"/{n}/a"}, "b": {"at": f"/{n}/b"}}


async def test_each_is_the_one_that_is_asked() -> None:
    """And what is not there is not found."""
    async with (
        Backend(lambda seen: reply({"at": seen.target})) as backend,
        serving(configuration(backend.url)) as gateway,
        Client(gateway.port) as client,
    ):
        for n in range(COUNT):
            target, wanted = asked(n)
            got = await client.get(target)
            assert (got.status, json.loads(got.body)) == (200, wanted), target
        for target in ("/area1/list0", "/area1/x/part2", "/area11/list1", "/"):
            assert (await client.get(target)).status == 404


def test_they_load_in_a_second() -> None:
    """CPU time of reading, checking and building; the best of three, since others use this machine too."""
    text = json.dumps(configuration(), indent=1).encode()
    assert min(_load(text) for _ in range(3)) < 1.0


def _load(text: bytes) -> float:
    started = time.process_time()
    service = read_text(text, "gateway.json", {}, Path())
    assert not conflicts(service)

    async def made() -> None:
        loop = asyncio.get_running_loop()
        build(service, Surroundings(service, Deadlines(loop), Outbox(loop), Board(layout(service)))).close()

    asyncio.run(made())
    return time.process_time() - started


def test_a_thousand_problems_have_a_thousand_places() -> None:
    """In one reading."""
    data = configuration()
    for endpoint in data["endpoints"]:
        endpoint["timeout"] = "soon"
    found = problems(json.dumps(data, indent=1))
    assert len(found) == COUNT and len({(p.path, p.line) for p in found}) == COUNT
