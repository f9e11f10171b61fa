"""What ``check -dd`` says about pipes is what is built."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, read, shadow
from understudy.cli import pipe
from understudy.cli.dump import dump
from understudy.config.model import Endpoint
from understudy.gateway.build import Surroundings, endpoint_proxy
from understudy.gateway.meters import layout
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.telemetry.counters import Board

FLATMAP = {"flatmap_filter": [{"type": "del", "args": ["a"]}]}
STATIC = {"static": {"data": {"a": 1}, "strategy": "errored"}}
CEL = {"validation/cel": [{"check_expr": text} for text in ("req_path == ''", "req_path == '' || resp_completed")]}
MARTIAN = {"modifier/martian": {"header.Modifier": {"name": "X-A"}}}
SHAPES: list[tuple[dict[str, Any], str]] = [
    (endpoint(backend(group="g", target="d", allow=["a"], mapping={"a": "b"})), "by callbacks"),
    (endpoint(backend(), backend(group="b"), timeout="1s"), "merge of 2 within 850ms > by callbacks"),
    (endpoint(backend(), backend(), timeout="2s", extra_config={"proxy": {"sequential": True}}),
     "sequence of 2 within 1.7s > by a task"),
    (endpoint(backend(), backend(), timeout="1s", extra_config={"proxy": {**FLATMAP, **STATIC}}),
     "static (errored) > flatmap (1) > merge of 2 within 850ms > by a task"),
    (endpoint(backend(), extra_config={"proxy": FLATMAP}), "by callbacks"),
    (endpoint(backend(), extra_config={"proxy": STATIC}), "static (errored) > by a task"),
    (endpoint(backend(), concurrent_calls=3), "by a task"),
    (endpoint(backend(), shadow({}), extra_config={**CEL, "security/bot-detector": {}, "validation/json-schema": {}}),
     "bots > CEL on the request (2) > JSON schema > tap (1 shadow) > by a task > CEL on the answer (1)"),
    (endpoint(backend(extra_config={"validation/cel": [{"check_expr": "resp_completed"}]})), "by callbacks"),
    (endpoint(backend(extra_config=CEL)), "by a task"), (endpoint(backend(extra_config=MARTIAN)), "by a task"),
    (endpoint(backend(), shadow({}), output_encoding="no-op"), "tap (1 shadow) > by callbacks"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "words"), SHAPES)
async def test_the_words_are_what_the_builder_builds(shape: dict[str, Any], words: str) -> None:
    """Also whether requests need a task."""
    service = read(config(shape))
    made: Endpoint = service.endpoints[0]
    loop = asyncio.get_running_loop()
    around = Surroundings(service, Deadlines(loop), Outbox(loop), Board(layout(service)))
    _, lane = endpoint_proxy(service, made, around)
    assert pipe.of_endpoint(made) == words
    assert (lane is not None) == pipe.takes_lane(made)
    assert f"\tPipe: {words}" in dump(service, 2, "\t").splitlines()


@pytest.mark.parametrize(("one", "more", "words"), [
    (backend(group="g", target="d", allow=["a"], mapping={"a": "b"}), {},
     "GET > json > target > allow > mapping > group"),
    (backend(deny=["a"], encoding="xml", is_collection=True), {}, "GET > xml collection > deny"),
    (backend(mapping={"a": "b"}, allow=["a"], extra_config={"proxy": FLATMAP}), {}, "GET > json > flatmap (1)"),
    (backend(host=["http://a:80", "http://b:80"], method="PUT"), {"concurrent_calls": 2, "timeout": "1s"},
     "2 calls at once within 750ms > one of 2 hosts > PUT > json"),
    (backend(extra_config={**CEL, **MARTIAN}), {},
     "CEL on the request (2) > martian (header.Modifier) > GET > json > CEL on the answer (1)"),
    (backend(sd="dns"), {"output_encoding": "no-op"}, "hosts by DNS > GET > passed through"),
    (backend(encoding="no-op"), {"output_encoding": "xml"}, "GET > nothing is decoded"),
])  # fmt: skip
def test_a_backend_from_the_call_to_its_data(one: dict[str, Any], more: dict[str, Any], words: str) -> None:
    """In the order in which it happens."""
    made = read(config(endpoint(one, **more))).endpoints[0]
    assert pipe.of_backend(made, made.backends[0]) == words


def test_a_shadow_is_compared_or_thrown_away() -> None:
    """It never reaches the client."""
    made = read(config(endpoint(backend(), shadow({}), shadow({"compare": False})))).endpoints[0]
    assert [pipe.of_backend(made, b) for b in made.shadows] == ["GET > compared", "GET > thrown away"]
