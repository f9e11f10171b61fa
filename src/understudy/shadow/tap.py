"""Where copies leave the request path: one ``Tap`` for each endpoint with shadows, in the worker.

``begin`` is called for every ask of the endpoint, just before its backends are asked. It decides, counts, and hands
the ask to the link; it sets ``ask.exchange`` when answers of regular backends are wanted. Nothing here waits, and
whatever goes wrong ends as a counted drop: an exception must never reach the user's request.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from understudy.config.model import Endpoint
from understudy.exchange import RESPONSE
from understudy.gateway.types import Ask, Observer
from understudy.http.values import HeaderBlock, Request, Response, render
from understudy.shadow.explain import COPIED, Note, Ring, header_value
from understudy.shadow.frames import AskFrame, encode
from understudy.shadow.link import Link
from understudy.shadow.seat import Seat
from understudy.shadow.tee import Budget
from understudy.shadow.valve import REASONS
from understudy.shadow.watcher import Watcher

_GRPC = b"application/grpc"
_TOLD = b"X-Understudy-Copies"


class Tap:
    """The copies of one endpoint.

    ``ids`` gives numbers for exchanges, ``marks`` are the headers that say that a request is itself a copy,
    ``report_bug`` is told of exceptions (of ours: there are no others here).
    """

    __slots__ = ("_after", "_all", "_endpoint", "_ids", "_link", "_marks", "_names", "_notes", "_observed", "_only",
                 "_open", "_paired", "_passes", "_report_bug", "_ring", "_tell", "_waiting", "budget",
                 "endpoint", "largest_answer", "seats", "sees_answers")  # fmt: skip

    def __init__(
        self,
        endpoint: Endpoint,
        seats: Sequence[Seat],
        link: Link,
        *,
        ids: Callable[[], int],
        marks: frozenset[bytes],
        budget: Budget,
        ring: Ring,
        tell: bool = False,
        report_bug: Callable[[BaseException], None] = lambda error: None,
    ) -> None:
        self.endpoint = endpoint
        self.seats = tuple(seats)
        self.budget = budget
        self.largest_answer = max((s.shadow.max_body for s in seats if s.paired), default=0)
        """Bytes of the largest answer of a regular backend that is sent to the mirror."""
        self._link = link
        self._ids = ids
        self._marks = marks
        self._ring = ring
        self._tell = tell
        self._report_bug = report_bug
        self._endpoint = endpoint.index
        self._passes = endpoint.output_encoding == "no-op"
        self._names = tuple(s.name for s in seats)
        self._notes: dict[tuple[str, ...], Note] = {}
        self._only = self.seats[0] if len(self.seats) == 1 and not tell else None
        self._observed: dict[int, int] = {}
        for seat in seats:
            if seat.of is not None and (seat.paired or seat.after):
                self._observed[seat.of] = self._observed.get(seat.of, 0) | seat.bit
        self.sees_answers = tell or RESPONSE in self._observed
        """Whether ``answering`` has anything to do."""
        self._paired = sum(s.bit for s in seats if s.paired)
        self._after = sum(s.bit for s in seats if s.after)
        self._all = sum(s.bit for s in seats)
        self._open = 0
        """The shadows for which the ask at hand is not counted to its end yet."""
        self._waiting: dict[int, tuple[float, Watcher]] = {}

    # ------------------------------------------------------------- the request path

    def begin(self, ask: Ask, request: Request) -> None:
        """Decides about one ask and hands over its copies. Never raises, never waits."""
        only = self._only
        if only is not None and (shut := only.valves[only.place]) and only.policy.lets_all:
            derived = request.derived
            if derived is not None and derived.get(self) == "" and not ask.body:
                # All that a hung or dead shadow costs. (Nobody can ask about this request: its id was never told.)
                cells, weight = only.cells, only.weight
                cells[only.eligible] += weight
                cells[only.shut[shut]] += weight
                return
        for seat in self.seats:
            seat.cells[seat.eligible] += seat.weight
        self._open = self._all
        try:
            ask.id = self._ids()
            chosen = self._choose(ask, request)
            if chosen:
                self._go(ask, chosen)
        except Exception as error:
            ask.exchange = None
            self.broken(error)
            self.give_up(ask.id, self._open, "internal")

    def _choose(self, ask: Ask, request: Request) -> int:
        """The bits of the shadows that get a copy; the others are counted here."""
        chosen = 0
        outcomes = []
        derived = request.derived
        reason = derived.get(self) if derived is not None else None
        if reason is None:
            reason = self._refusal(request)
            if derived is not None:
                derived[self] = reason
        size = _size(ask, request)
        for seat in self.seats:
            why = reason or seat.policy.decide(ask, request, size)
            if why is not None:
                seat.cells[seat.skipped[why]] += seat.weight
                self._open &= ~seat.bit
                outcomes.append(why)
                continue
            shut = seat.valves[seat.place]
            if shut:
                why = REASONS[shut]
                seat.cells[seat.shut[shut]] += seat.weight
                self._open &= ~seat.bit
                outcomes.append(why)
            else:
                chosen |= seat.bit
                outcomes.append(COPIED)
        if chosen or self._tell:
            self._remember(ask.id, tuple(outcomes))
        if self._tell:
            ask.notes = {**(ask.notes or {}), "copies": header_value(self._names, outcomes, ask.id)}
        return chosen

    def _remember(self, id: int, outcomes: tuple[str, ...]) -> None:
        note = self._notes.get(outcomes)
        if note is None:
            note = self._notes[outcomes] = Note(self.endpoint.path, self._names, outcomes)
        self._ring.note(id, note)

    def _refusal(self, request: Request) -> str:
        """Why a request with these headers is not copied to any shadow; empty when nothing speaks against it."""
        marks = self._marks
        for pair in request.headers:
            if pair[0] in marks:
                return "loop"
        if request.upgrade and self._passes:
            return "upgrade"
        if request.http2 and (request.header(b"Content-Type") or b"").startswith(_GRPC):
            return "grpc"
        return ""

    def _go(self, ask: Ask, chosen: int) -> None:
        body = ask.body
        later = self._after & chosen
        paired = self._paired & chosen
        if not self._link.has_room:
            self.give_up(ask.id, chosen, "link_full" if self._link.connected else "no_mirror")
            return
        frame = AskFrame(
            ask.id, self._endpoint, chosen, ask.started, ask.method, ask.path, ask.params, ask.query,
            ask.wire or render(ask.headers), body if type(body) is bytes else b"", ask.chunked,
        )  # fmt: skip
        if type(body) is bytes and not later:
            if self.hand_over(frame) and paired:
                ask.exchange = Watcher(self, ask.id, 0, 0, paired, None)
            return
        watcher = Watcher(self, ask.id, chosen, later, paired, frame)
        self._open = 0
        if later:
            self._waiting[ask.id] = (ask.deadline, watcher)
        if paired or later:
            ask.exchange = watcher
        if isinstance(body, bytes):
            watcher.start()
        else:
            watcher.wait_for(body, max(s.policy.max_body for s in self.seats if s.bit & chosen))

    def answering(self, ask: Ask, response: Response) -> Response:
        """The endpoint's own answer: observed by the shadows that understudy it, and marked where that is wanted."""
        try:
            if ask.exchange is not None and RESPONSE in self._observed:
                _observe(ask.exchange, response, time.monotonic() - ask.started)
            told = ask.notes.get("copies") if self._tell and ask.notes is not None else None
            if told is not None:
                block = response.block
                return replace(response, block=HeaderBlock((*block.pairs, (_TOLD, told)), dated=block.dated))
        except Exception as error:
            self.broken(error)
        return response

    # ------------------------------------------------------------- what pairs need

    def observed(self, backend: int) -> int:
        """The bits of the shadows that want to know about this backend."""
        return self._observed.get(backend, 0)

    def hand_over(self, frame: AskFrame) -> bool:
        """Gives an ask to the link and counts it; False when it was refused, which is counted as well."""
        chosen = frame.chosen
        if self._link.send(encode(frame)):
            self._open &= ~chosen
            for seat in self.seats:
                if seat.bit & chosen:
                    seat.cells[seat.handed] += seat.weight
            return True
        self.give_up(frame.id, chosen, "link_full" if self._link.connected else "no_mirror")
        return False

    def report(self, frame: bytes) -> None:
        """Gives an answer to the link. One that is refused is missed by the mirror, and counted there."""
        self._link.send(frame, urgent=False)

    def give_up(self, id: int, bits: int, reason: str) -> None:
        """The copies for these shadows are not sent after all."""
        self._open &= ~bits
        if not bits:
            return
        seats = [seat for seat in self.seats if seat.bit & bits]
        for seat in seats:
            if reason in seat.dropped:
                seat.drop(reason)
            else:
                seat.skip(reason)
        self._ring.note(id, Note(self.endpoint.path, tuple(s.name for s in seats), (reason,) * len(seats)))

    def too_small(self, bits: int, size: int) -> int:
        """Those of these shadows that do not take a body of this size."""
        return sum(s.bit for s in self.seats if s.bit & bits and size > s.policy.max_body)

    def broken(self, error: BaseException) -> None:
        """Something of ours has raised."""
        try:
            self._report_bug(error)
        except Exception:  # the last net: not even the report may reach the request
            return

    # ------------------------------------------------------------- now and then

    def tick(self, now: float) -> None:
        """Once a second: copies that wait for a regular backend of which nothing is heard any more, go."""
        if not self._waiting:
            return
        for id, (deadline, watcher) in list(self._waiting.items()):
            if watcher.settled:
                del self._waiting[id]
            elif now > deadline:
                del self._waiting[id]
                watcher.done()


def _observe(exchange: Observer, response: Response, seconds: float) -> None:
    body, pairs = response.body, response.block.pairs
    if isinstance(body, bytes):
        exchange.answered(RESPONSE, response.status, pairs, body, seconds)
    else:
        exchange.streaming(RESPONSE, response.status, pairs, body, seconds)


def _size(ask: Ask, request: Request) -> int:
    """The size of the body, as far as it is known."""
    body = ask.body
    if type(body) is bytes:
        return len(body)
    declared = request.header(b"Content-Length")
    return int(declared) if declared is not None and declared.isdigit() else 0
