"""gzip that we asked for is undone."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from asyncio import StreamReader, StreamWriter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config import model
from understudy.config.model import Service
from understudy.errors import BadAnswer
from understudy.gateway.backend import HttpBackend
from understudy.gateway.build import Surroundings, host_chooser
from understudy.gateway.decompress import gunzip, inflated
from understudy.gateway.meters import layout
from understudy.gateway.types import Ask
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.stream import Stream, complete
from understudy.http.upstream import Answer
from understudy.telemetry.counters import Board
from understudy.testing.backend import Backend, Seen


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=3))
def test_all_members_are_read(parts: list[bytes]) -> None:
    """A gzip body may be several, one after the other."""
    assert gunzip(b"".join(gzip.compress(p) for p in parts)) == b"".join(parts)


@given(st.binary(min_size=1, max_size=100))
def test_anything_else_is_a_bad_answer(data: bytes) -> None:
    """Never another exception."""
    try:
        gunzip(data)
    except BadAnswer:
        return


def test_a_bomb_is_stopped_at_its_limit() -> None:
    """Without making the rest of it."""
    with pytest.raises(BadAnswer, match="larger than 1000"):
        gunzip(gzip.compress(b"\0" * 10_000_000), 1000)


def test_cut_short_is_an_error() -> None:
    """Not a shorter body."""
    with pytest.raises(BadAnswer, match="unexpected EOF"):
        gunzip(gzip.compress(b"hello world")[:-4])


async def test_a_stream_is_inflated_as_it_comes() -> None:
    """Piece by piece, and an error ends it."""
    packed = gzip.compress(b"abc" * 100_000)
    fields = [(b"Content-Encoding", b"gzip"), (b"Content-Length", b"9")]
    answer = inflated(Answer(200, fields, complete(packed[:100], packed[100:]), 9))
    assert isinstance(answer.body, Stream)
    assert (await answer.body.read(), answer.length, answer.headers) == (b"abc" * 100_000, None, [])
    broken = inflated(Answer(200, fields, complete(packed[:-20]), 9))
    assert isinstance(broken.body, Stream)
    with pytest.raises(BadAnswer):
        await broken.body.read()


def test_other_encodings_pass_untouched() -> None:
    """br is not ours to undo."""
    answer = Answer(200, [(b"Content-Encoding", b"br")], b"x", 1)
    assert inflated(answer) is answer


async def test_a_body_that_nobody_wants_any_more_cuts_its_sender_off() -> None:
    """Plain or compressed, however much is still to come."""
    for compressed in (False, True):
        endless = b"x" * 65536

        async def answer(seen: Seen, reader: StreamReader, writer: StreamWriter, data: bytes = endless,
                         compressed: bool = compressed) -> bool:
            coding = b"Content-Encoding: gzip\r\n" if compressed else b""
            writer.write(b"HTTP/1.1 200 OK\r\n" + coding + b"Transfer-Encoding: chunked\r\n\r\n")
            engine = zlib.compressobj(0, wbits=31)
            while True:
                chunk = engine.compress(data) if compressed else data
                if chunk:
                    writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                await writer.drain()

        async with Backend(answer) as backend:
            stream = await _streamed(backend)
            assert await stream.next()
            stream.discard()
            stream.discard()
            async with asyncio.timeout(10):
                while backend.open:
                    await asyncio.sleep(0.005)


async def _streamed(backend: Backend) -> Stream:
    loop = asyncio.get_running_loop()
    around = Surroundings(Service(), Deadlines(loop), Outbox(loop), Board(layout(Service())))
    part = model.Backend(index=0, hosts=(backend.url,), url_pattern="/p", method="GET", encoding="no-op")
    fetch = HttpBackend(part, host_chooser(Service(), part, around), around.pools, streaming=True, compress=True)
    answer = await fetch(Ask("GET", "/p", {}, [], [], b"", loop.time() + 60, loop.time()))
    assert isinstance(answer.body, Stream)
    return answer.body


async def test_where_the_body_may_be_a_stream_a_bomb_becomes_one_and_is_read_in_small_pieces() -> None:
    """Although it has come in one packet."""
    bomb = gzip.compress(b"\0" * (8 * 1024 * 1024))
    answer = inflated(Answer(200, [(b"Content-Encoding", b"gzip")], bomb), streaming=True)
    assert isinstance(answer.body, Stream)
    size = 0
    while (chunk := await answer.body.next()) is not None:
        assert len(chunk) <= 512 * 1024
        size += len(chunk)
    assert size == 8 * 1024 * 1024
    small = inflated(Answer(200, [(b"Content-Encoding", b"gzip")], gzip.compress(b"small")), streaming=True)
    assert small.body == b"small"
