"""Health, debug, echo and options, through a real gateway."""

from __future__ import annotations

import json
from typing import Any

from tests.inprocess import serving
from understudy.testing.backend import Backend
from understudy.testing.client import Client


def config(backend: Backend, router: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Two methods of one path, and the router's options."""
    endpoints = [{"endpoint": "/a", "method": m, "backend": [{"url_pattern": "/a"}]} for m in ("GET", "POST")]
    extra = {"extra_config": {"router": router}} if router else {}
    return {"version": 3, "host": [backend.url], "endpoints": endpoints, **extra, **more}


async def test_health_says_that_it_serves() -> None:
    """Without asking a backend."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        got = await client.get("/__health")
        assert (got.status, got.header("content-type")) == (200, "application/json; charset=utf-8")
        found = json.loads(got.body)
        assert (found["status"], found["agents"]) == ("ok", {}) and found["now"]
        assert backend.seen == []


async def test_health_can_be_moved_and_switched_off() -> None:
    """By the router's options."""
    async with Backend() as backend:
        async with serving(config(backend, {"health_path": "/up"})) as gateway, Client(gateway.port) as client:
            assert [(await client.get(p)).status for p in ("/up", "/__health")] == [200, 404]
        async with serving(config(backend, {"disable_health": True})) as gateway, Client(gateway.port) as client:
            assert (await client.get("/__health")).status == 404


async def test_debug_answers_pong_and_logs_no_values_of_headers() -> None:
    """For every method, below its path."""
    from understudy.gateway.builtin import debug
    from understudy.http.stream import complete
    from understudy.http.values import Request, Response

    said: list[str] = []
    request = Request(b"POST", b"/__debug/x?a=b", [(b"Authorization", b"secret")], complete(b"body"))
    outcome = debug(said.append)(request, "/__debug/x", b"a=b")
    response = outcome if isinstance(outcome, Response) else await outcome
    assert (response.status, response.body) == (200, b'{"message":"pong"}')
    assert said[:2] == ["Method: POST", "URL: /__debug/x?a=b"] and said[-1] == "Body: 4 bytes"
    assert "Authorization" in " ".join(said) and "secret" not in " ".join(said)
    async with Backend() as backend, serving(config(backend, debug_endpoint=True)) as gateway:
        async with Client(gateway.port) as client:
            for method in ("GET", "POST", "DELETE"):
                assert (await client.ask(method, "/__debug/any/where")).body == b'{"message":"pong"}'
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        assert (await client.get("/__debug/x")).status == 404


async def test_echo_tells_what_arrived() -> None:
    """Bytes that no JSON text can hold are replaced."""
    async with Backend() as backend, serving(config(backend, echo_endpoint=True)) as gateway:
        async with Client(gateway.port) as client:
            got = await client.ask("PUT", "/__echo/p%20q?a=1&a=2&b=%ff", b"x\xffy", ("X-One", "1"), ("X-One", "2"))
            found = json.loads(got.body)
    assert found["req_method"] == "PUT" and found["req_body"] == "x�y"
    assert found["req_uri"] == "/__echo/p%20q?a=1&a=2&b=%ff"
    assert found["req_uri_details"]["path"] == "/__echo/p q"
    assert found["req_querystring"] == {"a": ["1", "2"], "b": ["�"]}
    assert found["req_headers"]["X-One"] == ["1", "2"] and "Host" not in found["req_headers"]


async def test_auto_options_lists_the_methods_of_a_path() -> None:
    """Only when asked for."""
    async with Backend() as backend:
        async with serving(config(backend, {"auto_options": True})) as gateway, Client(gateway.port) as client:
            got = await client.ask("OPTIONS", "/a")
            assert (got.status, got.header("allow"), got.body) == (200, "GET, POST", b"")
        async with serving(config(backend)) as gateway, Client(gateway.port) as client:
            assert (await client.ask("OPTIONS", "/a")).status == 405
        assert backend.seen == []
