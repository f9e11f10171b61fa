"""Upgrades pass through no-op endpoints: real sockets on both sides, and what goes wrong on either."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from typing import Any

from tests.inprocess import serving
from understudy.testing import faults
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client

UPGRADE = (
    b"GET /chat?room=1 HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: abc\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n"
)


def config(backend: Backend) -> dict[str, Any]:
    """A no-op endpoint that passes all headers."""
    back = [{"url_pattern": "/chat"}]
    return {
        "version": 3, "host": [backend.url], "timeout": "500ms",
        "endpoints": [
            {"endpoint": "/chat", "output_encoding": "no-op", "input_headers": ["*"], "input_query_strings": ["*"],
             "backend": back},
            {"endpoint": "/json", "input_headers": ["*"], "backend": back},
        ],
    }  # fmt: skip


async def echoing(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """Switches, says hello with the same packet, then sends back in upper case until the other side ends."""
    writer.write(ACCEPTED + b"hello ")
    while data := await reader.read(65536):
        writer.write(data.upper())
        await writer.drain()
    writer.write(b"bye")
    await writer.drain()
    return False


async def switched(client: Client) -> bytes:
    """Asks for the upgrade; the head of the answer."""
    await client.send(UPGRADE)
    async with asyncio.timeout(10):
        return await client.reader.readuntil(b"\r\n\r\n")


async def gone(backend: Backend, seconds: float = 5.0) -> None:
    """Waits until the backend has no connection left."""
    async with asyncio.timeout(seconds):
        while backend.open:
            await asyncio.sleep(0.005)


async def test_bytes_go_both_ways_also_early_ones() -> None:
    """And the handshake's own fields arrive on both sides."""
    async with Backend(echoing) as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        head = await switched(client)
        assert head.startswith(b"HTTP/1.1 101 ") and b"Sec-Websocket-Accept: x\r\n" in head
        lines = head.lower().split(b"\r\n")
        assert lines.count(b"upgrade: websocket") == lines.count(b"connection: upgrade") == 1
        assert await client.reader.readexactly(6) == b"hello "
        for word in (b"one", b"two", b"\x00\xff\x81"):
            await client.send(word)
            assert await client.reader.readexactly(3) == word.upper()
        [seen] = backend.seen
        assert seen.header("sec-websocket-key") == "abc" and seen.target == "/chat?room=1"
        assert (seen.header("connection") or "").lower() == "upgrade" and seen.header("upgrade") == "websocket"
    await gone(backend)


async def test_what_the_client_sends_with_its_handshake_is_not_lost() -> None:
    """Bytes behind the head belong to the tunnel."""
    async with Backend(echoing) as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.send(UPGRADE + b"early")
        await client.reader.readuntil(b"\r\n\r\n")
        assert await client.reader.readexactly(11) == b"hello EARLY"


async def test_half_closing_lets_the_other_half_finish() -> None:
    """The client ends its side; what the backend still has to say arrives; then nothing is left of the tunnel."""

    async def serve(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await echoing(Seen("GET", "/chat", [], b""), reader, writer)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    backend = Backend(port=listener.sockets[0].getsockname()[1])
    async with serving(config(backend)) as gateway, Client(gateway.port) as client:
        await switched(client)
        await client.send(b"last")
        client.writer.write_eof()
        async with asyncio.timeout(10):
            assert await client.reader.read() == b"hello LASTbye"
            while gateway.server.connections or gateway.open_upstreams():
                await asyncio.sleep(0.005)
    listener.close()


async def test_a_tunnel_outlives_the_endpoints_timeout() -> None:
    """The deadline is for the handshake."""
    async with Backend(echoing) as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await switched(client)
        await client.reader.readexactly(6)
        await asyncio.sleep(0.8)
        await client.send(b"still")
        assert await client.reader.readexactly(5) == b"STILL"


async def test_megabytes_go_through_no_faster_than_they_are_taken() -> None:
    """One side does not read: the gateway holds little, and loses nothing."""
    async with Backend(echoing) as backend, serving(config(backend)) as gateway:
        async with Client(gateway.port) as client:
            await switched(client)
            await client.reader.readexactly(6)
            data = b"abcdefgh" * (1 << 20)
            sending = asyncio.create_task(client.send(data))
            for _ in range(50):
                await asyncio.sleep(0.01)
                held = [r._sink.get_write_buffer_size() + r._source.get_write_buffer_size()  # type: ignore[union-attr]
                        for r in gateway.server.connections]  # fmt: skip
                assert sum(held) < 4 << 20
            async with asyncio.timeout(20):
                got = await client.reader.readexactly(len(data))
            await sending
            assert got == data.upper()


async def test_an_upgrade_that_the_backend_refuses_is_an_ordinary_answer() -> None:
    """And the connection goes on with HTTP."""
    async with Backend(reply({"no": 1}, 426)) as backend, serving(config(backend)) as gateway:
        async with Client(gateway.port) as client:
            await client.send(UPGRADE)
            got = await client.read()
            assert (got.status, got.body) == (426, b'{"no":1}')
            assert got.header("upgrade") is None
            assert (await client.get("/chat")).status == 426


async def test_another_protocol_than_was_asked_for_is_no_switch() -> None:
    """A 101 for something else is a bad answer."""

    async def other(seen: Seen, reader: Reader, writer: Writer) -> bool:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\nhello")
        await reader.read()
        return False

    async with Backend(other) as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.send(UPGRADE)
        assert (await client.read()).status == 500
    await gone(backend)


async def test_a_json_endpoint_does_not_pass_upgrades_on() -> None:
    """The backend sees an ordinary request."""
    async with Backend() as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.send(UPGRADE.replace(b"/chat?room=1", b"/json"))
        assert (await client.read()).status == 200
        assert backend.seen[0].header("upgrade") is None and backend.seen[0].header("connection") is None


async def test_a_backend_that_hangs_in_the_handshake_is_a_timeout() -> None:
    """Like any other."""


    async with Backend(faults.hang) as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await client.send(UPGRADE)
        assert (await client.read()).status == 500
    await gone(backend)


async def test_a_client_that_leaves_takes_the_backend_with_it() -> None:
    """Nobody holds half a tunnel."""
    async with Backend(echoing) as backend, serving(config(backend)) as gateway:
        async with Client(gateway.port) as client:
            await switched(client)
            client.writer.transport.abort()
        await gone(backend)
        async with asyncio.timeout(5):
            while gateway.server.connections or gateway.open_upstreams():
                await asyncio.sleep(0.005)


async def test_a_backend_that_leaves_takes_the_client_with_it() -> None:
    """After what it said last."""

    async def short(seen: Seen, reader: Reader, writer: Writer) -> bool:
        writer.write(ACCEPTED + b"last words")
        await writer.drain()
        return False

    async with Backend(short) as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await switched(client)
        async with asyncio.timeout(5):
            assert await client.reader.read() == b"last words"


async def test_a_drain_gives_tunnels_their_grace_and_then_ends_them() -> None:
    """They have no end of their own."""
    async with Backend(echoing) as backend, serving(config(backend)) as gateway, Client(gateway.port) as client:
        await switched(client)
        await client.reader.readexactly(6)
        draining = asyncio.create_task(gateway.server.drain(limit=10.0, grace=0.3))
        await client.send(b"on")
        assert await client.reader.readexactly(2) == b"ON"
        assert await client.ended()
        await draining
    await gone(backend)
