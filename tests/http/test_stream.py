"""A body that arrives in pieces."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import BodyTooLarge
from understudy.http.stream import HIGH_WATER, Stream, complete


class Source:
    """Counts pauses and resumes."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.stream = Stream(lambda: self.calls.append("pause"), lambda: self.calls.append("resume"))


@given(st.lists(st.binary(max_size=20)))
async def test_what_is_fed_is_read_in_order(chunks: list[bytes]) -> None:
    """Nothing is lost, doubled or reordered."""
    assert await complete(*chunks).read() == b"".join(chunks)


@given(st.lists(st.one_of(st.integers(1, HIGH_WATER), st.none()), max_size=30))
def test_pauses_and_resumes_alternate(steps: list[int | None]) -> None:
    """However feeding (a size) and reading (None) mix, the sender is never paused twice or resumed unasked."""
    source = Source()
    for step in steps:
        if step is None:
            source.stream.take()
        else:
            source.stream.feed(b"x" * step)
    assert source.calls == ["pause", "resume"] * (len(source.calls) // 2) + ["pause"] * (len(source.calls) % 2)
    if source.stream.size > HIGH_WATER:
        assert source.calls[-1] == "pause"
    if source.stream.size < HIGH_WATER // 4 and source.calls:
        assert source.calls[-1] == "resume"


async def test_a_reader_waits_for_the_next_piece() -> None:
    """And gets it when it comes."""
    source = Source()
    asyncio.get_running_loop().call_soon(source.stream.feed, b"later")
    assert await source.stream.next() == b"later"


async def test_an_error_comes_after_what_had_arrived() -> None:
    """The bytes before it are not lost."""
    source = Source()
    source.stream.feed(b"a")
    source.stream.fail(ConnectionError("gone"))
    assert await source.stream.next() == b"a"
    with pytest.raises(ConnectionError, match="gone"):
        await source.stream.next()


async def test_reading_all_of_it_has_a_limit() -> None:
    """One byte too many is an error, the limit itself is not."""
    assert await complete(b"1234").read(4) == b"1234"
    with pytest.raises(BodyTooLarge):
        await complete(b"12", b"345").read(4)


async def test_a_discarded_stream_frees_its_sender() -> None:
    """What waits is thrown away and the sender goes on."""
    source = Source()
    source.stream.feed(b"x" * (HIGH_WATER + 1))
    source.stream.discard()
    assert source.calls == ["pause", "resume"]
    source.stream.feed(b"x" * (HIGH_WATER + 1))
    assert source.calls == ["pause", "resume"]
    assert source.stream.size == 0


async def test_a_sender_that_can_be_stopped_is_told_that_nobody_reads() -> None:
    """Once, and not when it has sent everything."""
    told: list[int] = []
    source = Source()
    source.stream.unwanted = lambda: told.append(1)
    source.stream.discard()
    source.stream.discard()
    assert told == [1]
    whole = complete(b"all")
    whole.unwanted = lambda: told.append(2)
    whole.discard()
    assert told == [1]


async def test_wanting_a_body_is_told_once() -> None:
    """For 100 Continue: only when the reader has to wait."""
    source = Source()
    told: list[int] = []
    source.stream.wanted = lambda: told.append(1)
    source.stream.feed(b"a")
    await source.stream.next()
    assert told == []
    asyncio.get_running_loop().call_soon(source.stream.end)
    assert await source.stream.next() is None
    assert told == [1]


async def test_how_much_waits_can_be_less() -> None:
    """Every reader has its own idea of how much that may be."""
    calls: list[str] = []
    stream = Stream(lambda: calls.append("pause"), lambda: calls.append("resume"), 10)
    stream.feed(b"0123456789")
    assert calls == []
    stream.feed(b"x")
    assert calls == ["pause"]
    assert stream.take() == b"0123456789x" and calls == ["pause", "resume"]
