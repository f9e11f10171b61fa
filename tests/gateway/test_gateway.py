"""From a request to its endpoint, or to the answer without one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inprocess import serving
from understudy.testing.backend import Backend
from understudy.testing.client import Client


def config(backend: Backend, **router: Any) -> dict[str, Any]:
    """A parameter, a fixed path, and the router's options."""
    return {
        "version": 3, "host": [backend.url], "extra_config": {"router": router} if router else {},
        "endpoints": [
            {"endpoint": "/user/{id}", "backend": [{"url_pattern": "/u/{id}"}]},
            {"endpoint": "/fixed/path", "method": "POST", "backend": [{"url_pattern": "/f"}]},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/user/1", 200), ("GET", "/user/a%20b", 200), ("GET", "/user/%C3%A9", 200), ("GET", "/no", 404),
        ("GET", "/user", 404), ("POST", "/user/1", 405), ("GET", "/user/1/", 301), ("POST", "/fixed/path/", 307),
        ("POST", "/FIXED/path", 307), ("GET", "/user/%zz", 400), ("GET", "/user/a%2541", 400),
        ("GET", "/user/a%3Fb", 400), ("GET", "/user/a%23b", 400), ("GET", "/user/100%25", 400),
    ],
)  # fmt: skip
async def test_where_requests_go(method: str, target: str, status: int) -> None:
    """And only what is served reaches a backend."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        assert (await client.ask(method, target)).status == status
        assert len(backend.seen) == (status == 200)


async def test_answers_without_an_endpoint_say_who_answers() -> None:
    """Not found and not allowed carry the gateway's fields, redirects do not."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        got = await client.get("/no")
        assert (got.body, got.header("content-type"), got.header("x-krakend-completed")) == (
            b"404 page not found", "text/plain", "false",
        )  # fmt: skip
        got = await client.ask("POST", "/user/1")
        assert (got.body, got.header("allow")) == (b"405 method not allowed", "GET")
        got = await client.get("/user/1/?a=b")
        assert (got.header("location"), got.header("x-krakend")) == ("/user/1?a=b", None)
        got = await client.ask("POST", "/fixed/path/")
        assert (got.header("location"), got.body) == ("/fixed/path", b"")


@pytest.mark.parametrize("target", ["//evil.example/user/1/", "/%2Fevil.example/%2e%2e/", "//evil.example/.."])
async def test_a_redirect_never_leads_to_another_host(target: str) -> None:
    """Two slashes at the beginning would be one."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        got = await client.get(target)
        assert got.status in (301, 404, 400)
        assert not (got.header("location") or "/").startswith(("//", "/\\", "http"))


async def test_the_routers_options_are_kept() -> None:
    """Redirects, 405, own bodies, decoding."""
    async with Backend() as backend:
        off = config(backend, disable_redirect_trailing_slash=True, disable_redirect_fixed_path=True,
                     disable_handle_method_not_allowed=True, disable_path_decoding=True)  # fmt: skip
        async with serving(off) as gateway, Client(gateway.port) as client:
            for method, target, status in (("GET", "/user/1/", 404), ("POST", "/FIXED/path", 404),
                                           ("POST", "/user/1", 404), ("GET", "/user/a%3Fb", 200)):  # fmt: skip
                assert (await client.ask(method, target)).status == status, target
        own = config(backend, error_body={"404": {"msg": "nothing here"}, "405": {"msg": "not so"}})
        async with serving(own) as gateway, Client(gateway.port) as client:
            got = await client.get("/no")
            assert (got.status, got.body) == (404, b'{"msg":"nothing here"}')
            assert (got.header("content-type") or "").startswith("application/json")
            got = await client.ask("POST", "/user/1")
            assert (got.status, got.body, got.header("allow")) == (405, b'{"msg":"not so"}', "GET")


async def test_what_is_answered_without_an_endpoint_is_counted() -> None:
    """By class."""
    async with Backend() as backend, serving(config(backend)) as gateway:
        for target in ("/no", "/user/1/", "/user/%zz"):
            async with Client(gateway.port) as client:
                await client.get(target)
        counted = {c: gateway.board.cells[gateway.board.slot(f'understudy_other_requests_total{{class="{c}"}}')]
                   for c in ("3xx", "4xx", "5xx")}  # fmt: skip
        assert counted == {"3xx": 1, "4xx": 2, "5xx": 0}
