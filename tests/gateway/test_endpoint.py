"""One endpoint, from the client's side."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.inprocess import serving
from understudy.gateway.types import Ask
from understudy.http.values import HeaderBlock, Request, Response
from understudy.testing import faults
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client


def config(upstream: Backend, **keys: Any) -> dict[str, Any]:
    """One endpoint with these keys."""
    return {"version": 3, "host": [upstream.url], "endpoints": [
        {"endpoint": "/e", "backend": [{"url_pattern": "/b"}], **keys}]}  # fmt: skip


async def test_complete_answers_are_marked_and_may_be_cached() -> None:
    """Empty and partial ones are neither."""
    async with Backend(reply({"a": 1})) as backend, serving(config(backend, cache_ttl="90s")) as gateway:
        async with Client(gateway.port) as client:
            got = await client.get("/e")
            assert (got.header("x-krakend-completed"), got.header("cache-control")) == ("true", "public, max-age=90")
            backend.answer = reply({})
            got = await client.get("/e")
            assert (got.header("x-krakend-completed"), got.header("cache-control")) == ("false", None)


async def test_noop_answers_keep_their_headers_but_no_hop_by_hop_ones() -> None:
    """Repeats included."""
    cookies = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    answer = reply(b"x", 203, [*cookies, ("Connection", "X-Y"), ("Keep-Alive", "1")])
    async with Backend(answer) as backend, serving(config(backend, output_encoding="no-op")) as gateway:
        async with Client(gateway.port) as client:
            for _ in range(3):
                got = await client.get("/e")
                assert got.status == 203
                assert [v for n, v in got.headers if n == "set-cookie"] == ["a=1", "b=2"]
                assert got.header("keep-alive") is None
                assert got.header("x-krakend-completed") == "false"


async def test_the_timeout_holds_end_to_end() -> None:
    """A backend that hangs costs the endpoint's timeout and no more."""
    async with Backend(faults.hang) as backend, serving(config(backend, timeout="100ms")) as gateway:
        async with Client(gateway.port) as client:
            assert (await client.get("/e")).status == 500
            assert "context deadline exceeded" in gateway.reports[0]


async def test_a_websocket_passes_a_noop_endpoint() -> None:
    """The upgrade goes through, bytes go both ways, and both ends close together."""
    async def script(seen: Any, reader: Any, writer: Any) -> bool:
        assert seen.header("sec-websocket-key") == "k"
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello")
        while data := await reader.read(100):
            writer.write(data.upper())
        return False

    async with Backend(script) as backend, serving(config(backend, output_encoding="no-op")) as gateway:
        async with Client(gateway.port) as client:
            await client.send(
                b"GET /e HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Key: k\r\n\r\n"
            )
            assert (await client.read()).status == 101
            assert await client.reader.readexactly(5) == b"hello"
            await client.send(b"ping")
            assert await client.reader.readexactly(4) == b"PING"


async def test_requests_are_counted_by_class() -> None:
    """And the time of each is observed."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.get("/e")
        backend.answer = reply(b"", 500)
        await client.get("/e")
        await client.get("/nope")
        values = gateway.board.values()
        assert values['understudy_requests_total{endpoint="/e",method="GET",class="2xx"}'] == 1
        assert values['understudy_requests_total{endpoint="/e",method="GET",class="5xx"}'] == 1
        assert values['understudy_other_requests_total{class="4xx"}'] == 1
        (histogram,) = gateway.board.histograms().values()
        assert sum(histogram) == 2


class Overseer:
    """A tap that copies nothing and looks at answers."""

    def __init__(self, *, sees: bool) -> None:
        self.sees_answers = sees
        self.asked: list[int] = []

    def begin(self, ask: Ask, request: Request) -> None:
        ask.id = len(self.asked) + 1
        self.asked.append(ask.id)

    def answering(self, ask: Ask, response: Response) -> Response:
        return replace(response, block=HeaderBlock((*response.block.pairs, (b"X-Seen", b"%d" % ask.id))))


@pytest.mark.parametrize("keys", [{}, {"output_encoding": "no-op"}, {"concurrent_calls": 2}])
@pytest.mark.parametrize("sees", [True, False])
async def test_a_tap_sees_answers_where_it_wants_to(keys: dict[str, Any], sees: bool) -> None:
    """By callbacks and by coroutines, good ones and failures."""
    tap = Overseer(sees=sees)
    async with Backend(reply({"a": 1})) as backend, serving(config(backend, **keys), taps={0: tap}) as gateway:
        async with Client(gateway.port) as client:
            for number in (1, 2, 3):
                got = await client.get("/e")
                assert (got.status, got.header("x-seen")) == (200, str(number) if sees else None)
            backend.answer = faults.reset
            got = await client.get("/e")
            assert (got.status, got.header("x-seen")) == (500, "4" if sees else None)
