"""One client socket, on a real one."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.serving import TEXT, bare, echo
from understudy.http.server import Limits
from understudy.http.stream import Stream
from understudy.http.values import Request, Response
from understudy.testing.client import Client

TWO = (
    b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-T: v\r\n\r\n"
    b"PUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nwxyz"
)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, len(TWO) - 1), max_size=12))
async def test_every_split_reads_the_same(cuts: set[int]) -> None:
    """Two pipelined requests, one chunked, arrive in any pieces."""
    edges = [0, *sorted(cuts), len(TWO)]
    async with bare(echo) as (_, port), Client(port) as client:
        for start, end in itertools.pairwise(edges):
            await client.send(TWO[start:end])
            await asyncio.sleep(0)
        assert (await client.read()).body == b"POST /a abcde"
        assert (await client.read()).body == b"PUT /b wxyz"


async def test_byte_by_byte() -> None:
    """The slowest split there is."""
    async with bare(echo) as (_, port), Client(port) as client:
        for i in range(len(TWO)):
            await client.send(TWO[i : i + 1])
        assert (await client.read()).body == b"POST /a abcde"
        assert (await client.read()).body == b"PUT /b wxyz"


async def test_many_pipelined_requests_are_answered_in_order() -> None:
    """Also when each has its answer at once: no recursion, no mixing."""

    def at_once(request: Request, respond: Callable[[Response], None]) -> Response:
        return Response(200, TEXT, request.target)

    count = 3000
    async with bare(at_once) as (_, port), Client(port) as client:
        await client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % i for i in range(count)))
        for i in range(count):
            assert (await client.read()).body == b"/%d" % i


async def test_repeated_heads_take_the_short_cut_and_change_nothing() -> None:
    """The same head with other targets, then other heads, then bodies: each request is what was sent."""
    seen: list[tuple[bytes, bytes, bytes]] = []

    def note(request: Request, respond: Callable[[Response], None]) -> Response:
        seen.append((request.method, request.target, request.header(b"X") or b""))
        return Response(200, TEXT, b"ok")

    async with bare(note) as (_, port), Client(port) as client:
        for target, x in (("/1", "a"), ("/2", "a"), ("/3?q=1", "a"), ("/4", "b"), ("/5", "b"), ("/6", "a")):
            await client.get(target, ("X", x))
        await client.ask("POST", "/7", b"body", ("X", "a"))
        await client.get("/8", ("X", "a"))
    assert seen == [
        (b"GET", b"/1", b"a"), (b"GET", b"/2", b"a"), (b"GET", b"/3?q=1", b"a"), (b"GET", b"/4", b"b"),
        (b"GET", b"/5", b"b"), (b"GET", b"/6", b"a"), (b"POST", b"/7", b"a"), (b"GET", b"/8", b"a"),
    ]  # fmt: skip


async def test_a_repeated_head_does_not_hide_a_bad_target() -> None:
    """The short cut is no way around the checks."""
    async with bare(echo) as (_, port), Client(port) as client:
        await client.get("/1")
        await client.get("/2")
        await client.send(b"GET /\x01 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
        assert (await client.read()).status == 400
        assert await client.ended()


async def test_100_continue_is_said_only_when_the_body_is_wanted() -> None:
    """A handler that refuses at once does not invite the upload."""

    def picky(request: Request, respond: Callable[[Response], None]) -> Any:
        return Response(403, TEXT, b"no") if request.target == b"/no" else echo(request, respond)

    async with bare(picky) as (_, port):
        async with Client(port) as client:
            await client.send(b"POST /yes HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            await client.send(b"ok")
            assert (await client.read()).body == b"POST /yes ok"
        async with Client(port) as client:
            await client.send(b"POST /no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            assert (await client.reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 403")


async def test_http_1_0_closes_unless_it_asks_to_stay() -> None:
    """And is told when it may."""
    async with bare(echo) as (_, port):
        async with Client(port) as client:
            await client.send(b"GET /a HTTP/1.0\r\n\r\n")
            assert (await client.read()).body == b"GET /a "
            assert await client.ended()
        async with Client(port) as client:
            await client.send(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert (await client.read()).header("connection") == "keep-alive"
            await client.send(b"GET /b HTTP/1.0\r\n\r\n")
            assert (await client.read()).body == b"GET /b "


async def test_head_gets_the_length_and_no_body() -> None:
    """As GET would declare it."""
    async with bare(lambda r, respond: Response(200, TEXT, b"12345")) as (_, port), Client(port) as client:
        got = await client.ask("HEAD", "/")
        assert (got.header("content-length"), got.body) == ("5", b"")
        assert (await client.get("/")).body == b"12345"


@pytest.mark.parametrize(
    ("data", "limits", "status"),
    [
        (b"GET /" + b"a" * 200 + b" HTTP/1.1\r\nHost: h\r\n\r\n", Limits(target_bytes=100), 414),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 300 + b"\r\n\r\n", Limits(head_bytes=200), 431),
        (b"GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n\r\n", Limits(fields=2), 431),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n123456789", Limits(body_bytes=8), 413),
        (
            b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n",
            Limits(body_bytes=8), 413,
        ),
        (b"GET / HTTP/1.1\r\nHost:", Limits(head_timeout=0.1), 408),
    ],
)  # fmt: skip
async def test_limits_have_their_statuses(data: bytes, limits: Limits, status: int) -> None:
    """One over the limit is refused, and the connection ends."""
    async with bare(echo, limits) as (_, port), Client(port) as client:
        await client.send(data)
        assert (await client.read()).status == status
        assert await client.ended()


async def test_a_body_at_its_limit_is_served() -> None:
    """The limit itself is allowed."""
    async with bare(echo, Limits(body_bytes=8)) as (_, port), Client(port) as client:
        assert (await client.ask("POST", "/", b"12345678")).body == b"POST / 12345678"


async def test_a_stalled_upload_ends_with_408() -> None:
    """Whoever reads it learns it in time."""
    async with bare(echo, Limits(body_timeout=0.1)) as (_, port), Client(port) as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
        assert (await client.read()).status == 408


async def test_an_idle_connection_is_closed_in_silence() -> None:
    """Without a byte."""
    async with bare(echo, Limits(idle_timeout=0.1)) as (_, port), Client(port) as client:
        await client.get("/")
        assert await client.ended()


async def test_a_client_that_leaves_cancels_what_it_asked_for() -> None:
    """Both kinds of work: a coroutine, and something pending."""
    cancelled: list[str] = []
    started = asyncio.Event()

    class Pending:
        def cancel(self) -> None:
            cancelled.append("pending")

    def slow(request: Request, respond: Callable[[Response], None]) -> Any:
        started.set()
        if request.target == b"/pending":
            return Pending()

        async def forever() -> Response:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                cancelled.append("task")
                raise
            return Response(200)

        return forever()

    async with bare(slow) as (server, port):
        for target in ("/task", "/pending"):
            started.clear()
            async with Client(port) as client:
                await client.send(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
                await started.wait()
            async with asyncio.timeout(5):
                while server.connections:
                    await asyncio.sleep(0.005)
    assert cancelled == ["task", "pending"]


async def test_a_streamed_answer_is_no_faster_than_its_client() -> None:
    """A client that takes nothing holds up the sender, not the memory."""
    stream = Stream(lambda: None, lambda: None)
    fed = 0

    def serve(request: Request, respond: Callable[[Response], None]) -> Response:
        return Response(200, TEXT, stream)

    async with bare(serve) as (server, port), Client(port) as client:
        client.writer.close()
        client.reader, client.writer = await asyncio.open_connection("127.0.0.1", port, limit=65536)
        await client.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        for _ in range(300):
            if stream.size < 1 << 20:
                stream.feed(b"x" * 65536)
                fed += 65536
            await asyncio.sleep(0.001)
        buffered = sum(c.transport.get_write_buffer_size() for c in server.connections if hasattr(c, "transport"))
        assert buffered < 4 << 20
        assert stream.size >= 1 << 20
        stream.end()
        assert len((await client.read()).body) == fed


async def test_a_streamed_answer_that_breaks_is_cut() -> None:
    """The client can tell that it is not whole."""
    stream = Stream(lambda: None, lambda: None)
    stream.feed(b"some")
    stream.fail(ConnectionError("gone"))
    async with bare(lambda r, respond: Response(200, TEXT, stream)) as (_, port), Client(port) as client:
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError, ValueError)):
            await client.get("/")


async def test_trailers_go_to_those_who_take_them() -> None:
    """Only with TE: trailers."""

    def serve(request: Request, respond: Callable[[Response], None]) -> Response:
        stream = Stream(lambda: None, lambda: None)
        stream.feed(b"x")
        stream.trailers = [(b"X-Sum", b"1")]
        stream.end()
        return Response(200, TEXT, stream)

    async with bare(serve) as (_, port):
        for te, expected in (("", b"0\r\n\r\n"), ("TE: trailers\r\n", b"0\r\nX-Sum: 1\r\n\r\n")):
            async with Client(port) as client:
                await client.send(f"GET / HTTP/1.1\r\nHost: h\r\n{te}Connection: close\r\n\r\n".encode())
                assert (await client.reader.read()).endswith(b"1\r\nx\r\n" + expected)


async def test_a_refused_upgrade_is_an_ordinary_request() -> None:
    """And what follows it is HTTP again."""
    async with bare(echo) as (_, port), Client(port) as client:
        await client.send(
            b"GET /a HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
            b"GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
        )
        assert (await client.read()).body == b"GET /a "
        assert (await client.read()).body == b"GET /b "
