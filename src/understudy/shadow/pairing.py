"""From copies and primaries' answers to exchanges that can be judged, within bounds of memory and of time.

Judging is work that nobody waits for. It is done in short turns, so that frames and copies go before it; what cannot
be kept until its turn comes is counted as not compared.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from understudy.exchange import Answer, Asked, Exchange, Failure, Observation
from understudy.http.values import Pairs
from understudy.shadow import headers
from understudy.shadow.frames import AnswerFrame, AskFrame, FailureFrame
from understudy.shadow.lane import ShadowLane
from understudy.shadow.pairs import Exchanges, Expected, Pair, Unpaired
from understudy.shadow.tee import Budget

WAITING = 2000
"""Exchanges that may wait to be judged."""
TURN = 0.002
"""Seconds that judging may take before everything else has its turn again."""

NO_CONTROL = "no_control"


class Judge(Protocol):
    """Who looks at exchanges; ``understudy.store.recorder`` is one."""

    def judge(self, exchange: Exchange, share: float) -> None:
        """Compares and counts. ``share`` of such exchanges were to get a control: 0, 1, or what is asked again."""


class _Record:
    """One exchange: what was asked, for whom, and what is held for it."""

    __slots__ = ("frame", "held", "lanes", "open", "shares", "starved", "waiting")

    def __init__(self, frame: AskFrame) -> None:
        self.frame = frame
        self.lanes: dict[int, ShadowLane] = {}
        """By the candidate's place."""
        self.shares: dict[int, float] = {}
        self.held = 0
        self.starved = False
        """Whether a body could not be kept for want of memory."""
        self.open = True
        self.waiting = 0


class Pairing:
    """Owner of all exchanges that are not judged yet. ``report`` is told of exceptions of the judge."""

    def __init__(
        self,
        budget: Budget,
        judge: Judge,
        pairs_of: Callable[[bytes], Pairs],
        report: Callable[[str, str], None] = lambda name, text: None,
    ) -> None:
        self._budget = budget
        self._judge = judge
        self._pairs_of = pairs_of
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._records: dict[int, _Record] = {}
        self._exchanges = Exchanges(self._ended, self._closed)
        self._queue: deque[tuple[_Record, Pair]] = deque()
        self._scheduled = False

    # ------------------------------------------------------------- what happens

    def begin(
        self, frame: AskFrame, expected: Sequence[Expected], lanes: Mapping[int, ShadowLane],
        shares: Mapping[int, float], until: float,
    ) -> None:  # fmt: skip
        """Copies are about to be sent; ``lanes`` and ``shares`` are those of the candidates, by place."""
        record = self._records.get(frame.id)
        if record is None:
            record = self._records[frame.id] = _Record(frame)
        record.lanes.update(lanes)
        record.shares.update(shares)
        self._exchanges.begin(frame.id, expected, until)

    def copy(self, id: int, place: int, seen: Observation | None, held: int = 0, starved: bool = False) -> None:
        """What came of a copy, and the bytes of the budget that it still holds: they are returned here."""
        record = self._records.get(id)
        if record is None:
            self._budget.give(held)
            return
        record.held += held
        record.starved |= starved
        self._exchanges.copy(id, place, seen)

    def primary(self, frame: AnswerFrame | FailureFrame) -> None:
        """What a regular backend did."""
        record = self._records.get(frame.id)
        if record is None:
            return
        if isinstance(frame, FailureFrame):
            self._exchanges.primary(frame.id, frame.backend, Failure(frame.kind, frame.text, frame.seconds))
            return
        body = frame.body
        if body and not self._budget.take(len(body)):
            body, record.starved = None, True
        elif body:
            record.held += len(body)
        seen = Answer(frame.status, frame.headers, body, frame.size, frame.seconds)
        self._exchanges.primary(frame.id, frame.backend, seen)

    def tick(self, now: float) -> None:
        """Now and then, with the monotonic time: nothing is waited for in vain."""
        self._exchanges.sweep(now)

    def finish(self, seconds: float) -> None:
        """Nothing more will come: judges what is there for so long, and counts the rest."""
        self._exchanges.close_all()
        end = time.monotonic() + seconds
        while self._queue and time.monotonic() < end:
            self._next()
        while self._queue:
            record, pair = self._queue.popleft()
            record.lanes[pair.place].not_judged(pair.candidate, "draining")
            self._release(record)

    # ------------------------------------------------------------- judging, when there is time

    def _ended(self, id: int, what: Pair | Unpaired) -> None:
        record = self._records[id]
        lane = record.lanes[what.place]
        if isinstance(what, Unpaired):
            lane.not_judged(what.candidate, "no_primary")
        elif what.control is None and (what.controlled or record.shares[what.place] == 1):
            lane.not_judged(what.candidate, NO_CONTROL)
        elif record.starved:
            lane.not_judged(what.candidate, "memory")
        elif len(self._queue) >= WAITING:
            lane.not_judged(what.candidate, "queue_full")
        else:
            record.waiting += 1
            self._queue.append((record, what))
            if not self._scheduled:
                self._scheduled = True
                self._loop.call_soon(self._work)

    def _closed(self, id: int) -> None:
        record = self._records.pop(id)
        record.open = False
        self._give_back(record)

    def _work(self) -> None:
        self._scheduled = False
        end = time.monotonic() + TURN
        while self._queue:
            self._next()
            if time.monotonic() > end:
                break
        if self._queue and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._work)

    def _next(self) -> None:
        record, pair = self._queue.popleft()
        lane = record.lanes[pair.place]
        try:
            self._judge.judge(self._exchange(record, pair, lane), record.shares[pair.place])
        except Exception as error:
            lane.not_judged(pair.candidate, "internal")
            self._report(lane.shadow.name, f"an exchange could not be judged: {type(error).__name__}: {error}")
        else:
            lane.judged(pair.candidate)
        self._release(record)

    def _exchange(self, record: _Record, pair: Pair, lane: ShadowLane) -> Exchange:
        frame, secrets = record.frame, headers.secrets_of(lane.shadow)
        asked = Asked(
            frame.method, frame.path, frame.query, headers.harmless(self._pairs_of(frame.wire), secrets), frame.body
        )
        control = pair.control
        return Exchange(
            frame.id, frame.endpoint, lane.shadow.name, time.time() - (time.monotonic() - frame.at), asked,
            _harmless(pair.primary, secrets), _harmless(pair.candidate, secrets),
            _harmless(control, secrets) if control is not None else None,
        )  # fmt: skip

    def _release(self, record: _Record) -> None:
        record.waiting -= 1
        self._give_back(record)

    def _give_back(self, record: _Record) -> None:
        if not record.open and not record.waiting:
            self._budget.give(record.held)
            record.held = 0


def _harmless(seen: Observation, secrets: frozenset[bytes]) -> Observation:
    if isinstance(seen, Failure):
        return seen
    return Answer(seen.status, headers.harmless(seen.headers, secrets), seen.body, seen.size, seen.seconds)
