"""The gateway's process as the demo starts it."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from understudy.demo import gateway
from understudy.testing.backend import Backend
from understudy.testing.client import Client
from understudy.testing.gateway import free_port

EXAMPLE = Path(__file__).parents[2] / "examples" / "seed.json"


def test_its_configuration_is_the_example() -> None:
    """But for the ports."""
    assert json.loads(EXAMPLE.read_text()) == gateway.SEED
    text = gateway.configuration(1111, 2222)
    assert json.loads(text.replace(":1111", ":8081").replace(":2222", ":8082")) == gateway.SEED
    assert ":1111" in text and ":2222" in text and ":808" not in text


async def test_it_serves_and_tells_of_its_shadows_and_ends(tmp_path: Path) -> None:
    """Exit code 0; afterwards the account is empty, not an error."""
    async with Backend() as v1, Backend() as v2:
        port = free_port()
        running = await gateway.start(tmp_path, port, gateway.configuration(v1.port, v2.port))
        async with Client(port) as client:
            assert (await client.get("/user/1")).status == 200
        await v2.wait_for(1)
        [shadow] = await running.shadows()
        assert shadow["eligible"] == 1
        assert await running.stop() == 0
        assert await running.shadows() == []


async def test_a_gateway_that_cannot_start_says_why(tmp_path: Path) -> None:
    """In its own words."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"{port}.* taken"):
            await gateway.start(tmp_path, port, gateway.configuration(1111, 2222))
