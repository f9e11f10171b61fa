"""Messages survive any way of arriving."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.process.messages import (
    LIMIT,
    Drain,
    Failed,
    Frames,
    FrameTooLarge,
    Happened,
    Message,
    Question,
    Ready,
    Reply,
    Told,
    frame,
)

_text = st.text(max_size=20)
_data: st.SearchStrategy[Any] = st.none() | st.integers(-9, 9) | _text | st.dictionaries(_text, st.integers(0, 9))
_messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(Ready), st.builds(Failed, _text), st.builds(Happened, _text, _text), st.builds(Told, _text, _data),
    st.builds(Question, st.integers(0, 99), _text, _data), st.builds(Reply, st.integers(0, 99), _data, _text),
    st.builds(Drain, st.none() | st.floats(0, 9), st.floats(0, 9)),
)  # fmt: skip


@given(st.lists(_messages), st.lists(st.integers(0, 400)))
def test_any_split_gives_the_same_messages(messages: list[Message], cuts: list[int]) -> None:
    data = b"".join(frame(m) for m in messages)
    ends = sorted({min(c, len(data)) for c in cuts} | {0, len(data)})
    frames, got = Frames(), list[Message]()
    for start, end in pairwise(ends):
        got += frames.feed(data[start:end])
    assert got == messages


def test_a_frame_that_no_one_sends_is_not_waited_for() -> None:
    with pytest.raises(FrameTooLarge):
        Frames().feed((LIMIT + 1).to_bytes(4, "little"))


def test_what_is_no_message_is_an_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        Frames().feed(b"\x01\x00\x00\x00\xc1")


def test_a_message_over_the_limit_is_not_made() -> None:
    with pytest.raises(FrameTooLarge):
        frame(Reply(1, "x" * (LIMIT + 1)))
