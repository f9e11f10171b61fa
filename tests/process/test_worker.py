"""A worker's own part: limits from the configuration, the access log, shadows' settings."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.config.model import ProcessOptions, Service
from understudy.process.worker import limits_of
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway

OK = reply({"ok": True})


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (Service(), 180.0),
        (Service(process=ProcessOptions(idle_timeout=7.0)), 7.0),
        (Service(read_header_timeout=3.0), 3.0),
        (Service(read_timeout=2.0, read_header_timeout=3.0), 2.0),
        (Service(idle_timeout=1.0, read_timeout=2.0), 1.0),
    ],
)
def test_idle_connections_are_closed_by_krakends_rules_and_then_by_ours(service: Service, expected: float) -> None:
    assert limits_of(service).idle_timeout == expected


def test_limits_come_from_both_parts_of_the_configuration() -> None:
    process = ProcessOptions(max_body_bytes=5, max_target_bytes=6, max_header_fields=7, max_connections=8)
    limits = limits_of(Service(process=process, max_header_bytes=9, write_timeout=1.5, read_header_timeout=2.5))
    assert (limits.body_bytes, limits.target_bytes, limits.fields, limits.connections) == (5, 6, 7, 8)
    assert (limits.head_bytes, limits.write_timeout, limits.head_timeout) == (9, 1.5, 2.5)


def config(backend: Backend, **root: Any) -> dict[str, Any]:
    endpoint = {"endpoint": "/a", "backend": [{"url_pattern": "/a", "host": [backend.url]}]}
    return {"version": 3, "endpoints": [endpoint], **root}


async def test_every_request_has_its_line_also_those_that_were_answered_last() -> None:
    """The access log is written in batches; nothing is left behind at the end."""
    async with Backend(OK) as backend, RunningGateway(config(backend)) as gateway:
        async with Client(gateway.port) as client:
            for number in range(20):
                await client.get(f"/a?n={number}")
        assert await gateway.stop() == 0
        lines = [line for line in gateway.log.splitlines() if line.startswith("[GIN]")]
        assert [f'"/a?n={number}"' in line for number, line in enumerate(lines)] == [True] * 20


async def test_paths_and_the_whole_access_log_can_be_left_out() -> None:
    quiet = {"router": {"logger_skip_paths": ["/__health"]}}
    async with Backend(OK) as backend, RunningGateway(config(backend, extra_config=quiet)) as gateway:
        async with Client(gateway.port) as client:
            await client.get("/__health")
            await client.get("/a")
        await gateway.stop()
        assert gateway.log.count("[GIN]") == 1
    silent = {"router": {"disable_access_log": True}}
    async with Backend(OK) as backend, RunningGateway(config(backend, extra_config=silent)) as gateway:
        async with Client(gateway.port) as client:
            await client.get("/a")
        await gateway.stop()
        assert "[GIN]" not in gateway.log


async def test_what_went_wrong_at_a_backend_is_logged_with_its_endpoint() -> None:
    async with Backend(OK) as backend:
        settings = config(backend)
        await backend.stop()
        async with RunningGateway(settings) as gateway:
            async with Client(gateway.port) as client:
                assert (await client.get("/a")).status == 500
            await gateway.stop()
            assert "ERROR: [worker 0] [ENDPOINT: /a]" in gateway.log and "Error #01: " in gateway.log


async def test_debug_serves_the_debug_endpoint_and_logs_it() -> None:
    async with Backend(OK) as backend, RunningGateway(config(backend), arguments=("-d",)) as gateway:
        async with Client(gateway.port) as client:
            assert (await client.get("/__debug/x")).body == b'{"message":"pong"}'
        await gateway.stop()
        assert "DEBUG: [worker 0] URL: /__debug/x" in gateway.log


async def test_a_reload_to_an_impossible_address_leaves_the_workers_as_they_are() -> None:
    """Users notice nothing while it is tried."""
    async with Backend(OK) as backend, RunningGateway(config(backend)) as gateway:
        broken = {**config(backend, port=gateway.port), "listen_ip": "203.0.113.9"}
        gateway.write(broken)
        gateway.reload()
        async with Client(gateway.port) as client:
            while "this machine has no such address" not in gateway.log:
                assert (await client.get("/a")).status == 200
