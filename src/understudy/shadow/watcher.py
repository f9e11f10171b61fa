"""One request that is being copied, seen from the worker: what has gone to the mirror, and what must still go.

The ask frame goes out when the request's body is complete and the turn of a shadow has come: at once, or with
``start: after`` when the backend that it understudies has answered. Answers of regular backends follow it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from understudy.http.stream import Stream
from understudy.http.values import Pair
from understudy.shadow.failures import kind_of, text_of
from understudy.shadow.frames import AnswerFrame, AskFrame, FailureFrame, encode
from understudy.shadow.tee import Tee

if TYPE_CHECKING:
    from understudy.shadow.tap import Tap


class Watcher:
    """The observer of one ask (``gateway.types.Observer``). It never raises, and never delays anybody.

    ``unsent`` holds the bits of the shadows whose copy has not been handed over; ``later`` those among them that wait
    for a regular backend; ``paired`` those that want the answers of regular backends.
    """

    __slots__ = ("_complete", "_frame", "_held", "_later", "_paired", "_seen", "_tap", "_unsent", "id")

    def __init__(self, tap: Tap, id: int, unsent: int, later: int, paired: int, frame: AskFrame | None) -> None:
        self.id = id
        self._tap = tap
        self._unsent = unsent
        self._later = later
        self._paired = paired
        self._frame = frame
        """What is to be sent, as long as anything is unsent."""
        self._complete = True
        """Whether the request's body is there."""
        self._held: list[bytes] = []
        """Answers that came before the ask could go."""
        self._seen = 0

    @property
    def settled(self) -> bool:
        """Whether every copy has been handed over or given up."""
        return not self._unsent

    def start(self) -> None:
        """The request's body is there from the beginning."""
        try:
            self._send()
        except Exception as error:
            self._broken(error)

    # ------------------------------------------------------------- the request's body

    def wait_for(self, body: Stream, limit: int) -> None:
        """The body is still arriving: the copy waits for it, bounded by ``limit`` bytes."""
        self._complete = False
        try:
            Tee(body, limit, self._tap.budget, self._arrived)
        except Exception as error:
            self._broken(error)

    def _arrived(self, body: bytes | None, size: int, why: str) -> None:
        try:
            self._complete = True
            if body is None or self._frame is None:
                reason = {"too_large": "body_too_large", "memory": "body_memory"}.get(why, "body_incomplete")
                self._give_up(reason)
                return
            too_small = self._tap.too_small(self._unsent, size)
            if too_small:
                self._tap.give_up(self.id, too_small, "body_too_large")
                self._unsent &= ~too_small
            self._frame = msgspec.structs.replace(self._frame, body=body)
            self._send()
        except Exception as error:
            self._broken(error)

    def _give_up(self, reason: str) -> None:
        unsent, self._unsent, self._later, self._paired = self._unsent, 0, 0, 0
        self._frame, self._held = None, []
        self._tap.give_up(self.id, unsent, reason)

    def _broken(self, error: Exception) -> None:
        self._tap.broken(error)
        self._give_up("internal")

    # ------------------------------------------------------------- what regular backends did

    def answered(self, backend: int, status: int, headers: Sequence[Pair], body: bytes, seconds: float) -> None:
        """A regular backend has answered completely."""
        self._answered(backend, status, headers, body, len(body), seconds)

    def failed(self, backend: int, error: BaseException, seconds: float) -> None:
        """A regular backend has failed."""
        try:
            if self._turn(backend):
                self._report(FailureFrame(self.id, backend, kind_of(error), text_of(error), seconds))
        except Exception as broken:
            self._broken(broken)

    def streaming(self, backend: int, status: int, headers: Sequence[Pair], body: Stream, seconds: float) -> Stream:
        """A regular backend's answer has begun: it is read along, and passed on as it is."""
        try:
            if self._tap.observed(backend) & (self._paired | self._later):
                began = time.monotonic() - seconds

                def seen(content: bytes | None, size: int, why: str) -> None:
                    if body.error is not None:
                        self.failed(backend, body.error, time.monotonic() - began)
                    else:
                        self._answered(backend, status, headers, content, size, time.monotonic() - began)

                Tee(body, self._tap.largest_answer, self._tap.budget, seen)
        except Exception as error:
            self._broken(error)
        return body

    def done(self) -> None:
        """No backend will be asked any more (the client has gone, or nothing had to be asked): copies that waited go.

        Harmless when everything has been reported.
        """
        try:
            if self._later:
                self._later = 0
                self._send()
        except Exception as error:
            self._broken(error)

    def _answered(
        self, backend: int, status: int, headers: Sequence[Pair], body: bytes | None, size: int, seconds: float
    ) -> None:
        try:
            if self._turn(backend):
                if size > self._tap.largest_answer:
                    body = None
                self._report(AnswerFrame(self.id, backend, status, headers, body, size, seconds))
        except Exception as error:
            self._broken(error)

    def _turn(self, backend: int) -> int:
        """The first report about a backend: sends the copies that waited for it; the bits that want the answer."""
        bits = self._tap.observed(backend)
        seen = 1 << (backend + 1)
        if self._seen & seen or not bits:
            return 0
        self._seen |= seen
        if self._later & bits:
            self._later &= ~bits
            self._send()
        return bits & self._paired

    def _report(self, frame: AnswerFrame | FailureFrame) -> None:
        if self._complete:
            self._tap.report(encode(frame))
        else:
            self._held.append(encode(frame))

    def _send(self) -> None:
        """Hands over the copies whose turn has come, and then the answers that were there before them."""
        if not self._complete:
            return
        due = self._unsent & ~self._later
        if due and self._frame is not None:
            handed = self._tap.hand_over(msgspec.structs.replace(self._frame, chosen=due))
            self._unsent &= ~due
            if not handed:
                self._paired &= ~due
        if not self._unsent:
            self._frame = None
        held, self._held = self._held, []
        if self._paired:
            for frame in held:
                self._tap.report(frame)
