"""What an endpoint looks at before it asks anybody: the first check that does not hold is the answer.

It stands where the tap stands, and calls it last: a request that the endpoint rejects is never copied. An endpoint
without checks has its tap there, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from understudy.errors import Rejected
from understudy.gateway.types import Ask
from understudy.http.values import Request, Response

Refusal = Response | Rejected
Check = Callable[[Ask, Request], Refusal | None]
"""Why a request must not pass; None when it may. Never raises."""


class Later:
    """Says that the body must have arrived first; ``limit`` is the most that it may have, in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit


class Gate(Protocol):
    """Who is shown every ask of an endpoint, and its answer where that is wanted. A tap (``shadow.tap``) is one."""

    sees_answers: bool
    """Whether ``answering`` wants to be called."""

    def begin(self, ask: Ask, request: Request) -> Refusal | Later | None:
        """Called once, before any backend is asked; None lets the ask pass. Never raises, never waits."""

    def answering(self, ask: Ask, response: Response) -> Response:
        """Called with the answer to the client; returns what is to be sent. Never raises, never waits."""


class Admission:
    """The checks of one endpoint, then its tap. ``needs_body`` is the largest body that a check looks into."""

    def __init__(self, checks: Sequence[Check], tap: Gate | None, needs_body: int | None = None) -> None:
        self._checks = tuple(checks)
        self._tap = tap
        self.sees_answers = tap is not None and tap.sees_answers
        self._later = Later(needs_body) if needs_body is not None else None

    def begin(self, ask: Ask, request: Request) -> Refusal | Later | None:
        """What ``Gate`` says."""
        if self._later is not None and type(ask.body) is not bytes:
            return self._later
        for check in self._checks:
            refusal = check(ask, request)
            if refusal is not None:
                return refusal
        if self._tap is not None:
            return self._tap.begin(ask, request)
        return None

    def answering(self, ask: Ask, response: Response) -> Response:
        """What ``Gate`` says."""
        return response if self._tap is None else self._tap.answering(ask, response)
