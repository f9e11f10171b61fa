"""One copy on its way: sent, its answer read to the end within bounds, counted, and handed on to be compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from understudy.config.model import Shadow
from understudy.errors import BadAnswer
from understudy.exchange import Answer, Failure, Observation
from understudy.gateway.answers import Convert
from understudy.gateway.lane import Errand, Flight, Part
from understudy.gateway.types import Ask, Reply
from understudy.http.stream import Stream
from understudy.http.upstream import Answer as Raw
from understudy.shadow.failures import kind_of, text_of
from understudy.shadow.tee import Budget

READ_LIMIT = 64 * 1024 * 1024
"""Bytes of an answer that are read, kept or not, before the connection is cut."""


Landed = Callable[[Reply | None, BaseException | None], None]
"""Who is told, exactly once a copy, that it is over: with what came back, or with why nothing did."""
Observed = Callable[[Observation | None, int, bool], None]
"""Who wants to compare: gets what was observed (None: nothing that says anything about the shadow), the bytes of the
budget that are still held for it, which are the receiver's to return, and whether a body could not be kept for want of
memory."""

OURS = frozenset(("draining", "cancelled", "no_capacity", "memory", "limit", "internal"))
"""Kinds of failures that say nothing about the shadow: our own limits and doings."""


class Carrier(Protocol):
    """Who sends copies and counts what comes of them."""

    shadow: Shadow
    budget: Budget

    def count_answered(self, seconds: float, why_not_compared: str) -> None:
        """It has answered; ``why_not_compared`` is empty when that is still to be seen."""

    def count_failed(self, error: BaseException, id: int, seconds: float) -> None:
        """It has not answered."""

    def note(self, id: int, outcome: str) -> None:
        """Remembers what became of a copy, for those who ask."""

    def over(self, copy: Copy, size: int) -> None:
        """A copy has ended, in whatever way."""


class Copy:
    """One copy on its way: sends it, reads the answer to its end, counts."""

    __slots__ = ("_ask", "_flight", "_held", "_landed", "_lane", "_later", "_observed", "_over", "_read_bytes", "_size",
                 "_started", "_starved", "_task", "_why")  # fmt: skip

    def __init__(
        self, lane: Carrier, ask: Ask, size: int, why_not_compared: str, landed: Landed | None = None,
        observed: Observed | None = None,
    ) -> None:  # fmt: skip
        self._lane = lane
        self._ask = ask
        self._size = size
        self._why = why_not_compared
        self._landed = landed
        self._observed = observed
        self._held = self._read_bytes = 0
        self._starved = False
        self._started = time.monotonic()
        self._flight: Flight | Errand | None = None
        self._later: Convert | None = None
        self._task: asyncio.Task[None] | None = None
        self._over = False

    @property
    def id(self) -> int:
        """Of the exchange."""
        return self._ask.id

    def start(self, part: Part) -> None:
        """Sends it; what cannot even be begun has failed."""
        self._later = part.later
        flight = self._flight = part.flight(0, self._ask, self._arrived)
        try:
            flight.start()
        except Exception as error:
            self._end(None, error)

    def cancel(self) -> None:
        """Cuts it."""
        if self._flight is not None:
            self._flight.cancel()
        if self._task is not None:
            self._task.cancel()
        self._end(None, asyncio.CancelledError())

    def _arrived(self, index: int, outcome: Reply | BaseException) -> None:
        self._flight = None
        if isinstance(outcome, BaseException):
            self._end(None, outcome)
        elif isinstance(outcome.body, Stream):
            self._task = asyncio.get_running_loop().create_task(self._read(outcome, outcome.body))
        else:
            if isinstance(outcome.body, bytes):
                self._read_bytes = len(outcome.body)
                if not self._keeps(self._read_bytes):
                    outcome.body = None
            self._end(outcome, None)

    async def _read(self, reply: Reply, body: Stream) -> None:
        """Reads the answer to its end: keeps as much as may be compared, throws away the rest, cuts the endless."""
        kept: list[bytes] | None = []
        chunk: bytes | None = None
        try:
            async with asyncio.timeout_at(self._ask.deadline):  # what is inflated may outlast its connection
                while (chunk := await body.next()) is not None:
                    self._read_bytes += len(chunk)
                    if self._read_bytes > READ_LIMIT:
                        raise BadAnswer("the answer is too large even to be thrown away", "limit")
                    if kept is not None:
                        kept = kept if self._keeps(len(chunk)) else None
                    if kept is not None:
                        kept.append(chunk)
                    chunk = None  # not to be kept while the next one is awaited
            reply.body = b"".join(kept) if kept is not None else None
            self._end(reply, None)
        except Exception as error:
            body.discard()
            kept = chunk = None
            error.__traceback__ = None  # it leads to this frame and to the stream, which leads to the error
            self._end(None, error)

    def _keeps(self, more: int) -> bool:
        """Whether so much more of the answer may be kept; what was kept before is given up with it."""
        lane = self._lane
        if self._observed is None and self._later is None:
            return False
        if self._read_bytes <= lane.shadow.max_body:
            if lane.budget.take(more):
                self._held += more
                return True
            self._starved = True
        lane.budget.give(self._held)
        self._held = 0
        return False

    def _end(self, reply: Reply | None, error: BaseException | None) -> None:
        if self._over:
            return
        self._over = True
        lane, seconds = self._lane, time.monotonic() - self._started
        try:
            if error is None:
                lane.count_answered(seconds, self._why)
                lane.note(self._ask.id, f"answered {reply.status}" if reply and reply.status else "answered")
            else:
                lane.count_failed(error, self._ask.id, seconds)
        finally:
            lane.over(self, self._size)
            landed, self._landed = self._landed, None
            if landed is not None:
                landed(*self._understood(reply, error))
            self._tell(reply, error, seconds)

    def _tell(self, reply: Reply | None, error: BaseException | None, seconds: float) -> None:
        """Hands on what was observed, and with it what is held."""
        observed, self._observed = self._observed, None
        held, self._held = self._held, 0
        if observed is not None and reply is not None:
            body = reply.body if isinstance(reply.body, bytes) else None
            observed(Answer(reply.status, reply.headers, body, self._read_bytes, seconds), held, self._starved)
            return
        self._lane.budget.give(held)
        if observed is not None and error is not None:
            kind = kind_of(error)
            observed(None if kind in OURS else Failure(kind, text_of(error), seconds), 0, False)

    def _understood(
        self, reply: Reply | None, error: BaseException | None
    ) -> tuple[Reply | None, BaseException | None]:
        """What a sequence makes of it: the answer's data. That it cannot be decoded does not make it less an answer."""
        if reply is None or self._later is None:
            return reply, error
        if not isinstance(reply.body, bytes):
            return None, BadAnswer("the answer is too large to be looked into", "limit")
        try:
            return self._later(Raw(reply.status, reply.headers, reply.body), self._ask), None
        except Exception as failure:
            return None, failure
