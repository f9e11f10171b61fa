"""One connection to a backend: the answer is read the same however it arrives."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.errors import BadAnswer, TooSlow
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.pool import Address, Pool, PoolLimits
from understudy.http.stream import Stream
from understudy.http.upstream import AnswerLimits
from understudy.testing import faults
from understudy.testing.backend import Backend, Script, Seen, reply

HEAD = b"GET / HTTP/1.1\r\nHost: b\r\n\r\n"
ANSWER = (
    b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n4;e=1\r\ndefg\r\n0\r\nX-T: 2\r\n\r\n"
)


@asynccontextmanager
async def pool_to(
    backend: Backend, limits: PoolLimits | None = None, answers: AnswerLimits | None = None
) -> AsyncIterator[Pool]:
    """A pool of connections to a test backend."""
    loop = asyncio.get_running_loop()
    pool = Pool(
        Address("http", "127.0.0.1", backend.port), Deadlines(loop), Outbox(loop), limits or PoolLimits(),
        answers or AnswerLimits(),
    )  # fmt: skip
    try:
        yield pool
    finally:
        for connection in list(pool.all):
            connection.cut()
        await asyncio.sleep(0)


def soon(seconds: float = 5.0) -> float:
    """A deadline."""
    return asyncio.get_running_loop().time() + seconds


def in_pieces(data: bytes, cuts: set[int]) -> Script:
    """Sends the answer in these pieces and keeps the connection."""

    async def script(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        edges = [0, *sorted(cuts), len(data)]
        for start, end in itertools.pairwise(edges):
            writer.write(data[start:end])
            await writer.drain()
            await asyncio.sleep(0)
        return True

    return script


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, len(ANSWER) - 1), max_size=12))
async def test_every_split_reads_the_same(cuts: set[int]) -> None:
    """Interim answer, chunks, extension, trailer: in any pieces."""
    async with Backend(in_pieces(ANSWER, cuts)) as backend, pool_to(backend) as pool:
        answer = await pool.ask(b"GET", HEAD, b"", soon())
        assert (answer.status, answer.body, answer.header(b"X-A")) == (200, b"abcdefg", b"1")
        assert pool.idle == 1


async def test_repeated_heads_take_the_short_cut_and_change_nothing() -> None:
    """Same head and length with other bodies, then another length, then another head."""
    bodies = [b"aaaa", b"bbbb", b"ccccc", b"dddd", b""]
    async with Backend() as backend, pool_to(backend) as pool:
        for body in bodies:
            backend.answer = reply(body)
            answer = await pool.ask(b"GET", HEAD, b"", soon())
            assert answer.body == body
        backend.answer = reply(b"eeee", 404, [("X-New", "1")])
        answer = await pool.ask(b"GET", HEAD, b"", soon())
        assert (answer.status, answer.header(b"X-New"), answer.body) == (404, b"1", b"eeee")
        assert backend.connections == 1


async def test_an_answer_that_ends_with_the_connection_is_whole() -> None:
    """No length, no chunks: the end of the connection is the end of the body."""
    async with Backend(faults.raw(b"HTTP/1.1 200 OK\r\n\r\nall of it")) as backend, pool_to(backend) as pool:
        assert (await pool.ask(b"GET", HEAD, b"", soon())).body == b"all of it"
        assert pool.idle == 0


@pytest.mark.parametrize("status", [204, 304])
async def test_answers_without_a_body_keep_the_connection(status: int) -> None:
    """Whatever length they declare."""
    data = b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status
    async with Backend(in_pieces(data, set())) as backend, pool_to(backend) as pool:
        assert (await pool.ask(b"GET", HEAD, b"", soon())).status == status
        assert pool.idle == 1


async def test_the_answer_to_a_head_has_no_body() -> None:
    """It declares the length that GET would have."""
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    async with Backend(in_pieces(data, set())) as backend, pool_to(backend) as pool:
        answer = await pool.ask(b"HEAD", HEAD, b"", soon())
        assert (answer.length, answer.body) == (1000, b"")


async def test_a_deadline_ends_the_wait_and_the_connection() -> None:
    """Nobody may find the late answer on it."""
    async with Backend(faults.hang) as backend, pool_to(backend) as pool:
        with pytest.raises(TooSlow):
            await pool.ask(b"GET", HEAD, b"", soon(0.05))
        assert (pool.idle, len([c for c in pool.all if not c.closed])) == (0, 0)


async def test_a_deadline_holds_to_the_last_byte_of_a_stream() -> None:
    """The head in time is not enough."""
    async with Backend(faults.drip) as backend, pool_to(backend) as pool:
        backend.answer = faults.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", close_after=False)
        answer = await pool.ask(b"GET", HEAD, b"", soon(0.1), streaming=True)
        assert isinstance(answer.body, Stream)
        with pytest.raises(TooSlow):
            await answer.body.read()


async def test_the_head_has_a_deadline_of_its_own() -> None:
    """response_header_timeout: an answer that has begun may take longer."""
    limits = PoolLimits(head_timeout=0.1)
    async with Backend(faults.hang) as backend, pool_to(backend, limits) as pool:
        with pytest.raises(TooSlow, match="response headers"):
            await pool.ask(b"GET", HEAD, b"", soon())
        slow_body = in_pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", {38})

        async def late(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.2)
            writer.write(b"abc")
            return True

        backend.answer = late
        assert (await pool.ask(b"GET", HEAD, b"", soon())).body == b"abc"
        assert slow_body is not None


async def test_an_answer_kept_in_memory_has_a_limit() -> None:
    """Over it the connection is given up."""
    async with Backend(faults.endless) as backend, pool_to(backend, answers=AnswerLimits(body_bytes=1 << 20)) as pool:
        with pytest.raises(BadAnswer, match="larger than"):
            await pool.ask(b"GET", HEAD, b"", soon())


async def test_a_streamed_answer_holds_up_its_sender() -> None:
    """What nobody reads is not taken from the socket."""
    async with Backend(faults.endless) as backend, pool_to(backend) as pool:
        answer = await pool.ask(b"GET", HEAD, b"", soon(), streaming=True)
        assert isinstance(answer.body, Stream)
        await asyncio.sleep(0.2)
        size = answer.body.size
        assert size < 2 << 20
        await answer.body.next()
        assert len(await answer.body.next() or b"") > 0
