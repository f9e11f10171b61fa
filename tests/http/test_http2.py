"""HTTP/2 to clients, by a real client on real sockets, and by one that breaks every rule."""

from __future__ import annotations

import asyncio
import socket
import struct
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import h2.errors
import h2.settings
import pytest

from tests.http.client2 import GET, POST, Client2
from tests.http.serving import TEXT, bare, echo
from understudy.http.http2 import STREAMS
from understudy.http.server import Limits
from understudy.http.stream import Stream
from understudy.http.values import HeaderBlock, Request, Response
from understudy.testing.client import Client

Respond = Callable[[Response], None]
HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, WINDOW_UPDATE, CONTINUATION = 1, 2, 3, 4, 5, 6, 8, 9
END_STREAM, END_HEADERS, PADDED = 1, 4, 8


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame, right or wrong."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name: bytes, value: bytes) -> bytes:
    """A field of a header list without compression."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def small(request: Request, respond: Respond) -> Response:
    """At once."""
    return Response(200, TEXT, request.target)


async def test_requests_are_answered_and_the_connection_goes_on() -> None:
    """By prior knowledge, with and without bodies."""
    async with bare(echo, h2c=True) as (_, port), Client2(port) as client:
        assert await client.get("/1") == (200, b"GET /1 ")
        assert await client.post(b"body") == (200, b"POST /a body")
        assert await client.post(b"") == (200, b"POST /a ")
        assert client.fields(1)["content-length"] == "7"
        assert client.fields(1)["date"]


async def test_many_streams_at_once_have_their_own_answers() -> None:
    """Finished in another order than begun."""

    def later(request: Request, respond: Respond) -> Any:
        async def answer() -> Response:
            await asyncio.sleep(int(request.target[1:]) % 7 / 500)
            return Response(200, TEXT, request.target)

        return answer()

    async with bare(later, h2c=True) as (_, port), Client2(port) as client:
        await client.more()
        streams = [await client.begin([*GET[:2], (":path", f"/{i}"), GET[3]]) for i in range(100)]
        for i, stream in enumerate(streams):
            assert await client.answer(stream) == (200, b"/%d" % i)


async def test_one_more_stream_than_offered_is_refused() -> None:
    """The connection ends: h2 counts, and so did we say."""
    async with bare(lambda r, respond: asyncio.sleep(3600), h2c=True) as (server, port), Client2(port) as client:
        await client.more()
        assert client.h2.remote_settings.max_concurrent_streams == STREAMS
        client.h2.remote_settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] = 1 << 20
        client.h2.remote_settings.acknowledge()
        for _ in range(STREAMS + 1):
            await client.begin()
        assert await client.end() == h2.errors.ErrorCodes.PROTOCOL_ERROR
        assert not server.connections


async def test_without_h2c_the_preface_is_a_bad_request() -> None:
    """HTTP/2 in clear text is served only where it is asked for."""
    async with bare(echo) as (_, port), Client(port) as client:
        await client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert (await client.read()).status == 400
        assert await client.ended()


async def test_an_upgrade_to_h2c_makes_the_request_stream_1() -> None:
    """And later ones come as streams."""
    async with bare(echo, h2c=True) as (_, port), Client2(port, greet=False) as client:
        said = urlsafe_b64encode(struct.pack(">HI", 4, 1 << 20)).rstrip(b"=")
        await client.raw(
            b"GET /up HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            b"HTTP2-Settings: " + said + b"\r\n\r\n"
        )
        assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        client.h2.initiate_upgrade_connection()
        await client.flush()
        assert await client.answer(1) == (200, b"GET /up ")
        assert await client.get("/next") == (200, b"GET /next ")


async def test_settings_that_cannot_be_read_leave_http_1() -> None:
    """The request is answered as one of HTTP/1.1, or refused; never half of each."""
    async with bare(echo, h2c=True) as (_, port), Client(port) as client:
        await client.send(
            b"GET /up HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            b"HTTP2-Settings: AAA\r\n\r\n"
        )
        assert (await client.reader.readuntil(b"\r\n")) in (b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(0, 0, 0, b"x"), h2.errors.ErrorCodes.PROTOCOL_ERROR),  # DATA on the connection
        (frame(0, 0, 5, b"x"), h2.errors.ErrorCodes.PROTOCOL_ERROR),  # DATA on an idle stream
        (frame(HEADERS, END_HEADERS, 0, b"\x82"), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (frame(HEADERS, END_HEADERS, 2, b"\x82\x86\x84"), h2.errors.ErrorCodes.PROTOCOL_ERROR),  # an even stream
        (frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff\xff"), None),  # HPACK that is none
        (frame(HEADERS, END_HEADERS | PADDED, 1, b"\x20\x82"), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (frame(RST, 0, 7, b"\0\0\0\x08"), h2.errors.ErrorCodes.PROTOCOL_ERROR),  # an idle stream
        (frame(RST, 0, 0, b"\0\0\0\x08"), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (frame(SETTINGS, 0, 1), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (frame(SETTINGS, 0, 0, b"123"), None),
        (frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 31)), h2.errors.ErrorCodes.FLOW_CONTROL_ERROR),
        (frame(SETTINGS, 0, 0, struct.pack(">HI", 5, 5)), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (frame(PUSH, END_HEADERS, 1, b"\0\0\0\x02\x82"), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (frame(PING, 0, 0, b"short"), None),
        (frame(PING, 0, 3, b"8 bytes!"), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\0"), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"), h2.errors.ErrorCodes.FLOW_CONTROL_ERROR),
        (frame(CONTINUATION, END_HEADERS, 1, b"\x82"), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (frame(HEADERS, 0, 1, b"\x82") + frame(PING, 0, 0, b"8 bytes!"), h2.errors.ErrorCodes.PROTOCOL_ERROR),
        (struct.pack(">I", 1 << 20)[1:] + b"\0\0\0\0\0\1" + b"x" * 17000, None),  # larger than any frame may be
        (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", None),  # HTTP/1.1 after the preface
    ],
)
async def test_a_frame_that_breaks_the_rules_ends_the_connection(data: bytes, code: int | None) -> None:
    """With a GOAWAY; nothing reaches the gateway."""
    asked: list[bytes] = []

    def note(request: Request, respond: Respond) -> Response:
        asked.append(request.target)
        return Response(200)

    async with bare(note, h2c=True) as (server, port), Client2(port) as client:
        await client.more()
        await client.raw(data)
        said = await client.end()
        assert said not in (None, 0)
        assert code is None or said == code
        assert asked == [] and not server.connections


@pytest.mark.parametrize(
    "fields",
    [
        GET[1:],
        (GET[0], *GET[2:]),
        (*GET[:2], GET[3]),
        GET[:3],
        (*GET, (":method", "GET")),
        (*GET, (":status", "200")),
        (*GET, (":protocol", "websocket")),
        (*GET[:3], ("x", "y"), GET[3]),
        ((":method", "CONNECT"), GET[3]),
        ((":method", "G T"), *GET[1:]),
        (*GET[:2], (":path", ""), GET[3]),
        (*GET[:2], (":path", "no-slash"), GET[3]),
        (*GET[:2], (":path", "*"), GET[3]),
        (*GET[:2], (":path", "/a b"), GET[3]),
        (*GET[:2], (":path", "/a\r\nX: y"), GET[3]),
        (*GET[:2], (":path", "/" + "a" * 70_000), GET[3]),
        (*GET[:3], (":authority", "u@h")),
        (*GET[:3], (":authority", "h/x")),
        (*GET, ("host", "other")),
        (*GET, ("host", "h"), ("host", "h")),
        (*GET, ("X", "upper case")),
        (*GET, ("x y", "a blank in a name")),
        (*GET, ("x:y", "a colon in a name")),
        (*GET, ("", "no name")),
        (*GET, ("x", "a\r\nb: c")),
        (*GET, ("x", "a\nb")),
        (*GET, ("x", "a\x00b")),
        (*GET, ("x", " blanks around ")),
        (*GET, ("connection", "close")),
        (*GET, ("proxy-connection", "close")),
        (*GET, ("keep-alive", "timeout=5")),
        (*GET, ("transfer-encoding", "chunked")),
        (*GET, ("upgrade", "websocket")),
        (*GET, ("te", "gzip")),
        (*GET, ("content-length", "5")),
        (*GET, ("content-length", "-1")),
        (*GET, ("content-length", "0"), ("content-length", "0")),
        (*GET, ("content-length", "1e1")),
    ],
)
async def test_a_bad_header_list_is_refused(fields: tuple[tuple[str, str], ...]) -> None:
    """By a 4xx on its stream, or by the end of the connection; it never reaches the gateway."""
    asked: list[bytes] = []

    def note(request: Request, respond: Respond) -> Response:
        asked.append(request.target)
        return Response(200)

    async with bare(note, h2c=True) as (_, port), Client2(port) as client:
        status, _ = await client.answer(await client.begin(fields))
        assert 400 <= status < 500 or client.over or client.reset(1) is not None
        assert asked == []


async def test_a_refused_stream_leaves_the_others() -> None:
    """Rules of HTTP are the stream's business, rules of frames the connection's."""
    async with bare(small, h2c=True) as (_, port), Client2(port) as client:
        status, text = await client.answer(await client.begin((*GET[:2], (":path", "no-slash"), GET[3])))
        assert (status, text) == (400, b"bad request-target")
        assert await client.get("/good") == (200, b"/good")


async def test_header_lists_over_the_limits_are_refused() -> None:
    """In fields: 431. In bytes: the end of the connection, since the compression's state is lost."""
    limits = Limits(fields=8, head_bytes=2000)
    async with bare(small, limits, h2c=True) as (_, port):
        async with Client2(port) as client:
            await client.more()
            assert (await client.get("/a", *((f"x{i}", "y") for i in range(9))))[0] == 431
            assert (await client.get("/a", *((f"x{i}", "y") for i in range(8))))[0] == 200
        async with Client2(port) as client:
            await client.more()
            await client.begin((*GET, ("x", "y" * 70_000)))
            assert await client.end() not in (None, 0)


async def test_a_header_bomb_is_not_unpacked() -> None:
    """Kilobytes that stand for megabytes: one large field, indexed thousands of times."""
    async with bare(small, h2c=True) as (_, port), Client2(port) as client:
        await client.more()
        block = b"\x82\x86\x84" + literal(b":authority", b"h")
        block += b"\x40\x01x\x7f\xa1\x1e" + b"y" * 4000  # added to the table: index 62
        await client.raw(frame(HEADERS, END_HEADERS | END_STREAM, 1, block + b"\xbe" * 8000))
        assert await client.end() == h2.errors.ErrorCodes.ENHANCE_YOUR_CALM


async def test_a_flood_of_continuations_ends_the_connection() -> None:
    """A header section without an end is not collected."""
    async with bare(small, h2c=True) as (_, port), Client2(port) as client:
        await client.more()
        await client.raw(frame(HEADERS, END_STREAM, 1, b"\x82\x86\x84"))
        for _ in range(400):
            await client.raw(frame(CONTINUATION, 0, 1, literal(b"x", b"y" * 100)))
        assert await client.end() not in (None, 0)


async def test_streams_that_are_reset_as_soon_as_made_end_the_connection() -> None:
    """The rapid-reset attack: what was asked is cancelled each time, and then it is enough."""
    cancelled = 0

    def slow(request: Request, respond: Respond) -> Any:
        async def forever() -> Response:
            nonlocal cancelled
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                cancelled += 1
                raise
            return Response(200)

        return forever()

    async with bare(slow, h2c=True) as (server, port), Client2(port) as client:
        await client.more()
        for _ in range(1000):
            stream = client.h2.get_next_available_stream_id()
            client.h2.send_headers(stream, list(GET), end_stream=True)
            client.h2.reset_stream(stream)
        await client.flush()
        assert await client.end() == h2.errors.ErrorCodes.ENHANCE_YOUR_CALM
        assert cancelled <= 300 and not server.connections


async def test_a_client_that_cancels_now_and_then_is_left_alone() -> None:
    """As many as it finishes."""
    async with bare(small, h2c=True) as (_, port), Client2(port) as client:
        for i in range(600):
            stream = await client.begin()
            client.h2.reset_stream(stream)
            assert await client.get(f"/{i}") == (200, b"/%d" % i)


@pytest.mark.parametrize(
    "flood",
    [frame(PING, 0, 0, b"8 bytes!"), frame(SETTINGS, 0, 0), frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 70_000))],
    ids=["ping", "empty settings", "settings"],
)
async def test_a_flood_of_frames_that_want_an_answer_costs_no_memory(flood: bytes) -> None:
    """Who does not read the answers is not listened to, and is cut when that lasts."""
    async with bare(small, Limits(body_timeout=0.5), h2c=True) as (server, port), Client2(port) as client:
        await client.more()
        client.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for connection in server.connections:
            sock = connection.transport.get_extra_info("socket")  # type: ignore[union-attr]
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        most = 0

        async def look() -> None:
            nonlocal most
            while True:
                sizes = [c.transport.get_write_buffer_size() for c in server.connections]  # type: ignore[union-attr]
                most = max(most, *sizes, 0)
                await asyncio.sleep(0.001)

        looking = asyncio.create_task(look())
        try:
            async with asyncio.timeout(20):
                while not client.over and server.connections:
                    await client.raw(flood * 1000)
        finally:
            looking.cancel()
        assert most < 8 << 20
        assert not server.connections


async def test_pings_are_answered() -> None:
    """The good ones."""
    async with bare(small, h2c=True) as (_, port), Client2(port) as client:
        for i in range(2000):
            client.h2.ping(b"%08d" % i)
        await client.flush()
        acknowledged = 0
        while acknowledged < 2000:
            acknowledged += sum(type(e).__name__ == "PingAckReceived" for e in await client.more())
        assert await client.get("/a") == (200, b"/a")


async def test_a_body_must_be_as_long_as_declared() -> None:
    """Too short and too long are refused, whoever reads it."""
    async with bare(echo, h2c=True) as (_, port):
        for size in (3, 5):
            async with Client2(port) as client:
                stream = await client.begin((*POST, ("content-length", "4")), end=False)
                await client.upload(stream, b"x" * size)
                status, _ = await client.answer(stream)
                assert status == 400 or (status == 0 and (client.over or client.reset(stream) is not None))
        async with Client2(port) as client:
            assert await client.post(b"1234", ("content-length", "4")) == (200, b"POST /a 1234")


async def test_a_large_upload_arrives_whole() -> None:
    """Many windows long; two at once."""
    body = bytes(range(256)) * 16384
    sizes: list[int] = []

    def measure(request: Request, respond: Respond) -> Any:
        async def later() -> Response:
            assert isinstance(request.body, Stream)
            got = await request.body.read()
            sizes.append(len(got))
            return Response(200, TEXT, b"same" if got == body else b"other")

        return later()

    async with bare(measure, h2c=True) as (_, port), Client2(port) as first, Client2(port) as second:
        assert await asyncio.gather(first.post(body), second.post(body)) == [(200, b"same")] * 2
        assert sizes == [len(body)] * 2


async def test_a_large_answer_waits_for_the_clients_window() -> None:
    """Nothing beyond it is sent; then all of it."""
    body = bytes(range(256)) * 8192
    async with bare(lambda r, respond: Response(200, TEXT, body), h2c=True) as (_, port), Client2(port) as client:
        client.acknowledge = False
        stream = await client.begin()
        while len(client.body(stream)) < 65535:
            await client.more()
        with pytest.raises(TimeoutError):
            await client.more(0.1)
        assert len(client.body(stream)) == 65535
        client.acknowledge = True
        client.h2.increment_flow_control_window(65535)
        client.h2.increment_flow_control_window(65535, stream)
        await client.flush()
        assert await client.answer(stream) == (200, body)


async def test_a_client_that_never_opens_its_window_is_given_up() -> None:
    """A stream is not held for ever by somebody who takes nothing; the others go on."""
    body = b"x" * 200_000
    limits = Limits(body_timeout=0.2)

    def serve(request: Request, respond: Respond) -> Response:
        return Response(200, TEXT, body if request.target == b"/big" else b"small")

    async with bare(serve, limits, h2c=True) as (_, port), Client2(port) as client:
        client.acknowledge = False
        stream = await client.begin([*GET[:2], (":path", "/big"), GET[3]])
        await client.answer(stream)
        assert client.reset(stream) is not None
        client.h2.increment_flow_control_window(65535)
        assert await client.get("/small") == (200, b"small")


async def test_an_upload_that_stalls_ends_with_408() -> None:
    """As on HTTP/1.1."""
    async with bare(echo, Limits(body_timeout=0.2), h2c=True) as (_, port), Client2(port) as client:
        stream = await client.begin(POST, end=False)
        await client.upload(stream, b"some", end=False)
        assert (await client.answer(stream))[0] == 408
        assert await client.post(b"body") == (200, b"POST /a body")


async def test_a_slow_upload_that_goes_on_is_served() -> None:
    """The time counts from piece to piece."""
    async with bare(echo, Limits(body_timeout=0.4), h2c=True) as (_, port), Client2(port) as client:
        stream = await client.begin(POST, end=False)
        for _ in range(6):
            await client.upload(stream, b"x", end=False)
            await asyncio.sleep(0.1)
        await client.upload(stream, b"y")
        assert await client.answer(stream) == (200, b"POST /a xxxxxxy")


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit_is_413_and_its_upload_ends(declared: bool) -> None:
    """The client is told to stop, and the connection serves on."""
    more = (("content-length", "3000000"),) if declared else ()
    async with bare(echo, Limits(body_bytes=100_000), h2c=True) as (_, port), Client2(port) as client:
        stream = await client.begin((*POST, *more), end=False)
        await client.upload(stream, b"x" * 3_000_000, end=False)
        assert (await client.answer(stream))[0] == 413
        while client.reset(stream) is None:
            await client.more()
        assert client.reset(stream) == h2.errors.ErrorCodes.NO_ERROR
        for _ in range(3):
            assert (await client.post(b"y" * 90_000))[0] == 200


async def test_an_upload_that_nobody_reads_does_not_hold_up_the_others() -> None:
    """Neither while it stands, nor after it was given up: its part of the connection's window comes back."""

    def some(request: Request, respond: Respond) -> Any:
        return asyncio.sleep(3600) if request.header(b"X-Never") else echo(request, respond)

    async with bare(some, h2c=True) as (_, port), Client2(port) as client:
        for _ in range(8):
            stream = await client.begin((*POST, ("x-never", "1")), end=False)
            sending = asyncio.create_task(client.upload(stream, b"x" * 3_000_000))
            await asyncio.wait([sending], timeout=0.15)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            assert await client.post(b"y" * 100_000) == (200, b"POST /a " + b"y" * 100_000)
            client.h2.reset_stream(stream)
            await client.flush()


async def test_uploads_are_held_up_by_their_reader() -> None:
    """What nobody reads stays with the client."""
    bodies: list[Stream] = []

    def keep(request: Request, respond: Respond) -> Any:
        assert isinstance(request.body, Stream)
        bodies.append(request.body)
        return asyncio.sleep(3600)

    async with bare(keep, h2c=True) as (_, port), Client2(port) as client:
        stream = await client.begin(POST, end=False)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await client.upload(stream, b"x" * 8_000_000)
        assert bodies[0].size < 2_000_000


async def test_a_client_that_leaves_cancels_everything() -> None:
    """Coroutines and what is pending."""
    cancelled: list[bytes] = []

    class Pending:
        def __init__(self, target: bytes) -> None:
            self.target = target

        def cancel(self) -> None:
            cancelled.append(self.target)

    async with bare(lambda r, respond: Pending(r.target), h2c=True) as (server, port):
        async with Client2(port) as client:
            await client.more()
            for i in range(3):
                await client.begin([*GET[:2], (":path", f"/{i}"), GET[3]])
            client.h2.reset_stream(1)
            await client.flush()
            async with asyncio.timeout(5):
                while not cancelled:
                    await asyncio.sleep(0.005)
            assert cancelled == [b"/0"]
        async with asyncio.timeout(5):
            while server.connections:
                await asyncio.sleep(0.005)
    assert sorted(cancelled) == [b"/0", b"/1", b"/2"]


async def test_an_answer_that_breaks_is_reset() -> None:
    """The client can tell that it is not whole, and the connection goes on."""

    def serve(request: Request, respond: Respond) -> Response:
        stream = Stream(lambda: None, lambda: None)
        stream.feed(b"some")
        stream.fail(ConnectionResetError("gone"))
        return Response(200, TEXT, stream)

    async with bare(serve, h2c=True) as (_, port), Client2(port) as client:
        stream = await client.begin()
        assert await client.answer(stream) == (200, b"some")
        assert client.reset(stream) == h2.errors.ErrorCodes.INTERNAL_ERROR


async def test_bodiless_answers() -> None:
    """HEAD tells the length, 204 tells none."""

    def serve(request: Request, respond: Respond) -> Response:
        return Response(204) if request.target == b"/204" else Response(200, TEXT, b"12345")

    async with bare(serve, h2c=True) as (_, port), Client2(port) as client:
        stream = await client.begin([(":method", "HEAD"), *GET[1:]])
        assert await client.answer(stream) == (200, b"")
        stream = await client.begin([*GET[:2], (":path", "/204"), GET[3]])
        assert await client.answer(stream) == (204, b"")
        assert "content-length" not in client.fields(stream)


async def test_fields_of_http_1_connections_stay_behind() -> None:
    """Not even a handler can send them."""
    block = HeaderBlock([(b"Connection", b"close"), (b"Keep-Alive", b"x"), (b"Upgrade", b"y"), (b"X-Own", b"z")])
    async with bare(lambda r, respond: Response(200, block, b"x"), h2c=True) as (_, port), Client2(port) as client:
        stream = await client.begin()
        await client.answer(stream)
        assert client.fields(stream)["x-own"] == "z"
        assert {"connection", "keep-alive", "upgrade"}.isdisjoint(client.fields(stream))


async def test_cookies_that_were_split_are_one_again() -> None:
    """HTTP/1.1 knows one Cookie field."""
    seen: list[tuple[bytes, bytes]] = []

    def note(request: Request, respond: Respond) -> Response:
        seen.extend(request.headers)
        return Response(200)

    async with bare(note, h2c=True) as (_, port), Client2(port) as client:
        await client.get("/a", ("cookie", "a=1"), ("cookie", "b=2"))
        assert [v for n, v in seen if n == b"Cookie"] == [b"a=1; b=2"]


async def test_a_drain_finishes_what_runs_and_says_goaway() -> None:
    """No request fails."""
    release = asyncio.Event()

    def slow(request: Request, respond: Respond) -> Any:
        async def later() -> Response:
            await release.wait()
            return Response(200, TEXT, b"done")

        return later()

    async with bare(slow, h2c=True) as (server, port), Client2(port) as busy, Client2(port) as idle:
        stream = await busy.begin()
        await idle.more()
        while len(server.connections) < 2:
            await asyncio.sleep(0.002)
        draining = asyncio.create_task(server.drain(limit=5.0, grace=0.05))
        assert await idle.end() == 0
        release.set()
        assert await busy.answer(stream) == (200, b"done")
        assert await busy.end() == 0
        await draining


async def test_idle_connections_end_with_goaway() -> None:
    """Not in the middle of a request."""
    async with bare(small, Limits(idle_timeout=0.2), h2c=True) as (_, port), Client2(port) as client:
        await client.get("/a")
        assert await client.end() == 0


async def test_a_real_client_finds_nothing_wrong() -> None:
    """h2load: thousands of requests over several connections and many streams, all answered."""
    async with bare(small, h2c=True) as (_, port):
        process = await asyncio.create_subprocess_exec(
            "h2load", "-n", "4000", "-c", "4", "-m", "50", f"http://127.0.0.1:{port}/x",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
    assert b"4000 succeeded, 0 failed, 0 errored, 0 timeout" in said
    assert b"4000 2xx, 0 3xx, 0 4xx, 0 5xx" in said
