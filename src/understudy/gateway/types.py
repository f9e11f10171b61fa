"""The types that the whole request path speaks.

An endpoint makes one ``Ask`` of a client's request and hands it to a ``Proxy``; what comes back is a ``Reply``, or an
exception of ``understudy.errors``. A ``Middleware`` wraps one proxy, a ``Join`` makes one of several.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from understudy.errors import Rejected
from understudy.http.stream import Stream
from understudy.http.values import Pair


class Ask(Struct, weakref=False):
    """What an endpoint asks of its backends: the client's request after all that the endpoint does to it."""

    method: str
    path: str
    params: dict[str, str]
    """Path parameters, first letter upper-cased (``Id``), as KrakenD stores them."""
    query: list[tuple[str, str]]
    """Only what the endpoint forwards: decoded pairs, in order of arrival."""
    headers: Sequence[Pair]
    """Only what the endpoint forwards. Replaced, never changed in place: it may be shared with other asks."""
    body: bytes | Stream
    """Whoever reads a stream first has it; see ``gateway/body.py``."""
    deadline: float
    """Absolute, on the clock of ``time.monotonic``; a hop may only bring it nearer."""
    started: float = 0.0
    id: int = 0
    """Identifies the exchange in logs, marks and the store."""
    wire: bytes | None = None
    """``headers`` rendered, made once for all backends that filter nothing."""
    length: int | None = None
    """For a streamed body: what the client declared; None means chunked."""
    chunked: bool = False
    """For a complete body: whether it goes out in chunks, as it came."""
    upgrade: bytes = b""
    """The protocol that the client wants to switch to, on endpoints that pass it on."""
    notes: dict[str, Any] | None = None
    """Values that components hand each other; None until somebody writes."""
    exchange: Observer | None = None
    """Set by the tap when a copy of this ask is on its way: backends report what they saw to it."""

    def copy(self) -> Ask:
        """An independent ask: own params, query and notes. The body is shared (bytes never change)."""
        notes = dict(self.notes) if self.notes is not None else None
        return replace(self, params=dict(self.params), query=list(self.query), notes=notes)


class Observer(Protocol):
    """Who wants to know what a backend answered, as it came from the wire."""

    def answered(self, backend: int, status: int, headers: Sequence[Pair], body: bytes, seconds: float) -> None:
        """The backend with this index answered completely; ``seconds`` from dispatch to the last byte."""

    def failed(self, backend: int, error: BaseException, seconds: float) -> None:
        """The backend failed."""

    def streaming(self, backend: int, status: int, headers: Sequence[Pair], body: Stream, seconds: float) -> Stream:
        """The backend's answer is being streamed: returns the stream to read instead (a tee, or the same)."""


class Reply(Struct, weakref=False):
    """What a proxy answers.

    Decoded: ``data`` (None when the backend sent null or everything was removed) and ``complete``; ``headers`` are
    those that components add to the client's answer. Not decoded (no-op): ``status``, ``headers`` and ``body``.
    """

    data: dict[str, Any] | None = None
    complete: bool = False
    status: int = 0
    headers: Sequence[Pair] = ()
    body: bytes | Stream | None = None
    length: int | None = None
    """The Content-Length that the backend declared."""
    errors: tuple[str, ...] = ()
    """What went wrong on the way to an answer that is still one (a partial merge)."""
    raw: bytes | None = None
    """The backend's JSON, already in the form of the answer, where nothing had to look into it."""
    tunnel: Any = None
    """After a 101: the upstream connection."""
    derived: dict[object, Any] | None = None
    """For headers that the same connection has brought before: what others made of them, to be used again."""


Proxy = Callable[[Ask], Awaitable[Reply | None]]
Middleware = Callable[[Proxy], Proxy]
Admit = Callable[[Ask], Rejected | None]
"""A backend's own check of what it is asked: why it must not be asked that."""
Join = Callable[[Sequence[Proxy]], Proxy]
