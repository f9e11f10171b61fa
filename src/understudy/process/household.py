"""What every child of the gateway sets up for itself: its loop, its log, its channel, its way to report a failure."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable

import uvloop

from understudy.process.boards import LINES_DROPPED
from understudy.process.duty import Duty
from understudy.process.lifeline import Lifeline, attach
from understudy.process.messages import Failed, frame
from understudy.telemetry.logs import Log, settings_of
from understudy.telemetry.sink import Sink

STDOUT = 1


class Household:
    """The surroundings of one child, inside its running loop."""

    def __init__(self, duty: Duty, lifeline: Lifeline) -> None:
        loop = asyncio.get_running_loop()
        self.duty = duty
        self.lifeline = lifeline
        self.sink = Sink(STDOUT, later=loop.call_later)
        self.log = Log(self.sink, settings_of(duty.service, debug=duty.debug), source=duty.name)
        loop.set_exception_handler(self._unhandled)

    def tick(self) -> None:
        """Once a second: what others read of this process."""
        board = self.duty.board
        board.cells[board.slot(LINES_DROPPED)] = self.sink.dropped

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        what = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else ""
        self.log.error(str(context.get("message", "something went wrong")), error=what or None)


def live(duty: Duty, work: Callable[[Household], Awaitable[None]], *, freeze: bool = True) -> int:
    """Runs a child's work on uvloop; its exit code. What it could not do is told to the supervisor in a sentence.

    The loop is not closed: the process ends anyway, and closing would wait for a name look-up that hangs.
    """
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    try:
        runner.run(_work(duty, work))
    except Exception as error:
        _say_why(duty.control, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
        return 1
    return 0


def tune_collector() -> None:
    """What stands now stays; from here on the collector looks seldom, for requests leave no cycles behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


async def _work(duty: Duty, work: Callable[[Household], Awaitable[None]]) -> None:
    # The channel's transport closes its socket; words for a failure need one of their own.
    house = Household(duty, await attach(duty.control.dup()))
    try:
        await work(house)
    finally:
        house.tick()
        house.sink.close()


def _say_why(control: socket.socket, why: str) -> None:
    try:
        control.setblocking(True)
        control.settimeout(1.0)
        control.sendall(frame(Failed(why)))
    except OSError:
        return
