"""A copy's answer is read within bounds and handed on once."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest

from tests.shadow.making import shadow
from tests.shadow.mirroring import mirroring
from understudy.exchange import Answer, Failure, Observation
from understudy.gateway.types import Ask
from understudy.shadow import copy as copies
from understudy.testing import faults
from understudy.testing.backend import Backend, Script, reply


async def test_an_answer_over_the_limit_is_read_and_thrown_away_and_one_without_end_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "READ_LIMIT", 1_000_000)
    large = shadow(max_body=10, timeout=10.0)
    async with Backend(reply(b"x" * 500_000)) as backend, mirroring(tmp_path, backend.url, large) as m:
        m.say(m.frame())
        await m.until("answered")
        backend.answer = faults.endless
        m.say(frame := m.frame())
        await m.explained(frame.id, "failed limit")
        assert m.mirror.budget.held == 0
        async with asyncio.timeout(10):
            while backend.open:
                await asyncio.sleep(0.005)


async def observed(folder: Path, script: Script, limit: int = 1000, timeout: float = 0.3,
                   memory: int = 1_000_000) -> tuple[Observation | None, int, bool]:
    """What one copy hands on, and the bytes that are held for it."""
    told: list[tuple[Observation | None, int, bool]] = []
    async with Backend(script) as backend, mirroring(folder, backend.url, shadow(max_body=limit)) as m:
        m.mirror.budget.limit = memory
        now = asyncio.get_running_loop().time()
        ask = Ask("GET", "/e", {}, [], [], b"", now + timeout, now, 7)
        assert m.lane.refusal(now, 0) is None
        target = m.mirror._targets[0][0]
        m.lane.send(target.part, ask, 0, "", None, lambda *what: told.append(what))
        async with asyncio.timeout(10):
            while not told:
                await asyncio.sleep(0.005)
        assert m.mirror.budget.held == told[0][1]
    assert len(told) == 1
    return told[0]


@pytest.mark.parametrize("size", [0, 1, 1000, 1001, 300_000])
@pytest.mark.parametrize("squeezed", [False, True])
async def test_an_answer_is_handed_on_with_its_body_as_far_as_that_may_be_kept(
    tmp_path: Path, size: int, squeezed: bool
) -> None:
    body = bytes(i % 251 for i in range(size))
    headers = [("Content-Encoding", "gzip")] if squeezed else []
    seen, held, starved = await observed(tmp_path, reply(gzip.compress(body) if squeezed else body, 201, headers))
    assert isinstance(seen, Answer) and not starved
    assert (seen.status, seen.size) == (201, size) and seen.seconds > 0
    assert (seen.body, held) == ((body, size) if size <= 1000 else (None, 0))


async def test_a_body_that_finds_no_memory_is_not_kept_and_says_so(tmp_path: Path) -> None:
    seen, held, starved = await observed(tmp_path, reply(b"x" * 900), memory=500)
    assert isinstance(seen, Answer) and seen.body is None and held == 0 and starved


@pytest.mark.parametrize(("script", "kind"), [(faults.reset, "reset"), (faults.hang, "timeout"), (faults.half, "cut")])
async def test_a_failure_of_the_shadow_is_an_observation(tmp_path: Path, script: Script, kind: str) -> None:
    seen, held, _ = await observed(tmp_path, script)
    assert isinstance(seen, Failure) and seen.kind == kind and held == 0


async def test_what_we_cut_ourselves_says_nothing_about_the_shadow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "READ_LIMIT", 100_000)
    assert await observed(tmp_path, faults.endless, timeout=10.0) == (None, 0, False)
