"""The ways in which a backend can misbehave: each is a ``Script`` for ``Backend``."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer

from understudy.testing.backend import Script, Seen

_FOREVER = 3600.0
_ESTABLISHED = 1
"""The state of a TCP connection of which neither side has been closed, as Linux tells it."""


async def hang(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """Reads the request and never answers."""
    await asyncio.sleep(_FOREVER)
    return False


async def reset(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """Resets the connection before any byte of an answer."""
    _linger_zero(writer)
    writer.transport.abort()
    return False


async def close(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """Closes the connection before any byte of an answer."""
    return False


async def garbage(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """Answers with bytes that are not HTTP."""
    writer.write(b"\x00\x01 this is not http \xff\xfe\r\n\r\n")
    await writer.drain()
    return False


async def half(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """Declares a hundred bytes, sends ten, closes."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n" + b'{"a":"aaaa')
    await writer.drain()
    return False


async def half_then_reset(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """Declares a hundred bytes, sends ten, resets."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b'{"a":"aaaa')
    await writer.drain()
    _linger_zero(writer)
    writer.transport.abort()
    return False


async def endless(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """An answer without an end, as fast as it is taken."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    while True:
        writer.write(chunk)
        await writer.drain()


async def drip(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """One byte a second."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)
    return False


async def huge(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """A hundred MiB, declared."""
    size = 100 * 1024 * 1024
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    chunk = b"x" * 65536
    for _ in range(size // len(chunk)):
        writer.write(chunk)
        await writer.drain()
    return True


_BOMB = gzip.compress(b"\0" * (64 * 1024 * 1024), mtime=0)


async def gzip_bomb(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """64 KiB that become 64 MiB."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % len(_BOMB) + _BOMB
    )  # fmt: skip
    await writer.drain()
    return True


async def big_headers(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """Four megabytes of header fields."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n")
    field = b"X-Pad: " + b"p" * 4000 + b"\r\n"
    for _ in range(1024):
        writer.write(field)
        await writer.drain()
    writer.write(b"\r\n{}")
    return False


async def deep_json(seen: Seen, reader: Reader, writer: Writer) -> bool:
    """JSON nested a million deep."""
    body = b'{"a":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}"
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
    await writer.drain()
    return True


class _Deaf:
    """Never reads: what is sent stays in the socket's buffers, which are small."""

    async def before_reading(self, reader: Reader, writer: Writer) -> bool:
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
        while True:  # one who does not read hears nothing of the other side's end
            if sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != _ESTABLISHED:
                return False
            await asyncio.sleep(0.1)

    async def __call__(self, seen: Seen, reader: Reader, writer: Writer) -> bool:
        return False


never_reads: Script = _Deaf()


class _ClearText:
    """Speaks plain HTTP to whoever connects, before a word is heard: for ``https`` that is a failure of TLS."""

    async def before_reading(self, reader: Reader, writer: Writer) -> bool:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        return False

    async def __call__(self, seen: Seen, reader: Reader, writer: Writer) -> bool:
        return False


clear_text: Script = _ClearText()


def slow(seconds: float, answer: bytes) -> Script:
    """The answer, after a while."""

    async def script(seen: Seen, reader: Reader, writer: Writer) -> bool:
        await asyncio.sleep(seconds)
        writer.write(answer)
        await writer.drain()
        return True

    return script


def raw(answer: bytes, *, close_after: bool = True) -> Script:
    """These bytes, whatever they are; then the connection is closed, or left open and silent."""

    async def script(seen: Seen, reader: Reader, writer: Writer) -> bool:
        writer.write(answer)
        await writer.drain()
        if not close_after:
            await asyncio.sleep(_FOREVER)
        return False

    return script


ALL: dict[str, Script] = {
    "hang": hang, "reset": reset, "close": close, "garbage": garbage, "half": half, "half then reset": half_then_reset,
    "endless": endless, "drip": drip, "huge": huge, "gzip bomb": gzip_bomb, "big headers": big_headers,
    "deep json": deep_json, "never reads": never_reads,
}  # fmt: skip
"""Every fault of an answering socket, by name. Refusal and DNS failures need no script: name a closed port, or a name
that does not exist; a failure of TLS is ``https`` for a server that speaks ``clear_text``."""


def _linger_zero(writer: Writer) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
