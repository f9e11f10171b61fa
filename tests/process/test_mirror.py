"""The mirror as a process."""

from __future__ import annotations

import os
from pathlib import Path

from tests.process.test_supervisor import config
from understudy.process.mirror import step_back
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


def test_stepping_back_is_no_reason_to_fail() -> None:
    pid = os.fork()
    if pid == 0:
        step_back(0)
        step_back(100)
        os._exit(0 if Path("/proc/self").exists() and os.getpriority(os.PRIO_PROCESS, 0) == 19 else 1)
    assert os.waitpid(pid, 0)[1] == 0
