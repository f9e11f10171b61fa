"""The mirror as a process."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.process.load import Load
from tests.process.test_supervisor import OK, _gone, config, until
from understudy.process.mirror import step_back
from understudy.testing.backend import Backend
from understudy.testing.gateway import RunningGateway


async def test_it_runs_at_the_priority_that_the_configuration_says() -> None:
    """And its workers do not."""
    settings = config("http://127.0.0.1:9999", shadow="http://127.0.0.1:9998", mirror_nice=7)
    async with RunningGateway(settings) as gateway:
        own = os.getpriority(os.PRIO_PROCESS, 0)
        mirror, worker = gateway.child("mirror"), gateway.child("worker")
        assert os.getpriority(os.PRIO_PROCESS, mirror) == min(19, own + 7)
        assert os.getpriority(os.PRIO_PROCESS, worker) == own
        assert os.sched_getscheduler(mirror) == os.SCHED_BATCH


async def test_a_mirror_that_is_killed_again_and_again_costs_no_user_anything() -> None:
    """And every copy is in the account afterwards: answered, or lost with its mirror."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url, shadow=backend.url, workers=2)) as gateway:
        async with Load(gateway.port) as load:
            for _ in range(3):
                await load.more(100)
                mirror = gateway.child("mirror")
                os.kill(mirror, signal.SIGKILL)
                await until(lambda old=mirror: _has_another(gateway, "mirror", old))
            await load.more(100)
        assert load.failures == []
        (account,) = (await gateway.shadows_at_rest()).values()
        assert account["problems"] == []
        assert account["eligible"] >= load.answers and account["answered"] > 0


async def _has_another(gateway: RunningGateway, kind: str, old: int) -> bool:
    return any(kind in name and pid != old for pid, name in gateway.children().items())


async def test_a_reload_sends_every_copy_of_the_old_configuration_too() -> None:
    """The old mirror ends after the old workers, and only when it has sent what it has."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url, shadow=backend.url)) as gateway:
        async with Load(gateway.port) as load:
            for _ in range(2):
                await load.more(100)
                old = gateway.children()
                gateway.reload()
                await until(lambda old=old: _gone(gateway, old, "mirror"))
        assert load.failures == []
        (account,) = (await gateway.shadows_at_rest()).values()
        assert account["problems"] == [] and "lost" not in {**account["dropped"], **account["failed"]}
        assert account["eligible"] == account["answered"] + sum(account["dropped"].values())


def test_stepping_back_is_no_reason_to_fail() -> None:
    pid = os.fork()
    if pid == 0:
        step_back(0)
        step_back(100)
        os._exit(0 if Path("/proc/self").exists() and os.getpriority(os.PRIO_PROCESS, 0) == 19 else 1)
    assert os.waitpid(pid, 0)[1] == 0
