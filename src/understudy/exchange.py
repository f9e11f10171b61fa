"""What was asked, and what each side answered: frozen values that shadow, compare and store speak.

No socket and no live traffic here: an exchange read from a file is the same as one that has just happened.
Credentials are not part of it: whoever makes an exchange of a request leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from understudy.http.values import Pair

RESPONSE = -1
"""In place of a backend's index: the endpoint's own answer to the client."""


class Asked(Struct, frozen=True, gc=False):
    """The request, as the endpoint hands it to its backends, without credentials."""

    method: str
    path: str
    """As the client asked, percent-decoded."""
    query: list[tuple[str, str]]
    headers: Sequence[Pair]
    """Canonical names."""
    body: bytes


class Answer(Struct, frozen=True, gc=False, tag="answer"):
    """What came back, as it came from the wire (a gzip answer that we asked for is decompressed)."""

    status: int
    headers: Sequence[Pair]
    body: bytes | None
    """None when it was larger than ``max_body``; then ``size`` says how large, as far as it was read."""
    size: int
    seconds: float
    """From dispatch to the last byte."""


class Failure(Struct, frozen=True, gc=False, tag="failure"):
    """That no complete answer came back. A failure is an observation, not an exception."""

    kind: str
    """A short word: refused, dns, tls, connect, reset, closed, garbage, cut, decode, limit, timeout, …"""
    text: str
    seconds: float


Observation = Answer | Failure


class Exchange(Struct, frozen=True, gc=False):
    """One request with the observations that belong together: a pair, or with a control a triple."""

    id: int
    endpoint: int
    """Index in the configuration."""
    shadow: str
    """Name of the candidate's shadow."""
    at: float
    """Unix time in seconds at which the request began."""
    ask: Asked
    primary: Observation
    candidate: Observation
    control: Observation | None = None
    """What a second copy of the old version answered, when there is one."""
