"""What a component costs endpoints that do not use it: nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, read, shadow
from understudy.gateway.admission import Admission
from understudy.gateway.backend import HttpBackend
from understudy.gateway.build import Surroundings, endpoint_proxy, gate_of, shadow_part
from understudy.gateway.lane import Errand
from understudy.gateway.meters import layout
from understudy.gateway.types import Ask, Reply
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.stream import Stream
from understudy.telemetry.counters import Board
from understudy.testing.backend import Backend, reply

CEL_REQUEST = {"validation/cel": [{"check_expr": "req_method == 'GET'"}]}
CEL_ANSWER = {"validation/cel": [{"check_expr": "resp_completed"}]}
MARTIAN = {"modifier/martian": {"header.Modifier": {"name": "X-A", "value": "1"}}}
SCHEMA = {"validation/json-schema": {}}
BOTS = {"security/bot-detector": {}}


@pytest.mark.parametrize(("of_endpoint", "of_backend", "short", "checked"), [
    ({}, {}, True, False), (BOTS, {}, True, True), (SCHEMA, {}, True, True), (CEL_REQUEST, {}, True, True),
    (CEL_ANSWER, {}, False, False), ({}, CEL_REQUEST, False, False), ({}, CEL_ANSWER, True, False),
    ({}, MARTIAN, False, False),
])
async def test_only_what_needs_it_leaves_the_short_way(
    of_endpoint: dict[str, Any], of_backend: dict[str, Any], short: bool, checked: bool
) -> None:
    """Checks of requests do not: they stand before it."""
    service = read(config(endpoint(backend(extra_config=of_backend), extra_config=of_endpoint)))
    loop = asyncio.get_running_loop()
    around = Surroundings(service, Deadlines(loop), Outbox(loop), Board(layout(service)))
    _, lane = endpoint_proxy(service, service.endpoints[0], around)
    assert (lane is not None) is short
    if lane is not None:
        assert type(lane.parts[0].backend) is HttpBackend
    gate = gate_of(service, service.endpoints[0], None)
    assert isinstance(gate, Admission) if checked else gate is None
    around.pools.close()


async def test_a_shadow_is_asked_with_its_changes_and_compared_as_it_answered() -> None:
    """Modifiers of answers are for users: the primary's answer is compared as it came, too."""
    change = {"modifier/martian": {"fifo.Group": {"modifiers": [
        {"header.Modifier": {"name": "X-Set", "value": "s", "scope": ["request"]}},
        {"status.Modifier": {"statusCode": 500}}, {"body.Modifier": {"body": "eA==", "scope": ["response"]}}]}}}
    async with Backend(reply({"as": "it came"})) as upstream:
        entry = shadow({}, host=[upstream.url])
        entry["extra_config"].update(change)
        service = read(config(endpoint(backend(), entry)))
        loop = asyncio.get_running_loop()
        around = Surroundings(service, Deadlines(loop), Outbox(loop), Board(layout(service)))
        made = service.endpoints[0]
        part = shadow_part(service, made, made.shadows[0], around)
        landed: asyncio.Future[Reply | BaseException] = loop.create_future()
        now = loop.time()
        flight = part.flight(0, Ask("GET", "/x", {}, [], [], b"", now + 5, now), lambda i, got: landed.set_result(got))
        flight.start()
        answer = await asyncio.wait_for(landed, 10)
        assert isinstance(flight, Errand) and isinstance(answer, Reply)
        body = await answer.body.read() if isinstance(answer.body, Stream) else answer.body
        assert (answer.status, body) == (200, b'{"as":"it came"}')
        assert upstream.seen[0].header("x-set") == "s"
        around.pools.close()
