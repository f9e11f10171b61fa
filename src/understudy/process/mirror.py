"""A mirror: sends copies until it is told to drain."""

from __future__ import annotations

import asyncio

from understudy.process.duty import Duty
from understudy.process.household import Household, live


def main(duty: Duty) -> int:
    """The whole life of a mirror; its exit code."""
    return live(duty, _work)


async def _work(house: Household) -> None:
    (listener,) = house.duty.listeners
    accepting = await asyncio.get_running_loop().create_unix_server(asyncio.Protocol, sock=listener.dup())
    house.lifeline.ready()
    await house.lifeline.drain
    accepting.close()
