"""The admin child as a process of a gateway."""

from __future__ import annotations

import asyncio

from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway

CONFIG = {"version": 3, "endpoints": [], "extra_config": {"understudy/service": {"admin_token": "s3cret"}}}


async def test_it_serves_everything_over_real_sockets() -> None:
    """And no secret of the configuration is in any answer."""
    async with RunningGateway(CONFIG) as gateway:
        port = int(gateway.admin.rpartition(":")[2])
        async with Client(port) as client:
            for path in ("/health", "/ready", "/metrics", "/api/status", "/api/config", "/api/children",
                         "/api/shadows", "/api/events", "/api/explain/1"):  # fmt: skip
                got = await client.get(path)
                assert got.status == 200, (path, got)
                assert b"s3cret" not in got.body
            refused = await client.ask("POST", "/api/reload", b"", ("Content-Type", "application/json"))
            assert refused.status == 401
            taken = await client.ask(
                "POST", "/api/reload", b"", ("Content-Type", "application/json"), ("Authorization", "Bearer s3cret")
            )
            assert taken.status == 200


async def test_a_connection_that_is_left_open_does_not_hold_up_the_end() -> None:
    async with RunningGateway(CONFIG) as gateway, Client(int(gateway.admin.rpartition(":")[2])) as client:
        assert (await client.get("/health")).status == 200
        async with asyncio.timeout(5):
            assert await gateway.stop() == 0
