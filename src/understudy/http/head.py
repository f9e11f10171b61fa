"""What a request's header section must be before anybody acts on it. Pure.

The parser (llhttp) refuses most malformed messages by itself; the rules here close what it lets through: no or several
Host fields, other protocol versions, any Transfer-Encoding but exactly ``chunked`` on HTTP/1.1, bodies on upgrades.
"""

from __future__ import annotations

import re

from understudy.errors import BadRequest
from understudy.http.values import Pairs

_HOST = re.compile(rb"[A-Za-z0-9!$%&()*+,\-.:;=\[\]'_~]*\Z")
_ABSOLUTE = re.compile(rb"https?://([^/?#@]+)([/?][^#]*)?\Z", re.IGNORECASE)
_GOOD_HOSTS: set[bytes] = set()
_GOOD_HOSTS_LIMIT = 4096


class Head:
    """The facts of a header section that decide how the message is read."""

    __slots__ = ("chunked", "expects_continue", "host", "length", "target", "upgrade")

    def __init__(self, host: bytes, target: bytes) -> None:
        self.host = host
        self.target = target
        self.length: int | None = None
        self.chunked = False
        self.expects_continue = False
        self.upgrade = b""


def examine(method: bytes, target: bytes, version: str, headers: Pairs) -> Head:
    """Checks a request's head; raises ``BadRequest`` with a sentence when it must not be served."""
    host: bytes | None = None
    encoding: bytes | None = None
    length: bytes | None = None
    expect = upgrade = b""
    for name, value in headers:
        if name == b"Host":
            if host is not None:
                raise BadRequest("more than one Host field")
            host = value
        elif name == b"Content-Length":
            if length is not None:
                raise BadRequest("more than one Content-Length field")
            length = value
        elif name == b"Transfer-Encoding":
            if encoding is not None:
                raise BadRequest("more than one Transfer-Encoding field")
            encoding = value
        elif name == b"Expect":
            expect = value
        elif name == b"Upgrade":
            upgrade = value
    if version == "1.1":
        if host is None:
            raise BadRequest("missing required Host field")
    elif version != "1.0":
        raise BadRequest("unsupported protocol version")
    head = Head(host or b"", target)
    if head.host not in _GOOD_HOSTS:
        _check_host(head.host)
    if target[:1] != b"/":
        _absolute(method, head)
    if encoding is not None:
        if length is not None or version != "1.1" or encoding.lower() != b"chunked":
            raise BadRequest("unsupported Transfer-Encoding")
        head.chunked = True
    elif length is not None:
        if not length.isdigit() or len(length) > 18:
            raise BadRequest("bad Content-Length")
        head.length = int(length)
    if expect:
        if expect.lower() != b"100-continue":
            raise BadRequest("unknown expectation")
        head.expects_continue = version == "1.1"
    if upgrade:
        head.upgrade = upgrade
    return head


def _check_host(host: bytes) -> None:
    if not _HOST.match(host):
        raise BadRequest("malformed Host field")
    if len(_GOOD_HOSTS) < _GOOD_HOSTS_LIMIT and len(host) < 256:
        _GOOD_HOSTS.add(host)


def _absolute(method: bytes, head: Head) -> None:
    """Accepts ``*`` for OPTIONS and the absolute form, whose authority goes before the Host field (RFC 9112, 3.2.2)."""
    if head.target == b"*" and method == b"OPTIONS":
        return
    match = _ABSOLUTE.match(head.target)
    if match is None:
        raise BadRequest("bad request-target")
    _check_host(match[1])
    head.host = match[1]
    rest = match[2] or b"/"
    head.target = rest if rest.startswith(b"/") else b"/" + rest
