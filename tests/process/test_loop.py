"""Timers, sockets and signals of the supervisor."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from understudy.process.loop import Loop


def test_timers_ring_in_order_and_cancelled_ones_never() -> None:
    loop, rang = Loop(), list[str]()
    loop.later(0.02, lambda: rang.append("b"))
    loop.later(0.0, lambda: rang.append("a"))
    loop.later(0.01, lambda: rang.append("never")).cancel()
    loop.run(lambda: len(rang) == 2)
    assert rang == ["a", "b"]
    loop.close()


def test_a_watched_socket_is_heard_until_it_is_not_watched() -> None:
    loop, (one, two) = Loop(), socket.socketpair()
    heard = list[bytes]()
    loop.watch(one, lambda: heard.append(one.recv(10)))
    two.send(b"hello")
    loop.run(lambda: bool(heard))
    loop.unwatch(one)
    loop.unwatch(one)
    two.send(b"again")
    done = list[bool]()
    loop.later(0.02, lambda: done.append(True))
    loop.run(lambda: bool(done))
    assert heard == [b"hello"]
    loop.close()
    one.close()
    two.close()


def test_signals_come_in_the_loop_and_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    loop, came = Loop(), list[int]()
    loop.on_signal(signal.SIGUSR1, lambda: came.append(1))
    os.kill(os.getpid(), signal.SIGUSR1)
    assert came == []
    loop.run(lambda: bool(came))
    loop.close()
    assert signal.getsignal(signal.SIGUSR1) == before


def test_a_callback_that_fails_does_not_end_the_loop() -> None:
    failed, rang = list[BaseException](), list[bool]()
    loop = Loop(failed.append)
    loop.later(0.0, lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    loop.later(0.01, lambda: rang.append(True))
    loop.run(lambda: bool(rang))
    assert [type(error) for error in failed] == [ZeroDivisionError]
    loop.close()
    with pytest.raises(ZeroDivisionError):
        strict = Loop()
        strict.later(0.0, lambda: 1 / 0)  # type: ignore[arg-type, return-value]
        try:
            strict.run(lambda: False)
        finally:
            strict.close()
