"""The order of the stack, seen from outside; what a component costs endpoints that do not use it: nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, read, shadow
from tests.inprocess import serving
from understudy.gateway.admission import Admission
from understudy.gateway.backend import HttpBackend
from understudy.gateway.build import Surroundings, endpoint_proxy, gate_of, plain_json, shadow_part
from understudy.gateway.lane import Errand
from understudy.gateway.meters import layout
from understudy.gateway.types import Ask, Reply
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.stream import Stream
from understudy.telemetry.counters import Board
from understudy.testing import faults
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client

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


def by_path(seen: Seen) -> bytes:
    """Tells which backend was asked, and with what."""
    return reply({"path": seen.target, "agent": seen.header("user-agent"), "x": seen.header("x-in"), "list": [1]})


async def test_every_floor_has_its_place() -> None:
    """Forwarding before merging, reshaping before grouping, flatmap after merging, static data last."""
    async with Backend(by_path) as primary:
        settings = {
            "version": 3, "host": [primary.url],
            "endpoints": [{
                "endpoint": "/m/{id}", "input_headers": ["X-In"], "input_query_strings": ["q"],
                "backend": [
                    {"url_pattern": "/one/{id}", "group": "one", "allow": ["path", "x"], "mapping": {"x": "header"}},
                    {"url_pattern": "/two", "group": "two", "deny": ["agent", "x"]},
                ],
                "extra_config": {"proxy": {
                    "flatmap_filter": [{"type": "move", "args": ["two.list", "list"]}],
                    "static": {"strategy": "always", "data": {"list": "static wins"}},
                }},
            }],
        }  # fmt: skip
        async with serving(settings) as gateway, Client(gateway.port) as client:
            got = await client.get("/m/7?q=1&other=2", ("X-In", "in"), ("X-Other", "no"))
    assert (got.status, got.header("x-krakend-completed")) == (200, "true")
    assert json.loads(got.body) == {
        "one": {"path": "/one/7?q=1", "header": "in"}, "two": {"path": "/two?q=1"}, "list": "static wins",
    }  # fmt: skip


async def test_both_ways_through_an_endpoint_answer_the_same() -> None:
    """The lane of callbacks, and the proxies that concurrent calls make necessary."""
    async with Backend(by_path) as primary:
        shape = {"url_pattern": "/p/{id}", "allow": ["path"]}
        settings = {
            "version": 3, "host": [primary.url],
            "endpoints": [
                {"endpoint": "/lane/{id}", "backend": [shape]},
                {"endpoint": "/proxies/{id}", "concurrent_calls": 2, "backend": [shape]},
                {"endpoint": "/both/{id}", "backend": [{**shape, "group": "a"}, {**shape, "group": "b"}]},
            ],
        }  # fmt: skip
        async with serving(settings) as gateway, Client(gateway.port) as client:
            plain = await client.get("/lane/1")
            raced = await client.get("/proxies/1")
            both = await client.get("/both/1")
    drop = {"date"}
    assert [p for p in plain.headers if p[0] not in drop] == [p for p in raced.headers if p[0] not in drop]
    assert plain.body == raced.body == b'{"path":"/p/1"}'
    assert both.body == b'{"a":{"path":"/p/1"},"b":{"path":"/p/1"}}'


async def test_closing_ends_idle_connections() -> None:
    """What a worker does last."""
    async with Backend() as primary:
        settings = config(endpoint(backend(host=[primary.url])))
        async with serving(settings) as gateway, Client(gateway.port) as client:
            await client.get("/x")
            assert gateway.idle() == 1
            gateway.around.pools.close()
            async with asyncio.timeout(5):
                while primary.open:
                    await asyncio.sleep(0.005)


async def test_the_version_can_be_hidden() -> None:
    """As in KrakenD."""
    async with Backend() as primary:
        for options, expected in (({}, False), ({"hide_version_header": True}, True)):
            settings = config(endpoint(backend(host=[primary.url])), extra_config={"router": options})
            async with serving(settings) as gateway, Client(gateway.port) as client:
                assert ((await client.get("/x")).header("x-krakend") == "Version undefined") is expected


async def test_hosts_by_discovery_are_looked_up_in_the_background() -> None:
    """One look-up for all backends of a name."""
    dns = {"host": ["_http._tcp.x.test"], "sd": "dns", "url_pattern": "/p"}
    settings = config(endpoint(dns, endpoint="/a"), endpoint(dns, endpoint="/b"))
    async with serving(settings) as gateway, Client(gateway.port) as client:
        tasks = gateway.around.background()
        assert len(tasks) == 1
        tasks[0].close()
        assert (await client.get("/a")).status == 500


@pytest.mark.parametrize(
    ("more", "back", "plain"),
    [
        ({}, {}, True),
        ({"output_encoding": "xml"}, {}, False),
        ({}, {"encoding": "xml"}, False),
        ({}, {"is_collection": True}, False),
        ({"extra_config": {"proxy": {"sequential": True}}}, {}, False),
        ({"extra_config": {"proxy": {"static": {"strategy": "always", "data": {"a": 1}}}}}, {}, False),
    ],
)
def test_data_is_looked_into_only_where_somebody_must(more: Any, back: Any, plain: bool) -> None:
    """Everything else goes through as JSON."""
    [made] = read(config(endpoint(backend(**back), **more))).endpoints
    assert plain_json(made, made.backends[0]) is plain


async def test_a_failure_on_any_floor_is_one_answer() -> None:
    """And the gateway goes on."""
    async with Backend(faults.garbage) as primary:
        settings = config(endpoint(backend(host=[primary.url]), backend(host=[primary.url], group="g")))
        async with serving(settings) as gateway, Client(gateway.port) as client:
            for _ in range(3):
                got = await client.get("/x")
                assert (got.status, got.header("x-krakend-completed")) == (500, "false")
            primary.answer = reply({"a": 1})
            assert (await client.get("/x")).status == 200
