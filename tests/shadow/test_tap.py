"""What the tap hands over, and what it counts when it does not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.shadow.making import Mailbox, ask, board, counts, request, service, shadow
from understudy.config.model import Breaker, ProcessOptions, Service
from understudy.http.stream import Stream
from understudy.http.values import HeaderBlock, Response
from understudy.shadow import taps
from understudy.shadow.frames import AnswerFrame, AskFrame
from understudy.shadow.link import Link
from understudy.shadow.tap import Tap
from understudy.shadow.taps import Taps
from understudy.shadow.valve import BROKEN, FULL, Valves
from understudy.telemetry.counters import Board


class Tapped:
    """A worker's taps with a link to a mailbox."""

    def __init__(self, of: Service, box: Mailbox, link: Link) -> None:
        self.board: Board = board("worker", of)
        self.valves = Valves(of)
        self.box = box
        self.link = link
        self.bugs: list[BaseException] = []
        self.taps: Taps = taps.build(of, self.board, link, self.valves, report_bug=self.bugs.append)
        self.tap: Tap = self.taps.by_endpoint[0]

    def begin(self, asked: Any = None, of: Any = None) -> Any:
        asked = asked or ask()
        self.tap.begin(asked, of or request())
        return asked

    @property
    def counts(self) -> dict[str, int]:
        """Without the shadow's name, which is s."""
        return {k.replace('{shadow="s",', "{"): n for k, n in counts(self.board).items()}


@asynccontextmanager
async def tapped(folder: Path, *shadows: Any, tell: bool = False, mirror: bool = True,
                 **keys: Any) -> AsyncIterator[Tapped]:
    from msgspec.structs import replace

    of = replace(service(*shadows), process=ProcessOptions(explain_header=tell, **keys))
    async with Mailbox(folder) as box:
        link = Link(box.path, limit=of.process.link_bytes)
        if mirror:
            link.start()
            await box.greeted()
        yield Tapped(of, box, link)
        link.stop()


ELIGIBLE, HANDED = 'copies_total{outcome="eligible"}', 'copies_total{outcome="handed"}'


async def test_a_request_is_handed_over_as_the_endpoint_forwards_it(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow(amplify=3)) as t:
        asked = t.begin(ask(b"body", method="POST", path="/e/ü", params={"Id": "7"}, query=[("a", "b")],
                            headers=[(b"X-A", b"1")], started=5.0, chunked=True))
        (frame,) = await t.box.until(1)
        assert frame == AskFrame(asked.id, 0, 1, 5.0, "POST", "/e/ü", {"Id": "7"}, [("a", "b")], b"X-A: 1\r\n",
                                 b"body", True)
        assert t.counts == {ELIGIBLE: 3, HANDED: 3} and asked.exchange is not None and not t.bugs


@pytest.mark.parametrize(("given", "reason"), [
    ({"X_Understudy_Shadow": "1"}, "loop"), ({"of": {"upgrade": b"websocket"}}, "upgrade"),
    ({"of": {"http2": True}, "Content_Type": "application/grpc+proto"}, "grpc"),
])
async def test_what_is_never_copied_is_counted_for_every_shadow(tmp_path: Path, given: dict[str, Any],
                                                                reason: str) -> None:
    async with tapped(tmp_path, shadow("a"), shadow("b", mark="X-Mine")) as t:
        t.tap._passes = True
        of = request(**{k: v for k, v in given.items() if k != "of"})
        for key, value in given.get("of", {}).items():
            setattr(of, key, value)
        assert t.begin(of=of).exchange is None
        found = counts(t.board)
        assert found[f'skipped_total{{shadow="a",reason="{reason}"}}'] == 1
        assert found[f'skipped_total{{shadow="b",reason="{reason}"}}'] == 1 and len(found) == 4


async def test_the_mark_of_any_shadow_means_a_copy(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow("a"), shadow("b", mark="x-mine")) as t:
        t.begin(of=request(x_mine="1"))
        assert counts(t.board)['skipped_total{shadow="a",reason="loop"}'] == 1


@pytest.mark.parametrize(("byte", "reason"), [(FULL, "max_in_flight"), (BROKEN, "breaker")])
@pytest.mark.parametrize("repeated", [False, True])
async def test_a_shut_valve_drops_at_once(tmp_path: Path, byte: int, reason: str, repeated: bool) -> None:
    """Also on the shortest way, when the same headers come again."""
    async with tapped(tmp_path) as t:
        t.valves.cells[0] = byte
        of = request()
        of.derived = {} if repeated else None
        for _ in range(3):
            t.begin(of=of)
        assert t.counts == {ELIGIBLE: 3, f'dropped_total{{reason="{reason}"}}': 3}


@pytest.mark.parametrize("mirror", [True, False])
async def test_a_link_that_takes_nothing_is_a_counted_drop(tmp_path: Path, mirror: bool) -> None:
    async with tapped(tmp_path, mirror=mirror, link_bytes=600 if mirror else 1 << 20) as t:
        asked = t.begin(ask(b"x" * 2000))
        assert asked.exchange is None
        assert t.counts == {ELIGIBLE: 1, f'dropped_total{{reason="{"link_full" if mirror else "no_mirror"}"}}': 1}


async def test_whatever_goes_wrong_is_a_counted_drop_and_reported(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow("a", percent=0), shadow("b"), shadow("c")) as t:
        asked = t.begin(ask(headers=[(b"X",)]))
        assert asked.exchange is None and len(t.bugs) == 1
        found = counts(t.board)
        assert found['skipped_total{shadow="a",reason="percent"}'] == 1
        assert found['dropped_total{shadow="b",reason="internal"}'] == 1
        assert found['dropped_total{shadow="c",reason="internal"}'] == 1 and len(found) == 6


async def test_each_shadow_is_chosen_for_itself(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow("a", percent=50), shadow("b", max_body=2), shadow("c")) as t:
        for _ in range(2):
            t.begin(ask(b"abc"))
        frames = await t.box.until(2)
        assert [f.chosen for f in frames] == [0b100, 0b101]  # type: ignore[union-attr]
        assert counts(t.board)['skipped_total{shadow="b",reason="body_too_large"}'] == 2


def stream() -> Stream:
    return Stream(lambda: None, lambda: None)


@pytest.mark.parametrize(("size", "declared", "outcome"), [
    (8, None, None), (9, None, "skipped_total{reason=\"body_too_large\"}"),
    (9, "9", "skipped_total{reason=\"body_too_large\"}"),
])
async def test_a_streamed_body_is_copied_when_it_is_whole_and_small(tmp_path: Path, size: int, declared: str | None,
                                                                     outcome: str | None) -> None:
    async with tapped(tmp_path, shadow(max_body=8)) as t:
        body = stream()
        headers = {"content_length": declared} if declared else {}
        t.begin(ask(body), request(body=body, **headers))
        assert t.counts.get(HANDED) is None
        body.feed(b"x" * size)
        body.end()
        if outcome:
            assert t.counts == {ELIGIBLE: 1, outcome: 1}
        else:
            (frame,) = await t.box.until(1)
            assert frame.body == b"x" * size  # type: ignore[union-attr]


async def test_an_upload_that_breaks_off_is_no_copy(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        body = stream()
        t.begin(ask(body), request(body=body))
        body.feed(b"half")
        body.fail(ConnectionResetError())
        assert t.counts == {ELIGIBLE: 1, 'dropped_total{reason="body_incomplete"}': 1}


async def test_a_copy_that_waits_for_an_answer_that_never_comes_goes_when_the_deadline_is_over(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow(start="after")) as t:
        t.begin(ask(deadline=50.0))
        t.taps.tick(49.0)
        assert t.counts == {ELIGIBLE: 1}
        t.taps.tick(51.0)
        assert t.counts == {ELIGIBLE: 1, HANDED: 1}
        t.taps.tick(52.0)
        assert not t.tap._waiting


async def test_the_client_is_told_where_that_is_wanted(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow("a"), shadow("b", percent=0), tell=True) as t:
        asked = t.begin()
        answer = Response(200, HeaderBlock([(b"X-A", b"1")], dated=True), b"x")
        told = t.tap.answering(asked, answer)
        said = b"id=%016x, a=copied, b=percent" % asked.id
        assert told.block.pairs == ((b"X-A", b"1"), (b"X-Understudy-Copies", said))
        assert told.block.dated and told.body == b"x" and answer.block.pairs == ((b"X-A", b"1"),)
        assert [d.outcome for d in t.taps.explain(f"{asked.id:x}")] == ["copied", "percent"]


async def test_nobody_is_told_by_default_and_copies_are_remembered_all_the_same(tmp_path: Path) -> None:
    async with tapped(tmp_path) as t:
        asked = t.begin()
        answer = Response(200)
        assert not t.tap.sees_answers and t.tap.answering(asked, answer) is answer
        assert [d.outcome for d in t.taps.explain(f"{asked.id:x}")] == ["copied"]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_shadow_of_the_endpoint_itself_gets_the_answer_to_the_client(tmp_path: Path, streamed: bool) -> None:
    async with tapped(tmp_path, shadow(of="response", start="after")) as t:
        assert t.tap.sees_answers
        asked = t.begin(ask(started=time.monotonic()))
        assert t.counts == {ELIGIBLE: 1}
        body = stream()
        answer = Response(201, HeaderBlock([(b"X-A", b"1")]), body if streamed else b"abc")
        assert t.tap.answering(asked, answer) is answer
        body.feed(b"abc")
        body.end()
        copy, observed = await t.box.until(2)
        assert isinstance(copy, AskFrame) and isinstance(observed, AnswerFrame)
        assert (observed.backend, observed.status, observed.body) == (-1, 201, b"abc")


async def test_an_answer_that_cannot_be_observed_goes_out_all_the_same(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow(of="response"), tell=True) as t:
        asked, answer = t.begin(), Response(200)
        asked.notes = {"copies": 5}
        answer.block = None  # type: ignore[assignment]
        assert t.tap.answering(asked, answer) is answer and t.bugs


async def test_even_a_report_that_fails_reaches_nobody(tmp_path: Path) -> None:
    async with tapped(tmp_path, shadow(breaker=Breaker())) as t:
        t.tap._report_bug = lambda error: 1 / 0
        t.begin(ask(headers=[(b"X",)]))
        assert t.counts['dropped_total{reason="internal"}'] == 1
        await asyncio.sleep(0)
