"""Bots, and who is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inprocess import serving
from understudy.config.model import BotDetector
from understudy.gateway.bot_detector import detector
from understudy.http.values import Request
from understudy.testing.backend import Backend
from understudy.testing.client import Client

OPTIONS = BotDetector(allow=("Good/1", "curl/good"), deny=("evil",), patterns=("^curl/", "[Cc]rawl"))


def request(*agents: bytes) -> Request:
    return Request(b"GET", b"/", [(b"User-Agent", agent) for agent in agents], b"")


@pytest.mark.parametrize(("agents", "bot"), [
    ((b"Mozilla",), False), ((b"evil",), True), ((b"evil/2",), False), ((b"Evil",), False), ((b"curl/8",), True),
    ((b"lib curl/8",), False), ((b"SuperCrawler",), True), ((b"curl/good",), False), ((b"ok", b"evil"), False),
    ((b"evil", b"ok"), True), ((), False), ((b"",), False), (("crawl é".encode(),), True), ((b"\xff crawl",), True),
])
@pytest.mark.parametrize("cache_size", [0, 1, 100])
def test_who_is_a_bot(agents: tuple[bytes, ...], bot: bool, cache_size: int) -> None:
    import msgspec

    is_bot = detector(msgspec.structs.replace(OPTIONS, cache_size=cache_size))
    assert [is_bot(request(*agents)) for _ in range(3)] == [bot] * 3


def test_no_agent_is_a_bot_only_when_the_configuration_says_so() -> None:
    is_bot = detector(BotDetector(empty_user_agent_is_bot=True))
    assert is_bot(request()) and is_bot(request(b"")) and not is_bot(request(b"x"))


@given(st.lists(st.binary(max_size=12), max_size=30))
def test_remembering_changes_no_verdict(agents: list[bytes]) -> None:
    import msgspec

    plain, remembering = detector(OPTIONS), detector(msgspec.structs.replace(OPTIONS, cache_size=3))
    assert [plain(request(a)) for a in agents] == [remembering(request(a)) for a in agents]


def config(url: str) -> dict[str, Any]:
    return {"version": 3, "extra_config": {"security/bot-detector": {"deny": ["evil"]}}, "endpoints": [
        {"endpoint": "/x", "backend": [{"url_pattern": "/", "host": [url]}]},
        {"endpoint": "/x/{id}", "backend": [{"url_pattern": "/", "host": [url]}]},
    ]}  # fmt: skip


async def test_the_detector_of_the_service_stands_before_routing_but_for_health_and_redirects() -> None:
    """The recorded order: redirects and encoded parameters are answered before anybody looks for bots."""
    evil = ("User-Agent", "evil")
    async with Backend() as backend, serving(config(backend.url)) as gateway, Client(gateway.port) as client:
        for target, status in (("/x", 403), ("/nope", 403), ("/__health", 200), ("/__health?a=1", 200), ("/x/", 301),
                               ("/x/%2525", 400), ("/x/1", 403)):
            assert (await client.get(target, evil)).status == status, target
        wrong = await client.ask("DELETE", "/x", b"", evil)
        assert (wrong.status, wrong.header("Allow"), wrong.header("X-Krakend"), wrong.body) == (403, "GET", None, b"")
        assert (await client.get("/x", ("User-Agent", "good"))).status == 200
    assert len(backend.seen) == 1


async def test_an_endpoint_may_have_a_list_of_its_own() -> None:
    """After that of the service."""
    async with Backend() as backend:
        settings = config(backend.url)
        settings["endpoints"][0]["extra_config"] = {"security/bot-detector": {"deny": ["local"]}}
        async with serving(settings) as gateway, Client(gateway.port) as client:
            statuses = [(await client.get(target, ("User-Agent", agent))).status
                        for target in ("/x", "/x/1") for agent in ("evil", "local", "good")]
            assert statuses == [403, 403, 200, 403, 200, 200]
            refused = await client.get("/x", ("User-Agent", "local"))
            assert refused.header("X-Krakend") is None and refused.body == b""
