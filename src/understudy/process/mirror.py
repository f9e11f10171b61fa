"""A mirror: sends copies until it is told to drain. It steps back for everybody else on the machine."""

from __future__ import annotations

import asyncio
import os

from understudy.process.duty import Duty
from understudy.process.household import Household, live
from understudy.process.listeners import BACKLOG


def main(duty: Duty) -> int:
    """The whole life of a mirror; its exit code."""
    step_back(duty.service.process.mirror_nice)
    return live(duty, _work)


def step_back(nice: int) -> None:
    """Lower priority, and longer turns instead of quick wake-ups, where the system has such a thing."""
    try:
        if nice:
            os.nice(nice)
        if hasattr(os, "SCHED_BATCH"):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    except OSError:
        return


async def _work(house: Household) -> None:
    (listener,) = house.duty.listeners
    accepting = await asyncio.get_running_loop().create_unix_server(
        asyncio.Protocol, sock=listener.dup(), backlog=BACKLOG
    )
    house.lifeline.ready()
    await house.lifeline.drain
    accepting.close()
