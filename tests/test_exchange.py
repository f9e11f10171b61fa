"""Exchanges are values: equal, frozen, and the same after a trip through a file."""

from __future__ import annotations

import msgspec
import pytest

from understudy.exchange import Answer, Asked, Exchange, Failure, Observation

ASKED = Asked("GET", "/a b", [("q", "é")], [(b"X-Y", b"\xff")], b"\x00body")
EXCHANGE = Exchange(
    7, 0, "candidate", 1.5, ASKED, Answer(200, [(b"Content-Type", b"a/b")], b"{}", 2, 0.25),
    Failure("timeout", "context deadline exceeded", 3.0), Answer(200, [], None, 1 << 30, 0.5),
)  # fmt: skip


@pytest.mark.parametrize("codec", [msgspec.msgpack, msgspec.json])
def test_what_is_read_is_what_was_written(codec: type[msgspec.msgpack]) -> None:
    """Bytes stay bytes, and each observation keeps its kind."""
    again = codec.decode(codec.encode(EXCHANGE), type=Exchange)
    assert codec.encode(again) == codec.encode(EXCHANGE)
    assert again.ask.body == ASKED.body and [tuple(p) for p in again.ask.headers] == ASKED.headers
    kinds: list[type[Observation] | type[None]] = [type(again.primary), type(again.candidate), type(again.control)]
    assert kinds == [Answer, Failure, Answer]


def test_nothing_of_it_can_be_changed() -> None:
    """It may be shared."""
    with pytest.raises(AttributeError):
        EXCHANGE.id = 8  # type: ignore[misc]  # frozen
    with pytest.raises(AttributeError):
        EXCHANGE.primary.seconds = 1.0  # type: ignore[misc]  # frozen


def test_a_control_is_there_only_when_there_is_one() -> None:
    """A pair is an exchange too."""
    assert Exchange(1, 0, "s", 0.0, ASKED, EXCHANGE.primary, EXCHANGE.candidate).control is None
