"""From an ask to a request on the wire, as the backend sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inprocess import serving
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client


def config(upstream: Backend, **more: Any) -> dict[str, Any]:
    """One endpoint with these keys."""
    endpoint = {"endpoint": "/e/{id}", "backend": [{"url_pattern": "/b/{id}"}], **more}
    return {"version": 3, "host": [upstream.url], "endpoints": [endpoint]}


async def test_the_request_is_composed_as_krakend_composes_it() -> None:
    """Path, query sorted by key, host of the backend, our agent, gzip asked for."""
    async with Backend() as backend, serving(config(backend, input_query_strings=["*"])) as gateway:
        async with Client(gateway.port) as client:
            await client.get("/e/a%20b?z=1&a=2", ("Cookie", "c=1"))
        seen = backend.seen[0]
    assert (seen.method, seen.target) == ("GET", "/b/a%20b?a=2&z=1")
    assert seen.header("host") == f"127.0.0.1:{backend.port}"
    assert seen.header("accept-encoding") == "gzip"
    assert seen.header("cookie") is None
    assert seen.header("x-forwarded-for") == "127.0.0.1"


async def test_a_backends_own_lists_are_a_second_sieve() -> None:
    """Which also drops what the gateway adds."""
    narrow = [{"url_pattern": "/b", "input_headers": ["X-Two"], "input_query_strings": ["b"]}]
    keys = {"input_headers": ["X-One", "X-Two"], "input_query_strings": ["a", "b"], "backend": narrow}
    async with Backend() as backend, serving(config(backend, **keys)) as gateway:
        async with Client(gateway.port) as client:
            await client.get("/e/1?a=1&b=2", ("X-One", "1"), ("X-Two", "2"))
        seen = backend.seen[0]
    assert seen.target == "/b?b=2"
    assert seen.header("x-one") is None
    assert seen.header("x-two") == "2"
    assert seen.header("user-agent") == "Go-http-client/1.1"


@pytest.mark.parametrize("chunked", [False, True])
async def test_bodies_arrive_whole_in_the_clients_framing(chunked: bool) -> None:
    """Small ones and ones of several megabytes."""
    async with Backend() as backend, serving(config(backend, method="POST")) as gateway:
        for body in (b"x", b"y" * 3_000_000):
            async with Client(gateway.port) as client:
                if chunked:
                    await client.send(
                        b"POST /e/1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
                    )
                    assert (await client.read()).status == 200
                else:
                    assert (await client.ask("POST", "/e/1", body)).status == 200
        assert [len(s.body) for s in backend.seen] == [1, 3_000_000]
        framings = {(s.header("transfer-encoding"), s.header("content-length") is not None) for s in backend.seen}
        assert framings == {("chunked", False)} if chunked else {(None, True)}


async def test_a_base_path_of_a_host_stands_before_the_pattern() -> None:
    """Where disable_host_sanitize allows one."""
    async with Backend() as backend:
        part = {"host": [backend.url + "/base"], "disable_host_sanitize": True, "url_pattern": "/x"}
        async with serving(config(backend, backend=[part])) as gateway, Client(gateway.port) as client:
            await client.get("/e/1")
        assert backend.seen[0].target == "/base/x"


async def test_a_large_noop_answer_streams_with_bounded_memory() -> None:
    """Forty megabytes pass; no copy of them waits anywhere."""
    size = 40 * 1024 * 1024
    async with Backend(reply(b"z" * size)) as backend:
        noop = config(backend, output_encoding="no-op")
        async with serving(noop) as gateway, Client(gateway.port) as client:
            got = await client.get("/e/1")
            assert len(got.body) == size
