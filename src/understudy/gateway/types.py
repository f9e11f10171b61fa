"""The types that the whole request path speaks.

An endpoint makes one ``Ask`` of a client's request and hands it to a ``Proxy``; what comes back is a ``Reply``, or an
exception of ``understudy.errors``. A ``Middleware`` wraps one proxy, a ``Join`` makes one of several.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from understudy.http.stream import Stream
from understudy.http.values import Pairs


class Ask:
    """What an endpoint asks of its backends: the client's request after all that the endpoint does to it.

    ``params`` are path parameters with the first letter upper-cased (``Id``), as KrakenD stores them.
    ``headers`` and ``query`` hold only what the endpoint forwards; query pairs are decoded, in order of arrival.
    ``body`` is complete bytes or a stream; whoever reads a stream first has it (see ``gateway/body.py``).
    ``deadline`` is absolute, on the clock of ``time.monotonic``; a hop may only bring it nearer.
    ``id`` identifies the exchange in logs, marks and the store.
    ``notes`` is None until somebody writes into it: values that components hand each other.
    """

    __slots__ = ("body", "deadline", "exchange", "headers", "id", "length", "method", "notes", "params", "path",
                 "query", "started", "upgrade", "wire")

    def __init__(
        self,
        method: str,
        path: str,
        params: dict[str, str],
        query: list[tuple[str, str]],
        headers: Pairs,
        body: bytes | Stream,
        deadline: float,
        started: float = 0.0,
        id: int = 0,
    ) -> None:
        self.method = method
        self.path = path
        self.params = params
        self.query = query
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.started = started
        self.id = id
        self.length: int | None = None
        """For a streamed body: what the client declared; None means chunked."""
        self.upgrade: bytes = b""
        """The protocol that the client wants to switch to, on endpoints that pass it on."""
        self.wire: bytes | None = None
        """``headers`` rendered, made once for all backends that filter nothing."""
        self.notes: dict[str, Any] | None = None
        self.exchange: Observer | None = None
        """Set by the tap when a copy of this ask is on its way: backends report what they saw to it."""

    def copy(self) -> Ask:
        """An independent ask: own params, query and headers. The body is shared (bytes never change)."""
        other = Ask(self.method, self.path, dict(self.params), list(self.query), list(self.headers), self.body,
                    self.deadline, self.started, self.id)
        other.exchange = self.exchange
        other.length = self.length
        other.upgrade = self.upgrade
        if self.notes is not None:
            other.notes = dict(self.notes)
        return other


class Observer(Protocol):
    """Who wants to know what a backend answered, as it came from the wire."""

    def answered(self, backend: int, status: int, headers: Pairs, body: bytes, seconds: float) -> None:
        """The backend with this index answered completely; ``seconds`` from dispatch to the last byte."""

    def failed(self, backend: int, error: BaseException, seconds: float) -> None:
        """The backend failed."""

    def streaming(self, backend: int, status: int, headers: Pairs, body: Stream, seconds: float) -> Stream:
        """The backend's answer is being streamed: returns the stream to read instead (a tee, or the same)."""


class Reply:
    """What a proxy answers.

    Decoded: ``data`` (None when the backend sent null or everything was removed) and ``complete``; ``headers`` are
    those that components add to the client's answer. Not decoded (no-op): ``status``, ``headers`` and ``body``.
    """

    __slots__ = ("body", "complete", "data", "errors", "headers", "length", "raw", "status", "tunnel")

    def __init__(
        self,
        data: dict[str, Any] | None = None,
        complete: bool = False,
        status: int = 0,
        headers: Pairs | None = None,
        body: bytes | Stream | None = None,
        length: int | None = None,
    ) -> None:
        self.data = data
        self.complete = complete
        self.status = status
        self.headers: Pairs = headers if headers is not None else []
        self.body = body
        self.length = length
        self.errors: tuple[str, ...] = ()
        """What went wrong on the way to an answer that is still one (a partial merge)."""
        self.raw: bytes | None = None
        """The backend's JSON, already in the form of the answer, where nothing had to look into it."""
        self.tunnel: object | None = None
        """After a 101: the upstream connection."""


Proxy = Callable[[Ask], Awaitable[Reply | None]]
Middleware = Callable[[Proxy], Proxy]
Join = Callable[[Sequence[Proxy]], Proxy]
