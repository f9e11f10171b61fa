"""Copies and primaries' answers become exchanges, within bounds, and each answer is counted once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.shadow.making import shadow
from tests.shadow.mirroring import Mirroring, mirroring
from understudy.config.model import CompareRules
from understudy.exchange import Answer, Exchange, Failure
from understudy.shadow import pairing
from understudy.shadow.frames import AnswerFrame, FailureFrame
from understudy.testing import faults
from understudy.testing.backend import Backend, reply

NO_RESAMPLE = CompareRules(resample=0.0)


class Bench:
    """A judge that keeps what it is shown."""

    def __init__(self) -> None:
        self.seen: list[tuple[Exchange, float]] = []
        self.fails = False

    def judge(self, exchange: Exchange, share: float) -> None:
        if self.fails:
            raise RuntimeError("no law for this")
        self.seen.append((exchange, share))


def answered(m: Mirroring, id: int, body: bytes | None = b"old", status: int = 200) -> None:
    """The primary's answer to an exchange."""
    m.say(AnswerFrame(id, 0, status, [(b"Set-Cookie", b"s=1"), (b"X-B", b"2")], body, len(body or b""), 0.01))


async def test_a_pair_is_judged_and_its_answer_counted(tmp_path: Path) -> None:
    bench = Bench()
    async with Backend(reply(b"new", 201)) as backend:
        async with mirroring(tmp_path, backend.url, shadow(compare=NO_RESAMPLE), judge=bench) as m:
            m.say(frame := m.frame(body=b"asked", wire=b"X-A: 1\r\nAuthorization: secret\r\n"))
            answered(m, frame.id)
            await m.until("compared")
            assert m.counts == {"received": 1, "sent": 1, "answered": 1, "compared": 1}
            assert m.mirror.budget.held == 0
    ((exchange, share),) = bench.seen
    assert (exchange.id, exchange.endpoint, exchange.shadow, share) == (frame.id, 0, "s", 0.0)
    assert exchange.ask.headers == [(b"X-A", b"1")] and exchange.ask.body == b"asked"
    assert exchange.primary == Answer(200, [(b"X-B", b"2")], b"old", 3, 0.01)
    assert isinstance(exchange.candidate, Answer)
    assert (exchange.candidate.status, exchange.candidate.body) == (201, b"new")
    assert exchange.control is None


async def test_failures_on_either_side_are_judged_too(tmp_path: Path) -> None:
    bench = Bench()
    async with Backend(faults.reset) as backend:
        async with mirroring(tmp_path, backend.url, shadow(compare=NO_RESAMPLE), judge=bench) as m:
            m.say(frame := m.frame())
            m.say(FailureFrame(frame.id, 0, "timeout", "too slow", 1.0))
            await m.until("reset")
            async with asyncio.timeout(10):
                while not bench.seen:
                    await asyncio.sleep(0.005)
            assert m.counts == {"received": 1, "sent": 1, "reset": 1}
    exchange = bench.seen[0][0]
    assert exchange.primary == Failure("timeout", "too slow", 1.0)
    assert isinstance(exchange.candidate, Failure) and exchange.candidate.kind == "reset"


async def test_a_control_makes_a_triple_and_is_no_candidate(tmp_path: Path) -> None:
    bench = Bench()
    shadows = shadow("s"), shadow("c", role="control")
    async with Backend(reply(b"new")) as backend, mirroring(tmp_path, backend.url, *shadows, judge=bench) as m:
        m.say(frame := m.frame(chosen=0b11))
        answered(m, frame.id)
        await m.until("compared")
        await m.until("control")
        m.say(alone := m.frame(chosen=0b01))
        answered(m, alone.id)
        await m.until("no_control")
    ((exchange, share),) = bench.seen
    assert share == 1.0 and isinstance(exchange.control, Answer) and exchange.control.body == b"new"


@pytest.mark.parametrize(("keys", "reason"), [
    ({"of": None}, "not_configured"), ({"compare": CompareRules(enabled=False)}, "disabled"),
])
async def test_what_is_not_to_be_compared_is_counted_so(tmp_path: Path, keys: dict[str, object], reason: str) -> None:
    bench = Bench()
    async with Backend(reply(b"new")) as backend, mirroring(tmp_path, backend.url, shadow(**keys), judge=bench) as m:
        m.say(frame := m.frame())
        answered(m, frame.id)
        await m.until(reason)
        assert m.mirror.budget.held == 0
    assert not bench.seen


async def test_a_primary_that_is_never_heard_of_is_not_waited_for(tmp_path: Path) -> None:
    bench = Bench()
    async with Backend(reply(b"new")) as backend:
        async with mirroring(tmp_path, backend.url, shadow(compare=NO_RESAMPLE), judge=bench) as m:
            m.say(m.frame())
            await m.until("answered")
            m.mirror.tick(asyncio.get_running_loop().time() + 60)
            assert m.counts["no_primary"] == 1 and m.mirror.budget.held == 0


async def test_a_judge_that_fails_hurts_nobody(tmp_path: Path) -> None:
    bench = Bench()
    bench.fails = True
    async with Backend(reply(b"new")) as backend:
        async with mirroring(tmp_path, backend.url, shadow(compare=NO_RESAMPLE), judge=bench) as m:
            m.say(frame := m.frame())
            answered(m, frame.id)
            await m.until("internal")
            assert "no law for this" in m.lines[0][1]


async def test_what_waits_too_long_for_its_judge_is_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairing, "WAITING", 0)
    async with Backend(reply(b"new")) as backend:
        async with mirroring(tmp_path, backend.url, shadow(compare=NO_RESAMPLE), judge=Bench()) as m:
            m.say(frame := m.frame())
            answered(m, frame.id)
            await m.until("queue_full")
            assert m.mirror.budget.held == 0


async def test_a_primary_whose_body_finds_no_memory_is_not_compared(tmp_path: Path) -> None:
    bench = Bench()
    async with Backend(reply(b"")) as backend:
        async with mirroring(tmp_path, backend.url, shadow(compare=NO_RESAMPLE), judge=bench) as m:
            m.mirror.budget.limit = 100
            m.say(frame := m.frame())
            answered(m, frame.id, b"x" * 200)
            await m.until("memory")
    assert not bench.seen


async def test_what_waits_at_the_end_is_still_judged(tmp_path: Path) -> None:
    bench = Bench()
    shadows = shadow("s"), shadow("c", role="control")
    async with Backend(reply(b"new")) as backend, mirroring(tmp_path, backend.url, *shadows, judge=bench) as m:
        m.say(*(frames := [m.frame(chosen=0b11) for _ in range(50)]))
        for frame in frames:
            answered(m, frame.id)
        await m.until("received")
        await m.mirror.drain(5.0)
        totals = m.counts
    assert len(bench.seen) == totals["compared"] > 0
    assert totals["compared"] + totals.get("no_primary", 0) + totals.get("no_control", 0) == totals["answered"]
    assert totals["control"] == totals["answered"]
