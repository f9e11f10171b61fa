"""One request that is being copied: what goes to the mirror, when, and in which order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.shadow.making import ask, request, shadow
from tests.shadow.test_tap import ELIGIBLE, HANDED, stream, tapped
from understudy.config.model import CompareRules
from understudy.errors import TooSlow
from understudy.shadow.frames import AnswerFrame, AskFrame, FailureFrame

PAIRS = [(b"X-A", b"1")]


def kinds(frames: list[Any]) -> list[Any]:
    return [type(frame) for frame in frames]


async def test_the_primarys_answer_follows_the_copy(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        exchange = t.begin().exchange
        exchange.answered(0, 200, PAIRS, b"yes", 0.25)
        exchange.answered(0, 500, PAIRS, b"again", 0.5)
        copy, answer = await t.box.until(2)
        assert isinstance(copy, AskFrame)
        assert answer == AnswerFrame(copy.id, 0, 200, PAIRS, b"yes", 3, 0.25)
        assert len(t.box.frames) == 2


async def test_the_primarys_failure_is_an_observation_too(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        t.begin().exchange.failed(0, TooSlow("late"), 1.5)
        _, failure = await t.box.until(2)
        assert isinstance(failure, FailureFrame) and (failure.kind, failure.text) == ("timeout", "late")


async def test_other_backends_are_nobodys_business(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        exchange = t.begin().exchange
        exchange.answered(7, 200, PAIRS, b"no", 0.1)
        exchange.failed(8, ValueError(), 0.1)
        assert exchange.streaming(9, 200, PAIRS, body := stream(), 0.1) is body
        exchange.answered(0, 200, PAIRS, b"yes", 0.1)
        assert [f.backend for f in (await t.box.until(2))[1:]] == [0]  # type: ignore[union-attr]


async def test_a_large_answer_goes_without_its_body(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow(max_body=3)) as t:
        t.begin().exchange.answered(0, 200, PAIRS, b"four", 0.1)
        answer = (await t.box.until(2))[1]
        assert isinstance(answer, AnswerFrame) and (answer.body, answer.size) == (None, 4)


async def test_without_comparison_nothing_is_reported(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow(compare=CompareRules(enabled=False))) as t:
        assert t.begin().exchange is None and t.counts == {ELIGIBLE: 1, HANDED: 1}


@pytest.mark.parametrize("how", ["answered", "failed", "streaming", "done"])
async def test_a_copy_that_starts_after_waits_for_the_end_whatever_it_is(tmp_path: Path, how: str) -> None:
    async with tapped(tmp_path, shadow(start="after")) as t:
        exchange = t.begin().exchange
        assert not exchange.settled and t.counts == {ELIGIBLE: 1}
        if how == "answered":
            exchange.answered(0, 200, PAIRS, b"x", 0.1)
        elif how == "failed":
            exchange.failed(0, TooSlow(), 0.1)
        elif how == "streaming":
            exchange.streaming(0, 200, PAIRS, body := stream(), 0.1)
            body.feed(b"x")
            assert t.counts == {ELIGIBLE: 1}
            body.end()
        else:
            exchange.done()
        assert exchange.settled and t.counts == {ELIGIBLE: 1, HANDED: 1}
        frames = await t.box.until(1 if how == "done" else 2)
        assert type(frames[0]) is AskFrame


async def test_answers_that_come_before_the_body_is_whole_wait_for_it(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        body = stream()
        exchange = t.begin(ask(body), request(body=body)).exchange
        body.feed(b"abc")
        exchange.answered(0, 200, PAIRS, b"early", 0.1)
        assert t.counts == {ELIGIBLE: 1}
        body.end()
        assert kinds(await t.box.until(2)) == [AskFrame, AnswerFrame]


async def test_a_body_that_breaks_off_takes_its_answers_with_it(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        body = stream()
        exchange = t.begin(ask(body), request(body=body)).exchange
        exchange.answered(0, 200, PAIRS, b"early", 0.1)
        body.fail(ConnectionResetError())
        exchange.answered(0, 200, PAIRS, b"late", 0.1)
        assert t.link.held == 0 and t.counts == {ELIGIBLE: 1, 'dropped_total{reason="body_incomplete"}': 1}


async def test_each_shadow_has_its_own_limit_for_streamed_bodies(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow("small", max_body=2), shadow("large", max_body=9)) as t:
        body = stream()
        t.begin(ask(body), request(body=body))
        body.feed(b"abc")
        body.end()
        (frame,) = await t.box.until(1)
        assert (frame.chosen, frame.body) == (0b10, b"abc")  # type: ignore[union-attr]
        assert 'skipped_total{shadow="small",reason="body_too_large"}' in t.counts


async def test_a_streamed_answer_passes_untouched_and_is_reported_at_its_end(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        exchange = t.begin().exchange
        body = stream()
        assert exchange.streaming(0, 200, PAIRS, body, 0.1) is body
        body.feed(b"ab")
        assert await body.next() == b"ab"
        body.feed(b"c")
        body.end()
        answer = (await t.box.until(2))[1]
        assert isinstance(answer, AnswerFrame) and answer.body == b"abc"


async def test_a_streamed_answer_that_breaks_off_is_a_failure(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        exchange = t.begin().exchange
        exchange.streaming(0, 200, PAIRS, body := stream(), 0.1)
        body.fail(ConnectionResetError("gone"))
        failure = (await t.box.until(2))[1]
        assert isinstance(failure, FailureFrame) and failure.kind == "reset"


async def test_mixed_starts_go_one_by_one(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow("with"), shadow("after", start="after")) as t:
        exchange = t.begin().exchange
        assert [f.chosen for f in await t.box.until(1)] == [0b01]  # type: ignore[union-attr]
        exchange.answered(0, 200, PAIRS, b"x", 0.1)
        frames = await t.box.until(3)
        assert [getattr(f, "chosen", None) for f in frames] == [0b01, 0b10, None]


async def test_memory_for_bodies_is_bounded(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        t.tap.budget.limit = 5
        bodies = [stream() for _ in range(2)]
        for body in bodies:
            t.begin(ask(body), request(body=body))
            body.feed(b"abc")
        for body in bodies:
            body.end()
        assert t.counts == {ELIGIBLE: 2, HANDED: 1, 'dropped_total{reason="body_memory"}': 1}
        assert t.tap.budget.held == 0


@pytest.mark.parametrize("deed", [
    lambda e: e.answered(0, 200, [object()], b"", 0.1), lambda e: e.streaming(0, 200, PAIRS, None, 0.1),
    lambda e: e.failed(0, Unspeakable(), 0.1),
])
async def test_what_goes_wrong_here_stays_here(tmp_path: Path, deed: Any) -> None:
    async with tapped(tmp_path) as t:
        deed(t.begin().exchange)
        assert len(t.bugs) == 1 and t.counts == {ELIGIBLE: 1, HANDED: 1}


class Unspeakable(Exception):
    """An error that raises another one when it is asked what it is."""

    def __str__(self) -> str:
        raise ValueError("no words")
