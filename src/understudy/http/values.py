"""What travels: header names, requests and responses as values. No socket here.

A header field is a pair ``(name, value)`` of bytes; names are canonical (``Content-Type``), as KrakenD writes them.
Bodies are complete ``bytes`` or a ``Stream``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from understudy.http.stream import Stream

Pair = tuple[bytes, bytes]
Pairs = list[Pair]

_CANONICAL: dict[bytes, bytes] = {}
_CANONICAL_LIMIT = 2048


def canonical(name: bytes) -> bytes:
    """``x-y-z`` to ``X-Y-Z``: the form in which Go, and so KrakenD, sends header names."""
    known = _CANONICAL.get(name)
    if known is not None:
        return known
    made = b"-".join([part[:1].upper() + part[1:].lower() for part in name.split(b"-")])
    if len(_CANONICAL) < _CANONICAL_LIMIT and len(name) < 64:
        _CANONICAL[name] = made
    return made


def render(pairs: Iterable[Pair]) -> bytes:
    """Header fields as they stand on the wire, each ended by CRLF."""
    return b"".join([name + b": " + value + b"\r\n" for name, value in pairs])


FORBIDDEN_TRAILERS = frozenset(
    {b"Content-Length", b"Transfer-Encoding", b"Host", b"Connection", b"Content-Encoding", b"Content-Type",
     b"Content-Range", b"Trailer", b"Te", b"Authorization", b"Cookie", b"Set-Cookie"}
)  # fmt: skip
"""What must not come after a body, since it says how to read the message or whose it is."""


def trailing(pairs: Iterable[Pair]) -> Pairs:
    """The fields that may follow a body."""
    return [pair for pair in pairs if pair[0] not in FORBIDDEN_TRAILERS]


class HeaderBlock:
    """A header section: as pairs, and (made once, when asked for) as it stands on the wire."""

    __slots__ = ("_wire", "dated", "pairs")

    def __init__(self, pairs: Iterable[Pair], wire: bytes | None = None, *, dated: bool = False) -> None:
        self.pairs: tuple[Pair, ...] = tuple(pairs)
        self._wire = wire
        self.dated = dated
        """Whether a Date field is among them; else the server adds one."""

    @property
    def wire(self) -> bytes:
        """The fields as HTTP/1.1 bytes, without the final empty line."""
        if self._wire is None:
            self._wire = render(self.pairs)
        return self._wire

    def __repr__(self) -> str:
        return f"HeaderBlock({list(self.pairs)!r})"


EMPTY_BLOCK = HeaderBlock((), b"")


class Request(Struct, weakref=False):
    """One message from a client, as it came: nothing is decoded but the framing."""

    method: bytes
    target: bytes
    """The raw request-target."""
    headers: Pairs
    """Canonical names; order and repeats are kept. Never changed in place: later requests may share it."""
    body: bytes | Stream
    """Complete, or still arriving."""
    host: bytes = b""
    """The Host field, or ``:authority``."""
    peer: str = ""
    """The socket's address."""
    secure: bool = False
    http2: bool = False
    keep_alive: bool = True
    started: float = 0.0
    """Monotonic time of the first byte."""
    upgrade: bytes = b""
    client: str = ""
    """The client's address as the router's rules see it, once somebody has looked."""
    errors: tuple[str, ...] = ()
    """What went wrong on the way, for the access log."""
    chunked: bool = False
    """Whether the body came in chunks; backends get it in the same framing."""
    derived: dict[object, Any] | None = None
    """For a header section that this connection has sent before: what others made of it, to be used again."""

    def header(self, name: bytes) -> bytes | None:
        """The first value of the field with this canonical name."""
        for n, v in self.headers:
            if n == name:
                return v
        return None


class Response(Struct, weakref=False):
    """One message to a client: status, header section without framing fields, and a body.

    The server adds framing (Content-Length or chunked), Date and Connection.
    """

    status: int
    block: HeaderBlock = EMPTY_BLOCK
    body: bytes | Stream = b""
    close: bool = False
    """Whether the connection ends with it."""
    length: int | None = None
    """For a streamed body: its length when the sender declared one; None means chunked."""
    tunnel: Any = None
    """For 101: the upstream connection whose bytes are to be relayed both ways."""
