"""What every child sets up, in real children."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

import pytest

from understudy.config.model import Service
from understudy.process.boards import board_for
from understudy.process.duty import Duty
from understudy.process.household import Household, live
from understudy.process.messages import Drain, Failed, Frames, Message, Ready, frame


def run(work: Callable[[Household], Awaitable[None]], *orders: Message) -> tuple[int, list[Message]]:
    """A forked child that does this work: its exit code and what it said."""
    ours, theirs = socket.socketpair()
    duty = Duty(kind="admin", index=0, name="admin", service=Service(), board=board_for("admin", Service()),
                control=theirs)
    for order in orders:
        ours.sendall(frame(order))
    pid = os.fork()
    if pid == 0:
        ours.close()
        os._exit(live(duty, work))
    theirs.close()
    said = b""
    while piece := ours.recv(65536):
        said += piece
    ours.close()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), Frames().feed(said)


def test_a_child_works_until_it_is_told_to_drain() -> None:
    async def work(house: Household) -> None:
        house.lifeline.ready()
        order = await house.lifeline.drain
        house.lifeline.happened("order", str(order.limit))
        await asyncio.sleep(0)

    code, said = run(work, Drain(2.5))
    assert code == 0 and said[0] == Ready() and getattr(said[1], "text", "") == "2.5"


def test_why_it_cannot_start_is_said_in_a_sentence() -> None:
    async def work(house: Household) -> None:
        raise OSError("no such key")

    assert run(work) == (1, [Failed("OSError: no such key")])


def test_the_log_is_written_before_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    async def work(house: Household) -> None:
        house.log.info("the last word")

    assert run(work)[0] == 0
    assert "[admin] the last word" in capfd.readouterr().out


def test_an_error_that_nobody_took_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    async def work(house: Household) -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)

    assert run(work)[0] == 0
    assert "ERROR: [admin]" in (said := capfd.readouterr().out) and "ZeroDivisionError" in said
