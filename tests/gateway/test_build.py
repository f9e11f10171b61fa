"""What a component costs endpoints that do not use it: nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, read
from understudy.gateway.admission import Admission
from understudy.gateway.backend import HttpBackend
from understudy.gateway.build import Surroundings, endpoint_proxy, gate_of
from understudy.gateway.meters import layout
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.telemetry.counters import Board

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
