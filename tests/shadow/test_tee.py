"""Reading a body along."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.http.stream import Stream
from understudy.shadow.tee import Budget, Tee


def stream() -> Stream:
    return Stream(lambda: None, lambda: None)


class Watched:
    """A stream with a tee; ``seen`` is what the tee said."""

    def __init__(self, limit: int = 100, budget: int = 1000, body: Stream | None = None) -> None:
        self.body = body or stream()
        self.budget = Budget(budget)
        self.seen: list[tuple[bytes | None, int, str]] = []
        self.tee = Tee(self.body, limit, self.budget, lambda *said: self.seen.append(said))


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=8), st.integers(0, 8), st.integers(0, 120),
       st.integers(0, 120), st.booleans())
def test_it_says_once_what_went_by_and_gives_back_what_it_held(
    chunks: list[bytes], early: int, limit: int, budget: int, breaks: bool
) -> None:
    body = stream()
    for chunk in chunks[:early]:
        body.feed(chunk)
    watched = Watched(limit, budget, body)
    for chunk in chunks[early:]:
        body.feed(chunk)
        assert watched.budget.held <= min(limit, budget)
    assert watched.seen == []
    if breaks:
        body.fail(ConnectionResetError())
    else:
        body.end()
    whole = b"".join(chunks)
    ((content, size, why),) = watched.seen
    assert size == len(whole) and watched.budget.held == 0
    if len(whole) > min(limit, budget):
        assert content is None and why in ("too_large", "memory")
    else:
        assert (content, why) == ((None, "error") if breaks else (whole, ""))


async def test_the_reader_gets_every_byte_whatever_the_tee_does() -> None:
    watched = Watched(limit=1)
    watched.body.feed(b"abc")
    watched.body.end()
    assert await watched.body.next() == b"abc" and watched.seen == [(None, 3, "too_large")]


def test_a_body_that_has_ended_already_is_seen_at_once() -> None:
    body = stream()
    body.feed(b"abc")
    body.end()
    watched = Watched(body=body)
    assert watched.seen == [(b"abc", 3, "")] and body.watcher is None


async def test_a_body_whose_beginning_was_read_by_somebody_else_is_not_taken_for_whole() -> None:
    body = stream()
    body.feed(b"ab")
    await body.next()
    watched = Watched(body=body)
    body.feed(b"c")
    body.end()
    assert watched.seen[0][0] is None and watched.seen[0][2] == "error"


def test_why_a_stream_broke_off_can_be_asked_while_it_is_watched() -> None:
    watched = Watched()
    assert watched.tee.error is None
    broken = ValueError("x")
    errors = []
    watched.tee._seen = lambda *said: errors.append(watched.tee.error)
    watched.body.fail(broken)
    assert errors == [broken] and watched.tee.error is None


@pytest.mark.parametrize(("size", "fits"), [(10, True), (11, False)])
def test_a_budget_gives_all_or_nothing(size: int, fits: bool) -> None:
    budget = Budget(10)
    assert budget.take(size) is fits and budget.held == size * fits
    budget.give(size * fits)
    assert budget.held == 0
