"""The sample service."""

from __future__ import annotations

import json
import socket

from understudy.demo.services import listen, version_1, version_2
from understudy.testing.client import Client


async def test_both_versions_know_the_same_users() -> None:
    """Each under its own path, and each counts."""
    names: list[str] = []
    for service, prefix in ((version_1(), "/v1/user/"), (version_2(), "/v2/user/")):
        await service.start(0)
        async with Client(service.port) as client:
            assert (await client.get("/else")).status == 404
            found = json.loads((await client.get(prefix + "42")).body)
        assert found["id"] == "42" and found["version"] == int(prefix[2]) and service.seen == 2
        names.append(found["name"])
        service.close()
    assert names[0] == names[1]


def test_a_taken_port_is_replaced_by_a_free_one() -> None:
    """Never the same twice."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with listen(port) as other:
            assert other.getsockname()[1] not in (0, port)
    with listen(port) as free:
        assert free.getsockname()[1] == port
