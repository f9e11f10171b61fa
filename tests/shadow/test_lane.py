"""What bounds the copies to one shadow, and where each is counted."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.shadow.making import shadow
from tests.shadow.mirroring import mirroring
from understudy.config.model import Breaker
from understudy.shadow.valve import BROKEN, FULL, OPEN
from understudy.testing import faults
from understudy.testing.backend import Backend, reply


async def test_any_status_is_an_answer(tmp_path: Path) -> None:
    async with Backend(reply(b"no", 503)) as backend, mirroring(tmp_path, backend.url) as m:
        m.say(frame := m.frame())
        await m.until("answered")
        assert m.counts == {"received": 1, "sent": 1, "answered": 1, "disabled": 1}
        assert sum(m.board.histograms()['understudy_shadow_seconds{shadow="s",side="candidate"}']) == 1
        await m.explained(frame.id, "answered 503")
        assert m.lane.in_flight == 0 and m.mirror.budget.held == 0


@pytest.mark.parametrize(("script", "kind"), [
    (faults.garbage, "garbage"), (faults.half, "cut"), (faults.reset, "reset"), (faults.close, "closed"),
    (faults.hang, "timeout"),
])
async def test_a_failure_is_counted_under_its_kind_and_said(tmp_path: Path, script: Any, kind: str) -> None:
    async with Backend(script) as backend, mirroring(tmp_path, backend.url, shadow(timeout=0.3)) as m:
        m.say(frame := m.frame())
        await m.explained(frame.id, f"failed {kind}")
        assert m.counts[kind] == 1 and m.lane.in_flight == 0 and m.mirror.budget.held == 0
        assert m.lines[0][0] == "s"
        assert re.match(rf"copy {frame.id:016x} failed after \d+\.\d{{3}} s: {kind}: \S", m.lines[0][1])


async def test_one_that_nobody_serves_is_refused(tmp_path: Path) -> None:
    async with Backend() as backend:
        url = backend.url
    async with mirroring(tmp_path, url) as m:
        m.say(m.frame())
        await m.until("refused")


async def test_no_more_than_so_many_at_once_and_the_workers_know(tmp_path: Path) -> None:
    async with Backend(faults.hang) as backend, mirroring(tmp_path, backend.url, shadow(max_in_flight=3)) as m:
        m.say(*(m.frame() for _ in range(10)))
        await m.until("max_in_flight", 7)
        assert m.counts["sent"] == 3 and m.lane.in_flight == 3 and m.valves.cells[0] == FULL
        await m.until("timeout", 3)
        assert m.valves.cells[0] == OPEN and backend.most_open <= 3


async def test_limits_change_while_copies_are_on_their_way(tmp_path: Path) -> None:
    async with Backend(faults.hang) as backend, mirroring(tmp_path, backend.url, shadow(max_in_flight=2)) as m:
        m.say(*(m.frame() for _ in range(2)))
        await m.until("sent", 2)
        assert m.valves.cells[0] == FULL
        m.mirror.set("s", {"max_in_flight": 3, "percent": 5.0})
        assert m.valves.cells[0] == OPEN
        m.say(m.frame())
        await m.until("sent", 3)
        m.mirror.set("s", {"max_in_flight": 1})
        m.mirror.set("nobody", {"max_in_flight": 1})
        assert m.valves.cells[0] == FULL
        m.say(m.frame())
        await m.until("max_in_flight")


async def test_the_rate_is_bounded_and_the_bound_can_be_changed_and_lifted(tmp_path: Path) -> None:
    async with Backend() as backend, mirroring(tmp_path, backend.url, shadow(max_rate=0.001)) as m:
        m.say(m.frame(), m.frame(), m.frame())
        await m.until("max_rate", 2)
        assert m.counts["sent"] == 1
        m.mirror.set("s", {"max_rate": 2.0})
        m.say(m.frame(), m.frame(), m.frame())
        await m.until("max_rate", 3)
        m.mirror.set("s", {"max_rate": None})
        m.say(*(m.frame() for _ in range(20)))
        await m.until("answered", 23)


@pytest.mark.parametrize(("mirrors", "part"), [(1, 7), (3, 2), (10, 1)])
async def test_each_of_several_mirrors_has_its_part_of_the_limits(tmp_path: Path, mirrors: int, part: int) -> None:
    async with mirroring(tmp_path, "http://127.0.0.1:9", shadow(max_in_flight=7), mirrors=mirrors) as m:
        assert m.lane.max_in_flight == part


async def test_bodies_on_their_way_are_bounded_in_bytes(tmp_path: Path) -> None:
    async with Backend(faults.hang) as backend, mirroring(tmp_path, backend.url) as m:
        m.mirror.budget.limit = 250
        m.say(*(m.frame(body=b"x" * 100, method="POST") for _ in range(3)))
        await m.until("memory")
        assert m.counts["sent"] == 2
        await m.until("timeout", 2)
        assert m.mirror.budget.held == 0


async def test_the_breaker_opens_probes_and_closes_and_everybody_is_told(tmp_path: Path) -> None:
    options = Breaker(failures=2, pause=0.1)
    async with Backend(faults.reset) as backend, mirroring(tmp_path, backend.url, shadow(breaker=options)) as m:
        m.say(m.frame(), m.frame())
        await m.until("reset", 2)
        assert m.changes == [("s", "open", "reset")] and m.valves.cells[0] == BROKEN
        assert m.board.values()['understudy_shadow_state{shadow="s",what="breaker"}'] == 1
        m.say(refused := m.frame())
        await m.explained(refused.id, "breaker")
        backend.answer = reply(b"fine")
        async with asyncio.timeout(10):
            while m.valves.cells[0] == BROKEN:
                await asyncio.sleep(0.005)
        m.say(m.frame(), m.frame())
        await m.until("answered")
        assert [state for _, state, _ in m.changes] == ["open", "probing", "closed"] and m.counts["breaker"] == 2
        assert m.valves.cells[0] == OPEN


async def test_a_probe_that_finds_no_memory_does_not_leave_the_breaker_waiting_for_it(tmp_path: Path) -> None:
    options = Breaker(failures=1, pause=0.02)
    async with Backend(faults.reset) as backend, mirroring(tmp_path, backend.url, shadow(breaker=options)) as m:
        m.say(m.frame())
        await m.until("reset")
        backend.answer = reply(b"fine")
        await asyncio.sleep(0.05)
        limit, m.mirror.budget.limit = m.mirror.budget.limit, 1
        m.say(m.frame())
        await m.until("memory")
        m.mirror.budget.limit = limit
        m.say(m.frame())
        await m.until("answered")
        assert m.changes[-1][1] == "closed"


async def test_cancelling_counts_and_frees_everything(tmp_path: Path) -> None:
    async with Backend(faults.hang) as backend, mirroring(tmp_path, backend.url, shadow(timeout=60.0)) as m:
        m.say(frame := m.frame(), m.frame())
        await m.until("sent", 2)
        await m.explained(frame.id, "in flight")
        m.lane.cancel()
        assert m.counts["draining"] == 2 and m.lane.in_flight == 0 and not m.lane.copies and m.lines == []
        await m.explained(frame.id, "failed draining")
