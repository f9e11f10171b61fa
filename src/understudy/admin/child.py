"""The admin child: the application behind uvicorn, on the listener that the supervisor opened."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from understudy.admin.app import make_app
from understudy.admin.guard import Guard
from understudy.process.duty import Duty
from understudy.process.household import Household, live


def main(duty: Duty) -> int:
    """The whole life of the admin child; its exit code."""
    return live(duty, _work)


class _Server(uvicorn.Server):
    """Ends when its lifeline says so, and by no signal."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Takes no signals."""
        yield


async def _work(house: Household) -> None:
    process = house.duty.service.process
    (listener,) = house.duty.listeners
    app = make_app(house.lifeline, Guard(process.admin_address, process.admin_token))
    server = _Server(uvicorn.Config(
        app, lifespan="off", ws="none", log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=1, proxy_headers=False,
    ))  # fmt: skip
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    house.lifeline.ready()
    await house.lifeline.drain
    server.should_exit = True
    await serving
