"""A gateway as a process, watched from outside."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest

from understudy.testing.backend import Backend
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway, connections_to, free_port


def config(backend: Backend) -> dict[str, Any]:
    """One endpoint."""
    return {"version": 3, "endpoints": [
        {"endpoint": "/a", "backend": [{"host": [backend.url], "url_pattern": "/a"}]}]}  # fmt: skip


async def test_it_serves_is_watched_and_stops() -> None:
    """Its children, memory, descriptors, CPU; exit code 0."""
    async with Backend() as backend, RunningGateway(config(backend)) as gateway:
        async with Client(gateway.port) as client:
            assert (await client.get("/a")).status == 200
            assert connections_to(gateway.port) >= 1
        assert await gateway.ready()
        names = gateway.children().values()
        assert any("worker" in n for n in names) and any("admin" in n for n in names)
        assert gateway.child("worker") in gateway.children()
        with pytest.raises(StopIteration):
            gateway.child("no such child")
        assert 1 << 20 < gateway.resident() < 1 << 30 and gateway.descriptors() > 10 and gateway.cpu_seconds() >= 0
        assert "understudy_requests_total" in await gateway.admin_get("/metrics")
        assert await gateway.shadows() == {} == await gateway.shadows_at_rest()
        assert await gateway.stop() == 0
        assert await gateway.stop() == 0


async def test_a_reload_takes_what_was_written() -> None:
    """As an operator would do it."""
    async with Backend() as backend, RunningGateway(config(backend)) as gateway:
        changed = config(backend)
        changed["endpoints"][0]["endpoint"] = "/b"
        gateway.write({**changed, "port": gateway.port})
        gateway.reload()
        async with asyncio.timeout(20):
            while True:
                async with Client(gateway.port) as client:
                    if (await client.get("/b")).status == 200:
                        break
                await asyncio.sleep(0.05)


async def test_one_that_cannot_start_says_what_it_said() -> None:
    """With its exit code."""
    with pytest.raises(RuntimeError, match=r"(?s)ended with 2:.*endpoints"):
        async with RunningGateway({"version": 3, "endpoints": 5}):
            raise AssertionError("it must not start")


async def test_a_killed_one_is_noticed() -> None:
    """Its own exit code, and no children are left."""
    async with Backend() as backend, RunningGateway(config(backend)) as gateway:
        children = list(gateway.children())
        assert await gateway.stop(signal.SIGKILL) == -signal.SIGKILL
        async with asyncio.timeout(20):
            while any(_alive(pid) for pid in children):
                await asyncio.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_free_ports_are_free() -> None:
    """Nothing listens there."""
    assert connections_to(free_port()) == 0
