"""What an HTTP/2 header list must be before it becomes a request. Pure.

h2 refuses a good deal by itself; the rules here are those of HTTP/1.1's head (``http/head.py``), because that is what
backends get: a line break or a second Host must not get through by way of another protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from understudy.errors import BadRequest, HeadTooLarge
from understudy.http.values import Pair, Pairs, canonical

_METHOD = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}\Z").match
_PATH = re.compile(rb"(?:/[!-~]*|\*)\Z").match
_HOST = re.compile(rb"[A-Za-z0-9!$%&()*+,\-.:;=\[\]'_~]*\Z").match
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+\Z").match
_VALUE = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*\Z").match
_OF_A_CONNECTION = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"http2-settings"}
)
_PSEUDO = frozenset({b":method", b":scheme", b":path", b":authority"})


class Head2:
    """The facts of an HTTP/2 request's header list."""

    __slots__ = ("headers", "host", "length", "method", "target")

    def __init__(self, method: bytes, target: bytes, host: bytes, headers: Pairs, length: int | None) -> None:
        self.method = method
        self.target = target
        self.host = host
        self.headers = headers
        self.length = length


def examine2(fields: Iterable[Pair], *, most: int, target_bytes: int) -> Head2:
    """Checks a request's header list; raises a ``RequestError`` when it must not be served."""
    pseudo: dict[bytes, bytes] = {}
    headers: Pairs = []
    cookies: list[bytes] = []
    for name, value in fields:
        if name[:1] == b":":
            if headers or cookies or name not in _PSEUDO or name in pseudo:
                raise BadRequest("misplaced, repeated or unknown pseudo-header field")
            pseudo[name] = value
            continue
        if not _NAME(name) or not _VALUE(value) or value != value.strip(b" \t"):
            raise BadRequest("malformed header field")
        if name in _OF_A_CONNECTION or (name == b"te" and value.lower() != b"trailers"):
            raise BadRequest("a header field of HTTP/1.1's connections")
        if name == b"cookie":
            cookies.append(value)
        else:
            headers.append((canonical(name), value))
        if len(headers) + len(cookies) > most:
            raise HeadTooLarge("the header section is too large")
    if cookies:
        headers.append((b"Cookie", b"; ".join(cookies)))
    return _head(pseudo, headers, target_bytes)


def _head(pseudo: dict[bytes, bytes], headers: Pairs, target_bytes: int) -> Head2:
    method, target = pseudo.get(b":method", b""), pseudo.get(b":path", b"")
    if not _METHOD(method) or method == b"CONNECT" or b":scheme" not in pseudo:
        raise BadRequest("missing or unsupported pseudo-header field")
    if not _PATH(target) or len(target) > target_bytes or (target == b"*" and method != b"OPTIONS"):
        raise BadRequest("bad request-target")
    hosts = [value for name, value in headers if name == b"Host"]
    authority = pseudo.get(b":authority")
    if len(hosts) > 1 or (hosts and authority is not None and hosts[0] != authority):
        raise BadRequest("more than one host")
    host = authority if authority is not None else hosts[0] if hosts else None
    if host is None or not _HOST(host):
        raise BadRequest("missing or malformed host")
    lengths = [value for name, value in headers if name == b"Content-Length"]
    if len(lengths) > 1 or (lengths and (not lengths[0].isdigit() or len(lengths[0]) > 18)):
        raise BadRequest("bad Content-Length")
    if not hosts:
        headers.append((b"Host", host))
    return Head2(method, target, host, headers, int(lengths[0]) if lengths else None)
