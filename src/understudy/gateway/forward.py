"""What of a client's request goes on to the backends: headers and query strings, only as listed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter

from understudy import __version__
from understudy.gateway.escape import parse_query
from understudy.http.values import Pair, Pairs, Request, canonical

AGENT = b"Understudy Version " + __version__.encode()

HOP_BY_HOP = frozenset(
    {b"Connection", b"Proxy-Connection", b"Keep-Alive", b"Te", b"Trailer", b"Transfer-Encoding", b"Upgrade", b"Expect",
     b"Content-Length", b"Host", b"Http2-Settings"}
)  # fmt: skip
"""Never forwarded: they speak of one connection, or are made anew for the next."""

_REPLACED = frozenset({b"X-Forwarded-For", b"X-Forwarded-Host"})
_DROPPED = HOP_BY_HOP | _REPLACED

_name = itemgetter(0)

Headers = Callable[[Request], Pairs]
Query = Callable[[bytes], list[tuple[str, str]]]


def headers_of(listed: Sequence[str]) -> Headers:
    """The function that picks the headers which an endpoint with this ``input_headers`` forwards.

    Always set: X-Forwarded-For (one value), X-Forwarded-Host, and a User-Agent of ours unless the client's is listed.
    The order is that of Go's client: User-Agent, then by name.
    """
    every = "*" in listed
    names = frozenset(canonical(n.encode("latin-1", "replace")) for n in listed or ("Content-Type",))
    allowed = names - _DROPPED
    own_agent = (b"User-Agent", AGENT)
    via = (b"X-Forwarded-Via", AGENT)

    def pick(request: Request) -> Pairs:
        out: Pairs
        if every:
            out = _without_connection_options(request.headers)
        elif allowed:
            out = [pair for pair in request.headers if pair[0] in allowed]
            if out and b"Connection" not in allowed:
                out = _respecting_connection(out, request)
        else:
            out = []
        agent: Pair | None = own_agent
        if every or b"User-Agent" in allowed:
            agent = _client_agent(out, via, own_agent)
        out.append((b"X-Forwarded-For", request.client.encode("latin-1", "replace")))
        out.append((b"X-Forwarded-Host", request.host))
        if len(out) > 2:
            out.sort(key=_name)
        if agent is not None:
            out.insert(0, agent)
        return out

    return pick


def _respecting_connection(pairs: Pairs, request: Request) -> Pairs:
    """Drops what the client names in Connection, unless Connection only says how long it stays."""
    named = _named_in_connection(request.headers)
    return [p for p in pairs if p[0] not in named] if named else pairs


def _named_in_connection(headers: Sequence[Pair]) -> frozenset[bytes]:
    for name, value in headers:
        if name == b"Connection":
            lowered = value.lower()
            if lowered not in (b"keep-alive", b"close", b"upgrade"):
                return frozenset(
                    canonical(part.strip())
                    for n, v in headers
                    if n == b"Connection"
                    for part in v.split(b",")
                )
    return frozenset()


def _without_connection_options(headers: Sequence[Pair]) -> Pairs:
    named = _named_in_connection(headers)
    if named:
        return [p for p in headers if p[0] not in _DROPPED and p[0] not in named]
    return [p for p in headers if p[0] not in _DROPPED]


def _client_agent(out: Pairs, via: Pair, own: Pair) -> Pair | None:
    """Takes the client's User-Agent out of ``out`` and returns the one to send.

    When the client sent one, X-Forwarded-Via says who forwards; an empty one means that none is sent.
    """
    theirs = [pair for pair in out if pair[0] == b"User-Agent"]
    if not theirs:
        return own
    out[:] = [p for p in out if p[0] not in (b"User-Agent", b"X-Forwarded-Via")]
    out.append(via)
    return theirs[0] if theirs[0][1] else None


def query_of(listed: Sequence[str]) -> Query | None:
    """The function that picks the query pairs which an endpoint forwards; None when it forwards none."""
    if not listed:
        return None
    if "*" in listed:
        return parse_query
    names = frozenset(listed)

    def pick(query: bytes) -> list[tuple[str, str]]:
        return [pair for pair in parse_query(query) if pair[0] in names]

    return pick
