"""Redirects are followed here."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.inprocess import serving
from understudy.gateway.redirects import same_domain
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client


def hop(location: str, status: int = 302) -> bytes:
    """An answer that points elsewhere."""
    return reply(b"", status, [("Location", location)])


def config(backend: Backend, method: str = "GET", **more: Any) -> dict[str, Any]:
    """One endpoint."""
    return {"version": 3, "host": [backend.url], "endpoints": [
        {"endpoint": "/e", "method": method, "input_headers": ["*"],
         "backend": [{"url_pattern": "/start", **more}]}]}  # fmt: skip


async def test_a_chain_is_followed_with_referers() -> None:
    """To its end."""

    def answer(seen: Seen) -> bytes:
        return {"/start": hop("/two"), "/two": hop("/three?x=1")}.get(seen.target, reply({"end": 1}))

    async with Backend(answer) as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        assert (await client.get("/e")).body == b'{"end":1}'
        assert [s.target for s in backend.seen] == ["/start", "/two", "/three?x=1"]
        assert backend.seen[2].header("referer") == backend.url + "/two"


async def test_an_endless_chain_ends() -> None:
    """After ten requests."""
    async with (
        Backend(lambda seen: hop("/start")) as backend,
        serving(config(backend)) as gateway,
        Client(gateway.port) as client,
    ):
        assert (await client.get("/e")).status == 500
        assert len(backend.seen) == 10


async def test_a_post_becomes_a_get_but_for_307_with_leave() -> None:
    """And loses its body."""

    def answer(seen: Seen) -> bytes:
        return reply({"m": seen.method}) if seen.target == "/end" else hop("/end", status)

    status = 302
    async with Backend(answer) as backend:
        async with serving(config(backend, "POST")) as gateway, Client(gateway.port) as client:
            assert (await client.ask("POST", "/e", b"data")).body == b'{"m":"GET"}'
            assert backend.seen[-1].body == b""
            status = 307
            assert (await client.ask("POST", "/e", b"data")).status == 500
        again = {"extra_config": {"backend/http/client": {"send_body_on_redirect": True}}}
        async with serving(config(backend, "POST", **again)) as gateway, Client(gateway.port) as client:
            assert (await client.ask("POST", "/e", b"data")).body == b'{"m":"POST"}'
            assert backend.seen[-1].body == b"data"


async def test_another_host_is_reached_on_its_own_connections() -> None:
    """By its absolute URL."""
    async with Backend(reply({"other": 1})) as other, Backend(lambda seen: hop(other.url + "/o")) as backend:
        async with serving(config(backend)) as gateway, Client(gateway.port) as client:
            assert (await client.get("/e")).body == b'{"other":1}'
        assert other.seen[0].header("host") == f"127.0.0.1:{other.port}"


def test_credentials_stay_within_their_domain() -> None:
    """The same name, or one below it."""
    assert same_domain("a.example", "a.example")
    assert same_domain("a.example", "x.a.example")
    assert not same_domain("a.example", "evil-a.example")
    assert not same_domain("a.example", "example")


@pytest.mark.parametrize("output", ["json", "no-op"])
@pytest.mark.parametrize("framing", [("Content-Length", "4"), ("Transfer-Encoding", "chunked")])
async def test_a_body_that_arrives_after_its_head_is_sent_again_too(framing: tuple[str, str], output: str) -> None:
    """With leave, whether a 307 is followed does not depend on how the upload was cut into packets."""

    def answer(seen: Seen) -> bytes:
        return reply({"got": seen.body.decode()}) if seen.target == "/end" else hop("/end", 307)

    leave = {"extra_config": {"backend/http/client": {"send_body_on_redirect": True}}}
    data = b"data" if framing[0] == "Content-Length" else b"4\r\ndata\r\n0\r\n\r\n"
    async with Backend(answer) as backend:
        made = config(backend, "POST", **leave)
        made["endpoints"][0]["output_encoding"] = output
        async with serving(made) as gateway, Client(gateway.port) as client:
            await client.send(b"POST /e HTTP/1.1\r\nHost: x\r\n%b: %b\r\n\r\n" % tuple(p.encode() for p in framing))
            await asyncio.sleep(0.05)
            await client.send(data)
            got = await client.read("POST")
            assert (got.status, got.body) == (200, b'{"got":"data"}')
            assert [s.body for s in backend.seen] == [b"data", b"data"]


@pytest.mark.parametrize("location", ["http://[bad", "http://h:port/", "http://[::1/x", "//[", "ftp://h/x", "http://"])
async def test_a_place_that_cannot_be_asked_is_the_backends_fault(location: str) -> None:
    """A 500 that says so, never an exception of ours."""
    made: dict[str, Any] = {"extra_config": {"router": {"return_error_msg": True}}}
    async with (
        Backend(hop(location)) as backend,
        serving({**config(backend), **made}) as gateway,
        Client(gateway.port) as client,
    ):
        got = await client.get("/e")
        assert got.status == 500
        assert got.body != b"internal server error", gateway.reports
