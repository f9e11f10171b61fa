"""A child's end of its channel."""

from __future__ import annotations

import asyncio
import socket

import pytest

from understudy.process.lifeline import Lifeline, Refused, attach
from understudy.process.messages import Drain, Frames, Happened, Message, Question, Ready, Reply, Told, frame


class Parent:
    """The other end, by hand."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._frames = Frames()
        self._got: list[Message] = []

    async def hear(self) -> Message:
        while not self._got:
            data = await asyncio.get_running_loop().sock_recv(self._sock, 65536)
            self._got += self._frames.feed(data)
        return self._got.pop(0)

    async def say(self, message: Message) -> None:
        await asyncio.get_running_loop().sock_sendall(self._sock, frame(message))

    def close(self) -> None:
        self._sock.close()


async def pair() -> tuple[Lifeline, Parent]:
    ours, theirs = socket.socketpair()
    return await attach(ours), Parent(theirs)


async def test_a_question_gets_its_own_answer() -> None:
    line, parent = await pair()
    asked = [asyncio.create_task(line.ask("status", n)) for n in range(2)]
    first, second = await parent.hear(), await parent.hear()
    assert isinstance(first, Question) and isinstance(second, Question)
    await parent.say(Reply(second.id, "two"))
    await parent.say(Reply(99, "nobody asked"))
    await parent.say(Reply(first.id, error="no"))
    with pytest.raises(Refused, match="no"):
        await asked[0]
    assert await asked[1] == "two"
    parent.close()


async def test_the_end_of_the_channel_is_an_order_to_drain() -> None:
    line, parent = await pair()
    asking = asyncio.create_task(line.ask("status"))
    await parent.hear()
    parent.close()
    assert await line.drain == Drain()
    with pytest.raises(Refused, match="gone"):
        await asking
    line.ready()


async def test_the_first_order_to_drain_counts() -> None:
    line, parent = await pair()
    await parent.say(Drain(3.0, 1.0))
    await parent.say(Drain(9.0))
    assert await line.drain == Drain(3.0, 1.0)
    parent.close()


async def test_news_reach_who_listens() -> None:
    line, parent = await pair()
    heard: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    line.listen("shadow", heard.set_result)
    await parent.say(Told("something else", 1))
    await parent.say(Told("shadow", {"name": "a"}))
    assert await heard == {"name": "a"}
    parent.close()


async def test_what_a_child_says_arrives() -> None:
    line, parent = await pair()
    line.ready()
    line.happened("breaker", "open", shadow="a")
    line.tell("guard", 3)
    assert [await parent.hear() for _ in range(3)] == [
        Ready(), Happened("breaker", "open", {"shadow": "a"}), Told("guard", 3),
    ]  # fmt: skip
    parent.close()


async def test_questions_to_a_child_are_answered_also_when_it_cannot() -> None:
    line, parent = await pair()
    line.answer("double", lambda body: body * 2)
    line.answer("broken", lambda body: 1 / 0)
    for number, what in enumerate(("double", "broken", "unknown")):
        await parent.say(Question(number, what, 21))
    assert [await parent.hear() for _ in range(3)] == [
        Reply(0, 42), Reply(1, error="ZeroDivisionError: division by zero"), Reply(2, error="nobody here knows"),
    ]  # fmt: skip
    parent.close()


async def test_news_that_come_before_anybody_listens_are_kept() -> None:
    """A setting that is changed while a child starts must not be lost."""
    line, parent = await pair()
    await parent.say(Told("shadow", 1))
    await parent.say(Told("other", 2))
    await parent.say(Question(1, "nothing"))
    assert isinstance(await parent.hear(), Reply)
    heard: list[int] = []
    line.listen("shadow", heard.append)
    line.listen("shadow", heard.append)
    await parent.say(Told("shadow", 3))
    await parent.say(Question(2, "nothing"))
    await parent.hear()
    assert heard == [1, 3]
    parent.close()
    await line.drain
