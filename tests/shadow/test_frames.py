"""Messages between workers and mirrors."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.shadow.frames import (
    AnswerFrame,
    AskFrame,
    FailureFrame,
    Frame,
    FrameDecoder,
    FrameError,
    HelloFrame,
    encode,
)

TEXT = st.text(max_size=12) | st.binary(max_size=12).map(lambda b: b.decode("utf-8", "surrogateescape"))
"""Also such as is not UTF-8, as it comes from the wire."""
ID = st.integers(0, 2**64 - 1)
FRAMES = st.one_of(
    st.builds(HelloFrame, st.integers(0, 9), st.integers(0, 9), st.integers(0, 2**31)),
    st.builds(AskFrame, ID, st.integers(0, 99), st.integers(0, 2**20), st.floats(0, 1e9), st.sampled_from(("GET", "X")),
              TEXT, st.dictionaries(TEXT, TEXT, max_size=3), st.lists(st.tuples(TEXT, TEXT), max_size=3),
              st.binary(max_size=40), st.binary(max_size=100), st.booleans()),
    st.builds(AnswerFrame, ID, st.integers(-1, 9), st.integers(100, 999),
              st.lists(st.tuples(st.binary(max_size=9), st.binary(max_size=9)), max_size=3),
              st.none() | st.binary(max_size=100), st.integers(0, 2**40), st.floats(0, 1e3)),
    st.builds(FailureFrame, ID, st.integers(-1, 9), st.just("reset"), TEXT, st.floats(0, 1e3)),
)


def readable(frame: Frame) -> Frame:
    """What a failure's text becomes when it is not UTF-8: only people read it."""
    if isinstance(frame, FailureFrame):
        try:
            frame.text.encode()
        except UnicodeEncodeError:
            return FailureFrame(frame.id, frame.backend, frame.kind,
                                frame.text.encode("utf-8", "surrogateescape").decode("latin-1"), frame.seconds)
    return frame


@given(st.lists(FRAMES, max_size=6), st.lists(st.integers(1, 60), max_size=60))
def test_frames_survive_any_split_of_their_bytes(frames: list[Frame], sizes: list[int]) -> None:
    data, decoder, found = b"".join(map(encode, frames)), FrameDecoder(), list[Frame]()
    at = 0
    for size in (*sizes, len(data) + 1):
        found += decoder.feed(data[at : at + size])
        at += size
    assert found == [readable(frame) for frame in frames] and decoder.held == 0


@given(FRAMES, st.integers(0, 30))
def test_half_a_frame_is_held_and_not_more(frame: Frame, cut: int) -> None:
    data, decoder = encode(frame), FrameDecoder()
    first = data[: min(cut, len(data) - 1)]
    assert decoder.feed(first) == [] and decoder.held == len(first)
    assert decoder.feed(data[len(first) :]) == [readable(frame)]


@given(st.binary(max_size=200))
def test_anything_else_is_a_frame_error_or_is_waited_for(data: bytes) -> None:
    try:
        FrameDecoder(limit=1000).feed(data)
    except FrameError:
        return


def test_a_frame_over_the_limit_is_refused_before_it_is_there() -> None:
    with pytest.raises(FrameError, match="over the limit of 10"):
        FrameDecoder(10).feed(struct.pack("<I", 11))


@pytest.mark.parametrize("body", [b"\xc1", b"\x90", b"\x92\x09\x01", b"\x91" * 2000])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError, match="not a frame"):
        FrameDecoder().feed(struct.pack("<I", len(body)) + body)
