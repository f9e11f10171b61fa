"""Redirects are followed here."""

from __future__ import annotations

from typing import Any

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
