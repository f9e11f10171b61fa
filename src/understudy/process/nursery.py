"""Children as processes: forking them, hearing them, and learning how they ended."""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from understudy.process.control import Channel
from understudy.process.duty import Duty, Main
from understudy.process.generations import Generation
from understudy.process.loop import Loop
from understudy.process.messages import Drain, Failed, Message
from understudy.process.slots import Kind, Slot
from understudy.telemetry.counters import Board

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class Child:
    """One living process: its slot, its counters, its channel."""

    def __init__(self, slot: Slot, generation: Generation | None, board: Board) -> None:
        self.slot = slot
        self.generation = generation
        """None for the admin child, which outlives generations."""
        self.board = board
        self.channel: Channel
        self.last_words = ""
        """Why it could not start, when it said so."""

    def drain(self, order: Drain) -> None:
        """Tells it to end."""
        self.channel.send(order)

    def kill(self) -> None:
        """Ends it at once; it must not have been reaped."""
        if self.slot.pid:
            os.kill(self.slot.pid, signal.SIGKILL)


class Parent(Protocol):
    """Who is told of what children do."""

    def heard(self, child: Child, message: Message) -> None:
        """A child has sent something."""

    def ended(self, child: Child, status: int) -> None:
        """A child is no more; ``status`` as ``os.waitpid`` gives it."""

    def sockets(self) -> Iterable[socket.socket]:
        """All that children must not keep open unless it is among their duty's."""


class Nursery:
    """Owner of all living children."""

    def __init__(self, loop: Loop, mains: Mapping[Kind, Main], parent: Parent) -> None:
        self._loop = loop
        self._mains = mains
        self._parent = parent
        self.children: dict[int, Child] = {}
        loop.on_signal(signal.SIGCHLD, self.reap)

    def boards(self) -> list[tuple[Kind, Board]]:
        """The counters of all living children."""
        return [(child.slot.kind, child.board) for child in self.children.values()]

    def of(self, generation: Generation | None, *kinds: Kind) -> list[Child]:
        """The living children of a generation, of some kinds."""
        return [c for c in self.children.values() if c.generation is generation and c.slot.kind in kinds]

    def child_in(self, slot: Slot) -> Child | None:
        """Who fills a slot now."""
        return self.children.get(slot.pid)

    def fork(
        self, slot: Slot, generation: Generation | None, board: Board, duty_for: Callable[[socket.socket], Duty]
    ) -> Child:
        """Starts a child in this slot. ``duty_for`` makes its duty of its end of the channel. May raise OSError."""
        ours, theirs = socket.socketpair()
        try:
            duty = duty_for(theirs)
            # A signal must not find the child while it still has its parent's handlers.
            signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
            pid = os.fork()
            if pid == 0:
                ours.close()
                self._live(duty)
        except OSError:
            ours.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            theirs.close()
        child = Child(slot, generation, board)
        child.channel = Channel(
            self._loop, ours, lambda message: self._heard(child, message), lambda why: self._given_up(child, why)
        )
        slot.forked(pid, self._loop.now())
        self.children[pid] = child
        return child

    def reap(self) -> None:
        """Takes leave of all children that have ended."""
        while self.children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self.children.get(pid)
            if child is None:
                continue
            child.channel.read()
            child.channel.close()
            del self.children[pid]
            self._parent.ended(child, status)

    def _heard(self, child: Child, message: Message) -> None:
        if isinstance(message, Failed):
            child.last_words = message.message
        else:
            self._parent.heard(child, message)

    def _given_up(self, child: Child, why: str) -> None:
        child.last_words = why
        child.kill()

    def _live(self, duty: Duty) -> None:
        """The child's whole life; never returns."""
        code = 1
        try:
            self._loop.abandon()
            _let_go(duty, self._parent.sockets(), (child.channel.sock for child in self.children.values()))
            _set_signals()
            _set_title(duty.name)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            code = self._mains[duty.kind](duty)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)


def _let_go(duty: Duty, *sockets: Iterable[socket.socket]) -> None:
    keep = set(duty.sockets())
    for some in sockets:
        for sock in some:
            if sock not in keep:
                sock.close()


def _set_signals() -> None:
    """Only the supervisor answers to the terminal; a child ends when it is told to, or when its channel ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _set_title(name: str) -> None:
    try:
        Path("/proc/self/comm").write_text(f"us {name}"[:15])
    except OSError:
        return


def how_it_ended(status: int) -> str:
    """In words: ``exit code 3``, ``signal SIGKILL``."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
