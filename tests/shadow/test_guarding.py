"""The guards of a worker, fed with its own counters; and once as a whole, with a primary that becomes slow."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.process.load import Load
from tests.process.test_supervisor import config, until
from tests.shadow.making import board, service, shadow
from understudy.config.model import Guard, Service
from understudy.gateway.meters import EndpointMeters
from understudy.shadow import taps
from understudy.shadow.accounting import FULL, state
from understudy.shadow.guarding import Guarding
from understudy.shadow.link import Link
from understudy.shadow.valve import Valves
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.gateway import RunningGateway


class Worker:
    """Taps, counters and guards of one worker; ``said`` is what the guards told."""

    def __init__(self, of: Service, folder: Path) -> None:
        self.board = board("worker", of)
        self.taps = taps.build(of, self.board, Link(str(folder / "none")), Valves(of))
        self.meters = EndpointMeters(self.board, of.endpoints[0])
        self.said: list[tuple[list[str], int, str]] = []
        self.now = 10.0
        self.guarding = Guarding(
            self.taps.by_endpoint.values(), self.board, lambda *change: self.said.append(change), self.now
        )

    def pass_time(self, seconds: float, latency: float = 0.01, status: int = 200, rate: int = 100) -> None:
        """Requests are answered for so long, at ``rate`` a second."""
        for _ in range(int(seconds * 4)):
            for _ in range(rate // 4):
                self.meters.count(status, latency)
            self.now += 0.25
            self.guarding.tick(self.now, 0.0)


async def test_slow_answers_throttle_every_guarded_shadow_of_the_endpoint_and_show(tmp_path: Path) -> None:
    of = service(shadow("a"), shadow("b"), shadow("free", guard=Guard(enabled=False)))
    worker = Worker(of, tmp_path)
    worker.pass_time(3.0)
    worker.pass_time(1.25, 0.02)
    assert [(names, share) for names, share, _ in worker.said] == [(["a", "b"], FULL // 2)]
    assert "half of the copies to a, b through (answers take 2.0 times" in worker.said[0][2]
    seats = worker.taps.seats
    assert [seats[name].policy.throttle for name in ("a", "b", "free")] == [FULL // 2, FULL // 2, FULL]
    assert worker.board.values()[state("a", "guard")] == FULL // 2
    worker.pass_time(6.0)
    assert worker.said[-1][1] == FULL and worker.board.values()[state("a", "guard")] == 0


async def test_server_errors_count_and_other_statuses_do_not(tmp_path: Path) -> None:
    worker = Worker(service(), tmp_path)
    worker.pass_time(3.0)
    worker.pass_time(2.0, status=404)
    assert worker.said == []
    worker.pass_time(1.25, status=500)
    assert "of the requests fail" in worker.said[0][2]


async def test_few_requests_say_nothing_until_there_are_enough(tmp_path: Path) -> None:
    worker = Worker(service(), tmp_path)
    worker.pass_time(20.0, rate=4)
    worker.pass_time(8.0, 10.0, rate=4)
    assert worker.said == []
    worker.pass_time(6.0, 10.0, rate=4)
    assert len(worker.said) == 1


async def test_a_paused_shadow_is_held_against_nothing(tmp_path: Path) -> None:
    worker = Worker(service(), tmp_path)
    worker.pass_time(3.0)
    worker.taps.set("s", paused=True)
    worker.pass_time(3.0, 0.05)
    assert worker.said == []


async def test_many_shadows_that_change_at_once_are_one_event(tmp_path: Path) -> None:
    worker = Worker(service(*(shadow(f"s{i}") for i in range(5))), tmp_path)
    worker.guarding.tick(11.0, 0.2)
    worker.guarding.tick(11.25, 0.2)
    ((names, share, text),) = worker.said
    assert len(names) == 5 and share == FULL // 2 and "to s0, s1, s2 and 2 more through (the event loop" in text


@pytest.mark.parametrize("enabled", [True, False])
async def test_without_a_guarded_shadow_there_is_nothing_to_do(tmp_path: Path, enabled: bool) -> None:
    assert Worker(service(shadow(guard=Guard(enabled=enabled))), tmp_path).guarding.needed is enabled


async def test_a_primary_that_becomes_slow_is_relieved_of_copies_and_everybody_can_see_it() -> None:
    delay = 0.005

    async def primary(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(delay)
        writer.write(reply({"ok": True}))
        return True

    async with Backend(primary) as backend, Backend() as other:
        settings = config(backend.url, shadow=other.url)
        extra = settings["endpoints"][0]["backend"][1]["extra_config"]
        extra["understudy/shadow"] = {"name": "s", "guard": {"latency_ratio": 4, "lag": "60s", "pause": "1s"}}
        async with RunningGateway(settings) as gateway, Load(gateway.port, users=4) as load:
            await load.more(600)
            delay = 0.2

            async def stepped() -> object:
                found = [e for e in await gateway.admin_get("/api/events") if e["kind"] == "guard"]
                return found[0] if found else None

            event = await until(stepped)
            assert event["fields"]["shadow"] == "s" and event["fields"]["share"] == 0.5
            assert "half of the copies to s through (answers take" in event["text"]
            delay = 0.005

            async def back() -> bool:
                return (await gateway.shadows())["s"]["guard"] == 1.0

            await until(back)
            account = (await gateway.shadows())["s"]
            assert account["skipped"]["guard"] > 0 and account["problems"] == []
            assert 'understudy_shadow_guard_share{shadow="s"} 1.0' in await gateway.admin_get("/metrics")
            assert load.failures == []
