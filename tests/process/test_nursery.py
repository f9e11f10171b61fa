"""Real children of a stand-in kind."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterable

import pytest

from understudy.config.model import Service
from understudy.process.boards import board_for
from understudy.process.duty import Duty
from understudy.process.loop import Loop
from understudy.process.messages import Failed, Message, Ready, frame
from understudy.process.nursery import Child, Nursery, how_it_ended
from understudy.process.slots import Slot


class Parent:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.ends: list[tuple[Child, str]] = []
        self.open: list[socket.socket] = []

    def heard(self, child: Child, message: Message) -> None:
        self.said.append(message)

    def ended(self, child: Child, status: int) -> None:
        self.ends.append((child, how_it_ended(status)))

    def sockets(self) -> Iterable[socket.socket]:
        return self.open


def run(main: Callable[[Duty], int], *listeners: socket.socket, others: Iterable[socket.socket] = ()) -> Parent:
    """One child, from its fork to its end."""
    parent, loop = Parent(), Loop()
    parent.open = [*listeners, *others]
    nursery = Nursery(loop, {"worker": main}, parent)
    board = board_for("admin", Service())

    def duty(control: socket.socket) -> Duty:
        return Duty(kind="worker", index=0, name="worker 0", service=Service(), board=board, control=control,
                    listeners=listeners)

    child = nursery.fork(Slot("worker", 0), None, board, duty)
    assert nursery.child_in(child.slot) is child and nursery.of(None, "worker") == [child]
    loop.run(lambda: bool(parent.ends))
    assert nursery.children == {} and nursery.boards() == []
    loop.close()
    return parent


def test_a_child_is_heard_until_its_last_word_and_its_end_is_known() -> None:
    def main(duty: Duty) -> int:
        duty.control.sendall(frame(Ready()))
        duty.board.add("understudy_log_lines_dropped_total", 3)
        return 4

    parent = run(main)
    ((child, how),) = parent.ends
    assert parent.said == [Ready()] and how == "exit code 4"
    assert child.board.values() == {"understudy_log_lines_dropped_total": 3}


def test_why_it_could_not_start_is_kept() -> None:
    def main(duty: Duty) -> int:
        duty.control.sendall(frame(Failed("no certificate")))
        return 1

    ((child, _),) = run(main).ends
    assert child.last_words == "no certificate"


def test_an_exception_ends_the_child_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    def main(duty: Duty) -> int:
        raise RuntimeError("a bug")

    ((_, how),) = run(main).ends
    assert how == "exit code 1" and "RuntimeError: a bug" in capfd.readouterr().err


def test_a_signal_is_named() -> None:
    def main(duty: Duty) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    ((_, how),) = run(main).ends
    assert how == "signal SIGKILL"


def test_signals_of_the_terminal_do_not_end_a_child() -> None:
    def main(duty: Duty) -> int:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            os.kill(os.getpid(), number)
        return 0

    ((_, how),) = run(main).ends
    assert how == "exit code 0"


def test_a_child_keeps_open_only_what_is_its_own() -> None:
    mine, other = socket.socketpair()
    numbers = (mine.fileno(), other.fileno())

    def main(duty: Duty) -> int:
        os.fstat(numbers[0])
        try:
            os.fstat(numbers[1])
        except OSError:
            return 0
        return 1

    ((_, how),) = run(main, mine, others=[other]).ends
    assert how == "exit code 0"
    assert mine.fileno() >= 0 and other.fileno() >= 0
    mine.close()
    other.close()


def test_what_a_child_sends_that_is_no_message_ends_it() -> None:
    def main(duty: Duty) -> int:
        duty.control.sendall(b"\xff" * 100)
        signal.pause()
        return 0

    ((child, how),) = run(main).ends
    assert how == "signal SIGKILL" and "out of step" in child.last_words
