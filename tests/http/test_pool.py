"""Connections to one host: reuse, limits, the one repetition that is allowed."""

from __future__ import annotations

import asyncio

import pytest

from tests.http.test_upstream import HEAD, pool_to, soon
from understudy.errors import BadAnswer, NoCapacity, TooSlow, Unreachable
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.pool import Address, Pool, PoolLimits, Pools, parse_address
from understudy.http.stream import Stream, complete
from understudy.http.upstream import AnswerLimits
from understudy.testing import faults
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.gateway import free_port


def test_addresses_are_taken_apart() -> None:
    """Default ports, written ports, IPv6, a base path; other schemes are refused."""
    assert parse_address("http://a")[0] == Address("http", "a", 80)
    assert parse_address("https://a")[0] == Address("https", "a", 443)
    assert parse_address("http://a:81/base/x") == (Address("http", "a", 81), "a:81", "/base/x")
    assert parse_address("http://[::1]:81")[:2] == (Address("http", "::1", 81), "[::1]:81")
    with pytest.raises(ValueError, match="ftp"):
        parse_address("ftp://a")


async def test_connections_are_reused() -> None:
    """One after the other needs one."""
    async with Backend() as backend, pool_to(backend) as pool:
        for _ in range(20):
            await pool.ask(b"GET", HEAD, b"", soon())
        assert (backend.connections, pool.opened) == (1, 1)


async def test_requests_at_once_need_connections_at_once() -> None:
    """And no more than that stay idle as are allowed."""
    async with Backend(faults.slow(0.1, reply(b"x"))) as backend, pool_to(backend, PoolLimits(idle=2)) as pool:
        await asyncio.gather(*(pool.ask(b"GET", HEAD, b"", soon()) for _ in range(5)))
        assert (backend.connections, pool.idle) == (5, 2)


async def test_over_the_limit_requests_wait_for_their_turn() -> None:
    """All are answered, never more at once than allowed."""
    limits = PoolLimits(connections=3)
    async with Backend(faults.slow(0.01, reply(b"x"))) as backend, pool_to(backend, limits) as pool:
        answers = await asyncio.gather(*(pool.ask(b"GET", HEAD, b"", soon()) for _ in range(30)))
        assert len(answers) == 30
        assert backend.most_open <= 3


async def test_waiting_ends_at_the_deadline() -> None:
    """With an error that says why; the place in the queue is free again."""
    limits = PoolLimits(connections=1)
    async with Backend(faults.hang) as backend, pool_to(backend, limits) as pool:
        blocked = asyncio.create_task(pool.ask(b"GET", HEAD, b"", soon(0.3)))
        await backend.wait_for(1)
        with pytest.raises(NoCapacity):
            await pool.ask(b"GET", HEAD, b"", soon(0.05))
        with pytest.raises(TooSlow):
            await blocked
        backend.answer = reply(b"free")
        assert (await pool.ask(b"GET", HEAD, b"", soon())).body == b"free"


async def dies_after_first(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Answers the first request of a connection, and dies silently on the second."""
    if not hasattr(writer, "used"):
        writer.used = True  # type: ignore[attr-defined]  # a mark for the next request
        writer.write(reply(b"first"))
        await writer.drain()
        return True
    return False


async def test_a_reused_connection_that_died_is_tried_once_more() -> None:
    """For an idempotent method, on a new connection."""
    async with Backend(dies_after_first) as backend, pool_to(backend) as pool:
        await pool.ask(b"GET", HEAD, b"", soon())
        assert (await pool.ask(b"GET", HEAD, b"", soon())).body == b"first"
        assert (len(backend.seen), backend.connections) == (3, 2)


async def test_a_post_is_never_repeated() -> None:
    """The backend may have done what it was asked."""
    async with Backend(dies_after_first) as backend, pool_to(backend) as pool:
        await pool.ask(b"GET", HEAD, b"", soon())
        with pytest.raises(BadAnswer):
            await pool.ask(b"POST", HEAD.replace(b"GET", b"POST"), b"", soon())
        assert len(backend.seen) == 2


async def test_a_new_connection_that_dies_is_not_repeated() -> None:
    """Only a reused one may have been dead all along."""
    async with Backend(faults.close) as backend, pool_to(backend) as pool:
        with pytest.raises(BadAnswer):
            await pool.ask(b"GET", HEAD, b"", soon())
        assert len(backend.seen) == 1


async def test_nothing_is_repeated_after_a_byte() -> None:
    """Half an answer is an answer."""
    async with Backend() as backend, pool_to(backend) as pool:
        await pool.ask(b"GET", HEAD, b"", soon())
        backend.answer = faults.raw(b"HTTP/1.1 2")
        with pytest.raises(BadAnswer):
            await pool.ask(b"GET", HEAD, b"", soon())
        assert len(backend.seen) == 2


async def test_an_idle_connection_that_the_backend_closes_is_forgotten() -> None:
    """The next request gets a new one at once."""
    async with Backend() as backend, pool_to(backend) as pool:
        await pool.ask(b"GET", HEAD, b"", soon())
        for task in list(backend._tasks):
            task.cancel()
        async with asyncio.timeout(5):
            while pool.all:
                await asyncio.sleep(0.005)
        assert pool.idle == 0
        assert (await pool.ask(b"GET", HEAD, b"", soon())).status == 200


async def test_idle_connections_end_after_their_time() -> None:
    """Used ones do not."""
    async with Backend() as backend, pool_to(backend, PoolLimits(idle_timeout=0.1)) as pool:
        await pool.ask(b"GET", HEAD, b"", soon())
        async with asyncio.timeout(5):
            while pool.idle:
                await asyncio.sleep(0.01)


async def test_a_cancelled_request_closes_its_connection() -> None:
    """The backend learns that nobody waits."""
    async with Backend(faults.hang) as backend, pool_to(backend) as pool:
        asking = asyncio.create_task(pool.ask(b"GET", HEAD, b"", soon()))
        await backend.wait_for(1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        async with asyncio.timeout(5):
            while pool.all:
                await asyncio.sleep(0.005)


async def test_an_upload_is_streamed_and_framed() -> None:
    """In chunks, or with its declared length."""
    async with Backend() as backend, pool_to(backend) as pool:
        head = b"POST / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n"
        await pool.ask(b"POST", head, complete(b"ab", b"cd"), soon(), chunked=True)
        head = b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 4\r\n\r\n"
        await pool.ask(b"POST", head, complete(b"ab", b"cd"), soon())
        assert [s.body for s in backend.seen] == [b"abcd", b"abcd"]


async def test_an_upload_that_fails_is_not_taken_for_whole() -> None:
    """The backend's connection is cut, the caller gets the reason."""
    body = Stream(lambda: None, lambda: None)
    body.feed(b"abc")
    async with Backend() as backend, pool_to(backend) as pool:
        head = b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 10\r\n\r\n"
        asking = asyncio.create_task(pool.ask(b"POST", head, body, soon()))
        await asyncio.sleep(0.02)
        body.fail(ConnectionResetError("the client has gone"))
        with pytest.raises(ConnectionResetError):
            await asking
        assert backend.seen == []


async def test_an_early_answer_ends_the_upload() -> None:
    """A refusal does not wait for gigabytes."""
    body = Stream(lambda: None, lambda: None)
    body.feed(b"abc")

    class Early:
        async def before_reading(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply(b"no", 413))
            await writer.drain()
            await asyncio.sleep(3600)
            return False

        async def __call__(self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            return False

    async with Backend(Early()) as backend, pool_to(backend) as pool:
        head = b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 1000000\r\n\r\n"
        assert (await pool.ask(b"POST", head, body, soon())).status == 413


@pytest.mark.parametrize(
    ("scheme", "host", "reason"),
    [("http", "127.0.0.1", "refused"), ("http", "no-such-name.invalid", "dns")],
)
async def test_what_cannot_be_reached_says_why(scheme: str, host: str, reason: str) -> None:
    """In the words of Go's dialer."""
    loop = asyncio.get_running_loop()
    pool = Pool(Address(scheme, host, free_port()), Deadlines(loop), Outbox(loop), PoolLimits(), AnswerLimits())
    with pytest.raises(Unreachable) as caught:
        await pool.ask(b"GET", HEAD, b"", soon())
    assert caught.value.reason == reason


async def test_clear_text_where_tls_is_expected_is_a_tls_failure() -> None:
    """Not a timeout."""

    class ClearText:
        async def before_reading(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()
            await reader.read()
            return False

        async def __call__(self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            return False

    loop = asyncio.get_running_loop()
    async with Backend(ClearText()) as backend:
        pools = Pools(Deadlines(loop), Outbox(loop))
        with pytest.raises((Unreachable, TooSlow)) as caught:
            await pools.pool(Address("https", "127.0.0.1", backend.port)).ask(b"GET", HEAD, b"", soon(2.0))
        assert getattr(caught.value, "reason", "") == "tls"
