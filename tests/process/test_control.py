"""The supervisor's end and a child's end of a channel, against each other."""

from __future__ import annotations

import os
import socket

from understudy.process import control
from understudy.process.control import Channel
from understudy.process.loop import Loop
from understudy.process.messages import Frames, Message, Ready, Reply, frame


def test_messages_go_both_ways() -> None:
    loop, (ours, theirs) = Loop(), socket.socketpair()
    heard, broken = list[Message](), list[str]()
    channel = Channel(loop, ours, heard.append, broken.append)
    theirs.send(frame(Ready()) * 2)
    loop.run(lambda: len(heard) == 2)
    channel.send(Reply(1, {"a": [1]}))
    assert Frames().feed(theirs.recv(1000)) == [Reply(1, {"a": [1]})]
    assert broken == []
    channel.close()
    channel.close()
    theirs.close()
    loop.close()


def test_a_large_message_waits_for_a_slow_reader() -> None:
    loop, (ours, theirs) = Loop(), socket.socketpair()
    channel = Channel(loop, ours, lambda m: None, lambda why: None)
    channel.send(Reply(1, "x" * 3_000_000))
    frames, got = Frames(), list[Message]()
    theirs.setblocking(False)
    loop.watch(theirs, lambda: got.extend(frames.feed(theirs.recv(1 << 20))))
    loop.run(lambda: bool(got))
    assert got == [Reply(1, "x" * 3_000_000)]
    channel.close()
    loop.unwatch(theirs)
    theirs.close()
    loop.close()


def test_a_child_that_reads_nothing_is_given_up(monkeypatch: object) -> None:
    loop, (ours, theirs) = Loop(), socket.socketpair()
    broken = list[str]()
    channel = Channel(loop, ours, lambda m: None, broken.append)
    while not broken:
        channel.send(Reply(1, "x" * (control.BUFFER // 4)))
    assert broken == ["it does not read its control channel"]
    channel.close()
    theirs.close()
    loop.close()


def test_what_is_no_message_breaks_the_channel() -> None:
    loop, (ours, theirs) = Loop(), socket.socketpair()
    broken = list[str]()
    channel = Channel(loop, ours, lambda m: None, broken.append)
    theirs.send(b"\xff\xff\xff\xff" + os.urandom(10))
    loop.run(lambda: bool(broken))
    assert "out of step" in broken[0]
    channel.close()
    theirs.close()
    loop.close()


def test_last_words_are_heard_after_the_other_end_is_closed() -> None:
    loop, (ours, theirs) = Loop(), socket.socketpair()
    heard = list[Message]()
    channel = Channel(loop, ours, heard.append, lambda why: None)
    theirs.send(frame(Ready()))
    theirs.close()
    channel.read()
    assert heard == [Ready()]
    channel.send(Reply(1))
    channel.close()
    loop.close()
