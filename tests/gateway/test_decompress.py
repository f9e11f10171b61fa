"""gzip that we asked for is undone."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import BadAnswer
from understudy.gateway.decompress import gunzip, inflated
from understudy.http.stream import Stream, complete
from understudy.http.upstream import Answer


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
