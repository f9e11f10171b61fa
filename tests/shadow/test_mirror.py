"""Frames in, copies out."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.shadow.making import counts, shadow
from tests.shadow.mirroring import mirroring
from understudy.shadow.frames import AnswerFrame, FailureFrame, Frame, HelloFrame
from understudy.testing import faults
from understudy.testing.backend import Backend, reply


async def test_a_copy_is_what_the_endpoint_forwards_with_the_shadows_own_changes(tmp_path: Path) -> None:
    changed = shadow(host_header="v2.example", set_headers=(("X-Dry-Run", "1"),), remove_headers=("X-A",))
    async with Backend() as backend, mirroring(tmp_path, backend.url, changed) as m:
        m.say(frame := m.frame(wire=b"X-A: 1\r\nX-B: 2\r\n", query=[("q", "a b")]))
        (seen,) = await backend.wait_for(1)
        assert (seen.method, seen.target, seen.header("host")) == ("GET", "/s?q=a+b", "v2.example")
        assert (seen.header("x-a"), seen.header("x-b"), seen.header("x-dry-run")) == (None, "2", "1")
        assert seen.header("x-understudy-shadow") == f"{frame.id:016x}"
        await m.until("answered")


async def test_amplified_copies_are_counted_each(tmp_path: Path) -> None:
    async with Backend() as backend, mirroring(tmp_path, backend.url, shadow(amplify=10)) as m:
        m.say(frame := m.frame())
        await m.until("answered", 10)
        assert m.counts == {"received": 10, "sent": 10, "answered": 10, "disabled": 1, "amplified": 9}
        await m.explained(frame.id, *["answered 200"] * 10)
        assert len(backend.seen) == 10


async def test_only_the_chosen_shadows_get_a_copy(tmp_path: Path) -> None:
    async with Backend() as backend, mirroring(tmp_path, backend.url, shadow("a"), shadow("b"), shadow("c")) as m:
        m.say(m.frame(0b101))
        await backend.wait_for(2)
        received = {name for name in counts(m.board) if "received" in name}
        assert {name.split('"')[1] for name in received} == {"a", "c"}


async def test_connections_are_used_again(tmp_path: Path) -> None:
    async with Backend() as backend, mirroring(tmp_path, backend.url) as m:
        for n in range(1, 21):
            m.say(m.frame())
            await m.until("answered", n)
        assert backend.connections == 1


@pytest.mark.parametrize("frame", [
    HelloFrame(1, 4, 1), HelloFrame(9, 3, 1), {"endpoint": 5}, {"chosen": 0b10},
])
async def test_a_worker_of_another_time_is_cut_off_and_others_are_served(tmp_path: Path, frame: Any) -> None:
    async with Backend() as backend, mirroring(tmp_path, backend.url) as m:
        bad: Frame = m.frame(**frame) if isinstance(frame, dict) else frame
        m.say(bad)
        async with asyncio.timeout(10):
            while m.mirror.links:
                await asyncio.sleep(0.005)
        assert "a worker's connection is given up" in m.lines[0][1] and m.counts == {}
        await m.connect()
        m.say(m.frame())
        await m.until("answered")


async def test_what_came_over_a_connection_is_settled_when_it_ends(tmp_path: Path) -> None:
    async with Backend() as backend, mirroring(tmp_path, backend.url, shadow(amplify=2)) as m:
        m.say(m.frame(), m.frame())
        m.hang_up()
        await m.until("settled_by_mirror", 4)
        assert m.counts["received"] == 4
        await m.until("answered", 4)


async def test_copies_that_come_too_late_are_dropped(tmp_path: Path) -> None:
    """The user has long got an answer: what the shadow would say now is about another moment."""
    async with Backend() as backend, mirroring(tmp_path, backend.url) as m:
        m.say(frame := m.frame(at=time.monotonic() - 2.5))
        await m.explained(frame.id, "late")
        assert m.counts == {"received": 1, "late": 1} and backend.seen == []


@pytest.mark.parametrize("failed", [False, True])
async def test_the_primarys_time_is_observed_once_and_only_for_whom_it_concerns(tmp_path: Path, failed: bool) -> None:
    async with Backend() as backend, mirroring(tmp_path, backend.url, shadow("a"), shadow("b", of="response")) as m:
        frame = m.frame(0b11)
        reports: list[Frame] = [
            FailureFrame(frame.id, 0, "reset", "", 0.5) if failed else AnswerFrame(frame.id, 0, 200, [], b"", 0, 0.5)
        ]
        m.say(frame, *reports * 2, AnswerFrame(999, 0, 200, [], b"", 0, 0.5))
        await backend.wait_for(2)
        observed = {name: sum(n) for name, n in m.board.histograms().items() if "primary" in name}
        assert list(observed.values()) == [1, 0]


async def test_exchanges_whose_answer_never_comes_are_forgotten(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("understudy.shadow.mirror.REMEMBERED", 5)
    async with Backend() as backend, mirroring(tmp_path, backend.url) as m:
        m.say(*(m.frame() for _ in range(20)))
        await m.until("received", 20)
        assert len(m.mirror._open) <= 5


async def test_draining_finishes_what_is_under_way_and_drops_what_comes(tmp_path: Path) -> None:
    release = asyncio.Event()

    async def slow(seen: Any, reader: Any, writer: asyncio.StreamWriter) -> bool:
        await release.wait()
        writer.write(reply(b"late"))
        return True

    async with Backend(slow) as backend, mirroring(tmp_path, backend.url, shadow(timeout=10.0)) as m:
        m.say(m.frame())
        await backend.wait_for(1)
        draining = asyncio.create_task(m.mirror.drain(None))
        await asyncio.sleep(0)
        m.say(frame := m.frame())
        await m.explained(frame.id, "draining")
        assert not draining.done()
        release.set()
        await draining
        assert m.counts["answered"] == 1


async def test_draining_cuts_what_takes_too_long(tmp_path: Path) -> None:
    async with Backend(faults.hang) as backend, mirroring(tmp_path, backend.url, shadow(timeout=60.0)) as m:
        m.say(m.frame())
        await m.until("sent")
        await m.mirror.drain(0.05)
        assert m.counts["draining"] == 1 and m.lane.in_flight == 0


async def test_shadows_of_a_sequence_use_what_earlier_ones_answered(tmp_path: Path) -> None:
    patterns = ("/first", "/second/{resp0_id}")
    async with Backend(lambda seen: reply({"id": 7})) as backend:
        async with mirroring(tmp_path, backend.url, shadow("a"), shadow("b", amplify=2), sequential=True,
                             patterns=patterns) as m:
            m.say(m.frame(0b11))
            seen = await backend.wait_for(3)
            assert [s.target for s in seen] == ["/first", "/second/7", "/second/7"]
            assert counts(m.board)['copies_total{shadow="b",outcome="sent"}'] == 2


async def test_when_a_sequence_breaks_those_behind_are_dropped_and_counted(tmp_path: Path) -> None:
    async with Backend(faults.reset) as backend:
        async with mirroring(tmp_path, backend.url, shadow("a"), shadow("b", amplify=2), sequential=True) as m:
            m.say(frame := m.frame(0b11))
            await m.until("sequence", 2)
            assert [(d.shadow, d.outcome) for d in m.mirror.explain(f"{frame.id:x}")][-1] == ("b", "sequence")
            assert len(backend.seen) == 1


async def test_what_is_no_id_is_explained_by_nothing(tmp_path: Path) -> None:
    async with mirroring(tmp_path, "http://127.0.0.1:9") as m:
        assert m.mirror.explain("no id") == [] and m.mirror.explain("0") == []
