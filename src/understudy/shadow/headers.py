"""Which headers go along with a copy. Pure.

The endpoint forwards a list; the shadow's own ``input_headers`` narrow it, as with any backend; then the
configuration's changes are made, and the mark is added, so that a copy that finds its way back to a gateway is known.

Credentials go along only where they already go (a shadow on the hosts of a regular backend of the same endpoint) or
where the configuration lets them. They are never part of an ``Exchange``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from understudy.config.model import Backend, Endpoint, Shadow
from understudy.http.values import Pair, Pairs, canonical

ALL = "*"
CREDENTIALS = frozenset({
    b"Authorization", b"Cookie", b"Proxy-Authorization", b"X-Api-Key", b"Api-Key", b"X-Auth-Token", b"X-Access-Token",
    b"X-Csrf-Token", b"X-Xsrf-Token", b"X-Amz-Security-Token", b"Set-Cookie", b"Www-Authenticate",
    b"Proxy-Authenticate", b"Authentication-Info",
})  # fmt: skip
"""Headers that prove who somebody is, in requests and in answers."""

_AGENT: Pair = (b"User-Agent", b"Go-http-client/1.1")
"""What a backend with ``input_headers`` of its own sees when the client's agent is not among them, as in KrakenD."""

Copied = Callable[[Sequence[Pair], int], Pairs]
"""From the headers that the endpoint forwards, and the exchange's id, to those of the copy."""


def parse(wire: bytes) -> Pairs:
    """Header fields as they stand on the wire, taken apart again."""
    pairs = []
    for line in wire.split(b"\r\n"):
        if line:
            name, _, value = line.partition(b": ")
            pairs.append((name, value))
    return pairs


def exchange_id(id: int) -> str:
    """An exchange's id as people see it: sixteen hexadecimal digits."""
    return f"{id:016x}"


def copied(endpoint: Endpoint, backend: Backend) -> Copied:
    """The function that makes the headers of copies for this shadow."""
    shadow = backend.shadow
    if shadow is None:
        raise ValueError(f"backend {backend.index} of {endpoint.path} is no shadow")
    listed = frozenset(_name(n) for n in backend.input_headers)
    mark = _name(shadow.mark)
    given = tuple((_name(n), v.encode("utf-8")) for n, v in shadow.set_headers)
    gone = {_name(n) for n in shadow.remove_headers} | {n for n, _ in given} | {mark} | withheld(endpoint, backend)
    gone_or_set = frozenset(gone)

    def make(headers: Sequence[Pair], id: int) -> Pairs:
        if listed:
            out = [p for p in headers if p[0] in listed and p[0] not in gone_or_set]
            if not any(p[0] == b"User-Agent" for p in out) and b"User-Agent" not in gone_or_set:
                out.append(_AGENT)
        else:
            out = [p for p in headers if p[0] not in gone_or_set]
        out.extend(given)
        out.append((mark, b"%016x" % id))
        return out

    return make


def withheld(endpoint: Endpoint, backend: Backend) -> frozenset[bytes]:
    """The credentials that do not go along to this shadow."""
    shadow = backend.shadow
    if shadow is None or ALL in shadow.credentials:
        return frozenset()
    known = {host for regular in endpoint.regular for host in regular.hosts}
    if backend.hosts and set(backend.hosts) <= known:
        return frozenset()
    return CREDENTIALS - {_name(n) for n in shadow.credentials}


def secrets_of(shadow: Shadow) -> frozenset[bytes]:
    """The headers that are never stored: well-known credentials, and those that the configuration calls so."""
    return CREDENTIALS | {_name(n) for n in shadow.credentials}


def harmless(headers: Sequence[Pair], secrets: frozenset[bytes] = CREDENTIALS) -> Pairs:
    """The headers that may be kept: without credentials."""
    return [p for p in headers if p[0] not in secrets]


def _name(text: str) -> bytes:
    return canonical(text.encode("latin-1", "replace"))
