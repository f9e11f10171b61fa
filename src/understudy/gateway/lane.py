"""The short way through the gateway: callbacks from the backend's socket to the client's, no task, no future.

An ask whose backends are all plain HTTP, whose body is complete and for which connections are free needs nothing of
asyncio's machinery, which costs more than all the gateway's own work. ``start`` takes such asks; what it does not
take, and whatever turns out to need patience on the way (a new connection, a repetition, a redirect), goes through
the proxies that ``build`` composed for the same endpoint.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence

from understudy.errors import BackendError, UnderstudyError
from understudy.gateway.answers import Convert
from understudy.gateway.backend import HttpBackend, framed
from understudy.gateway.decompress import inflated
from understudy.gateway.redirects import REDIRECTS, followed
from understudy.gateway.types import Admit, Ask, Reply
from understudy.http.pool import retries
from understudy.http.stream import Stream
from understudy.http.upstream import Answer, Upstream


class Part:
    """One backend of an endpoint: where it is asked, and what becomes of its answer.

    ``later`` is for answers that were streamed: what becomes of one when its body is complete, where that matters.
    ``admit`` is the backend's own check of what it is asked, for whoever asks it. A part that is not ``plain`` is asked
    by a coroutine only.
    """

    __slots__ = ("admit", "backend", "convert", "later", "plain")

    def __init__(
        self,
        backend: HttpBackend,
        convert: Convert,
        later: Convert | None = None,
        *,
        admit: Admit | None = None,
        plain: bool = True,
    ) -> None:
        self.backend = backend
        self.convert = convert
        self.later = later
        self.admit = admit
        self.plain = plain

    def flight(self, index: int, ask: Ask, landed: Landed) -> Flight | Errand:
        """One ask to this part, not started yet, in the way that suits it."""
        return Flight(self, index, ask, landed) if self.plain else Errand(self, index, ask, landed)


Landed = Callable[[int, Reply | BaseException], None]
"""Who waits for a part: gets its index, and its reply or error."""
Joiner = Callable[[Sequence[Reply | BaseException | None]], Reply]


class Flight:
    """One ask on its way to one backend: the receiver of its answer."""

    __slots__ = ("_ask", "_host", "_index", "_inflates", "_landed", "_part", "_path", "_started", "_task", "_upstream")

    def __init__(self, part: Part, index: int, ask: Ask, landed: Landed) -> None:
        self._part = part
        self._index = index
        self._ask = ask
        self._landed: Landed | None = landed
        self._task: asyncio.Task[None] | None = None
        self._upstream: Upstream | None = None

    def start(self) -> None:
        """Sends the request; ``landed`` is called later, never from here."""
        ask, backend = self._ask, self._part.backend
        try:
            host, path = self._host, self._path = backend.aim(ask)
            head, self._inflates, _ = backend.head(host, path, ask, backend.method, ask.body, None)
            self._started = time.monotonic() if ask.exchange is not None else 0.0
            body: bytes = framed(ask, ask.body)  # type: ignore[assignment]  # a lane takes complete bodies only
            self._upstream = host.pool.start(
                self, backend.method, head, body, ask.deadline, streaming=backend.streaming
            )
        except UnderstudyError as error:
            asyncio.get_running_loop().call_soon(self._land, error)
            return
        if self._upstream is None:
            self._patiently(self._anew)

    def cancel(self) -> None:
        """Nobody waits any more."""
        self._landed = None
        if self._task is not None:
            self._task.cancel()
        elif self._upstream is not None:
            self._upstream.cut()

    def answered(self, answer: Answer) -> None:
        """The backend has answered."""
        self._upstream = None
        answer.url = (self._host.url, self._path)
        if answer.status in REDIRECTS:
            self._patiently(lambda: self._follow(answer))
            return
        if self._inflates:
            try:
                answer = inflated(answer, streaming=self._part.backend.streaming)
            except BackendError as error:
                self._lose(error)
                return
        self._take(answer)

    def failed(self, error: BaseException) -> None:
        """The backend has not answered."""
        upstream, self._upstream = self._upstream, None
        if upstream is not None and retries(upstream, self._part.backend.method, error):
            self._patiently(self._anew)
            return
        self._lose(error)

    def _land(self, outcome: Reply | BaseException) -> None:
        landed, self._landed = self._landed, None
        if landed is not None:
            landed(self._index, outcome)

    def _take(self, answer: Answer) -> None:
        exchange = self._ask.exchange
        if exchange is not None:
            seconds, index, body = time.monotonic() - self._started, self._part.backend.index, answer.body
            if isinstance(body, Stream):
                answer.body = exchange.streaming(index, answer.status, answer.headers, body, seconds)
            else:
                exchange.answered(index, answer.status, answer.headers, body, seconds)
        try:
            outcome: Reply | BaseException = self._part.convert(answer, self._ask)
        except Exception as error:
            outcome = error
        self._land(outcome)

    def _lose(self, error: BaseException) -> None:
        exchange = self._ask.exchange
        if exchange is not None:
            exchange.failed(self._part.backend.index, error, time.monotonic() - self._started)
        self._land(error)

    # ------------------------------------------------------------- with patience: a task after all

    def _patiently(self, ask: Callable[[], Coroutine[object, object, Answer]]) -> None:
        self._task = asyncio.get_running_loop().create_task(self._finish(ask))

    async def _finish(self, ask: Callable[[], Coroutine[object, object, Answer]]) -> None:
        try:
            answer = await ask()
        except Exception as error:
            self._task = None
            self._lose(error)
            return
        self._task = None
        self._take(answer)

    async def _anew(self) -> Answer:
        backend, ask = self._part.backend, self._ask
        answer = await backend.fetch(self._host, self._path, ask, backend.method, ask.body)
        return await self._follow(answer) if answer.status in REDIRECTS else answer

    async def _follow(self, answer: Answer) -> Answer:
        if self._inflates:
            answer = inflated(answer, streaming=self._part.backend.streaming)
        return await followed(self._part.backend, self._host, self._path, self._ask, answer)


class Errand:
    """One ask to a part that only a coroutine can ask; otherwise as a flight."""

    __slots__ = ("_ask", "_index", "_landed", "_part", "_task")

    def __init__(self, part: Part, index: int, ask: Ask, landed: Landed) -> None:
        self._part = part
        self._index = index
        self._ask = ask
        self._landed = landed
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Sends the request; ``landed`` is called later, never from here."""
        self._task = asyncio.get_running_loop().create_task(self._go())

    def cancel(self) -> None:
        """Nobody waits any more."""
        if self._task is not None:
            self._task.cancel()

    async def _go(self) -> None:
        try:
            outcome: Reply | BaseException = self._part.convert(await self._part.backend(self._ask), self._ask)
        except Exception as error:
            outcome = error
        self._landed(self._index, outcome)


class Lane:
    """The short way of one endpoint. ``join`` makes one reply of several parts; ``budget`` is their time in seconds."""

    __slots__ = ("_budget", "_join", "parts")

    def __init__(self, parts: Sequence[Part], join: Joiner | None = None, budget: float = 0.0) -> None:
        self.parts = tuple(parts)
        self._join = join
        self._budget = budget

    def start(self, ask: Ask, landed: Landed) -> Flight | Group:
        """Sends the ask to every part; ``landed`` gets the reply or the error. What is returned can be cancelled."""
        if self._join is None:
            flight = Flight(self.parts[0], 0, ask, landed)
            flight.start()
            return flight
        ask.deadline = min(ask.deadline, ask.started + self._budget)
        group = Group(self.parts, ask, self._join, landed)
        group.start()
        return group


class Group:
    """Several flights at once."""

    __slots__ = ("_flights", "_join", "_landed", "_left", "_outcomes")

    def __init__(self, parts: Sequence[Part], ask: Ask, join: Joiner, landed: Landed) -> None:
        self._join = join
        self._landed: Landed | None = landed
        self._left = len(parts)
        self._outcomes: list[Reply | BaseException | None] = [None] * len(parts)
        self._flights = [Flight(part, i, ask, self._part_landed) for i, part in enumerate(parts)]

    def start(self) -> None:
        """Sends all."""
        for flight in self._flights:
            flight.start()

    def cancel(self) -> None:
        """Nobody waits any more."""
        flights, self._flights = self._flights, []
        for flight in flights:
            flight.cancel()

    def _part_landed(self, index: int, outcome: Reply | BaseException) -> None:
        """One part is there; the last one makes the answer."""
        self._outcomes[index] = outcome
        self._left -= 1
        landed = self._landed
        if self._left or landed is None:
            return
        self._landed, self._flights = None, []
        try:
            joined: Reply | BaseException = self._join(self._outcomes)
        except Exception as error:
            joined = error
        landed(0, joined)
