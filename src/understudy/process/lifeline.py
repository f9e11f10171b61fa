"""The channel between the supervisor and one child, over a socket pair: the child's end, on asyncio.

When the supervisor is gone the channel ends, and that is an order to drain.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from understudy.process.messages import Drain, Frames, Happened, Message, Question, Ready, Reply, Told, frame

_UNHEARD = 100
"""News that are kept for whoever has not begun to listen."""


class Refused(Exception):
    """The supervisor answers a question with a reason why not, in a sentence."""


class Lifeline(asyncio.Protocol):
    """A child's way to its supervisor."""

    def __init__(self) -> None:
        self.drain: asyncio.Future[Drain] = asyncio.get_running_loop().create_future()
        """Done when the child is to end."""
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._listeners: dict[str, Callable[[Any], None]] = {}
        self._unheard: deque[Told] = deque(maxlen=_UNHEARD)
        self._answers: dict[str, Callable[[Any], Any]] = {}

    def ready(self) -> None:
        """Tells that this child serves."""
        self._send(Ready())

    def happened(self, kind: str, text: str, **fields: Any) -> None:
        """Puts something among the events."""
        self._send(Happened(kind, text, fields))

    def tell(self, topic: str, body: Any = None) -> None:
        """News for all workers and mirrors of this generation but oneself."""
        self._send(Told(topic, body))

    def listen(self, topic: str, heard: Callable[[Any], None]) -> None:
        """Calls ``heard(body)`` for news on a topic, those included that came before anybody listened."""
        self._listeners[topic] = heard
        early = [news for news in self._unheard if news.topic == topic]
        for news in early:
            self._unheard.remove(news)
            heard(news.body)

    def answer(self, what: str, find: Callable[[Any], Any]) -> None:
        """Answers the supervisor's questions of this kind with ``find(body)``."""
        self._answers[what] = find

    async def ask(self, what: str, body: Any = None) -> Any:
        """The supervisor's answer. Raises Refused."""
        self._number += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[self._number] = answer
        number = self._number
        self._send(Question(number, what, body))
        try:
            return await answer
        finally:
            self._asked.pop(number, None)

    def order_drain(self, order: Drain) -> None:
        """The child is to end, whoever says so; the first order counts."""
        if not self.drain.done():
            self.drain.set_result(order)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's word that the channel is open."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Asyncio's word that something came."""
        for message in self._frames.feed(data):
            self._take(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """The supervisor is gone: nobody could answer, and nobody needs this child any more."""
        self._transport = None
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(Refused("the supervisor is gone"))
        self.order_drain(Drain())

    def _send(self, message: Message) -> None:
        if self._transport is not None:
            self._transport.write(frame(message))

    def _take(self, message: Message) -> None:
        if isinstance(message, Drain):
            self.order_drain(message)
        elif isinstance(message, Told):
            heard = self._listeners.get(message.topic)
            if heard is not None:
                heard(message.body)
            else:
                self._unheard.append(message)
        elif isinstance(message, Question):
            self._send(self._answered(message))
        elif isinstance(message, Reply):
            answer = self._asked.get(message.id)
            if answer is None or answer.done():
                return
            if message.error:
                answer.set_exception(Refused(message.error))
            else:
                answer.set_result(message.body)

    def _answered(self, question: Question) -> Reply:
        find = self._answers.get(question.what)
        if find is None:
            return Reply(question.id, error="nobody here knows")
        try:
            return Reply(question.id, find(question.body))
        except Exception as error:
            return Reply(question.id, error=f"{type(error).__name__}: {error}")


async def attach(sock: socket.socket) -> Lifeline:
    """The lifeline over this end of the pair."""
    _, lifeline = await asyncio.get_running_loop().create_unix_connection(Lifeline, sock=sock)
    return lifeline
