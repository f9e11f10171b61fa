"""The supervisor's loop: sockets, timers and signals, in one thread, so that it may fork at any time."""

from __future__ import annotations

import heapq
import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

Callback = Callable[[], None]


class Timer:
    """Something to be done at a time."""

    __slots__ = ("cancelled", "run", "when")

    def __init__(self, when: float, run: Callback) -> None:
        self.when = when
        self.run = run
        self.cancelled = False

    def cancel(self) -> None:
        """Not to be done."""
        self.cancelled = True

    def __lt__(self, other: Timer) -> bool:
        return self.when < other.when


class Loop:
    """Owner of the selector, the timers and the signals of a process."""

    def __init__(self, failed: Callable[[BaseException], None] | None = None) -> None:
        self.failed = failed
        """Told of exceptions that a callback lets out: a bug in one must not end the process that all others need."""
        self._selector = selectors.DefaultSelector()
        self._timers: list[Timer] = []
        self._signals: dict[int, Callback] = {}
        self._inbox, self._outbox = socket.socketpair()
        self._inbox.setblocking(False)
        self._outbox.setblocking(False)
        self._old_wakeup = -1
        self._old_handlers: dict[int, Any] = {}
        self.watch(self._inbox, self._signalled)

    def now(self) -> float:
        """The clock of all timers."""
        return time.monotonic()

    def watch(self, sock: socket.socket, ready: Callback, *, write: bool = False) -> None:
        """Calls ``ready`` whenever there is something to read, or also room to write."""
        mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        try:
            self._selector.modify(sock, mask, ready)
        except KeyError:
            self._selector.register(sock, mask, ready)

    def unwatch(self, sock: socket.socket) -> None:
        """Forgets a socket."""
        try:
            self._selector.unregister(sock)
        except KeyError:
            pass

    def later(self, seconds: float, run: Callback) -> Timer:
        """Does something once, in so many seconds."""
        timer = Timer(self.now() + seconds, run)
        heapq.heappush(self._timers, timer)
        return timer

    def on_signal(self, number: int, run: Callback) -> None:
        """Calls ``run`` in the loop, never inside other code, when the signal comes."""
        if not self._signals:
            self._old_wakeup = signal.set_wakeup_fd(self._outbox.fileno(), warn_on_full_buffer=False)
        self._signals[number] = run
        self._old_handlers[number] = signal.signal(number, _noted)

    def run(self, done: Callable[[], bool]) -> None:
        """Works until ``done()`` holds after some step."""
        while not done():
            for key, _ in self._selector.select(self._patience()):
                self._call(key.data)
            self._ring()

    def handles(self) -> Sequence[socket.socket]:
        """The sockets that belong to the loop itself: a child closes them."""
        return (self._inbox, self._outbox)

    def abandon(self) -> None:
        """In a forked child: lets go of everything without touching the parent's."""
        signal.set_wakeup_fd(-1)
        for number in self._signals:
            signal.signal(number, signal.SIG_DFL)
        self._selector.close()
        self._inbox.close()
        self._outbox.close()

    def close(self) -> None:
        """Gives signals back, closes what is open."""
        if self._signals:
            signal.set_wakeup_fd(self._old_wakeup)
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        self._signals.clear()
        self._selector.close()
        self._inbox.close()
        self._outbox.close()

    def _patience(self) -> float | None:
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        return max(0.0, self._timers[0].when - self.now()) if self._timers else None

    def _ring(self) -> None:
        now = self.now()
        while self._timers and self._timers[0].when <= now:
            timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                self._call(timer.run)

    def _call(self, run: Callback) -> None:
        try:
            run()
        except Exception as error:
            if self.failed is None:
                raise
            self.failed(error)

    def _signalled(self) -> None:
        try:
            numbers = self._inbox.recv(4096)
        except BlockingIOError:
            return
        for number in dict.fromkeys(numbers):
            run = self._signals.get(number)
            if run is not None:
                run()


def _noted(number: int, frame: object) -> None:
    """The wake-up descriptor carries the signal; a handler must exist for that."""
