"""Redirects of backends are followed here, never by the client: ten at most, with a Referer, as Go's client does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from understudy.errors import BackendError
from understudy.gateway.escape import EscapeError, target
from understudy.gateway.hosts import Host, host_at
from understudy.gateway.types import Ask
from understudy.http.pool import Pools
from understudy.http.stream import Stream
from understudy.http.upstream import Answer
from understudy.http.values import Pair, Pairs

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST = 10
"""Requests in all, the first one included."""

_CREDENTIALS = frozenset({b"Authorization", b"Www-Authenticate", b"Cookie", b"Cookie2"})
_OF_A_BODY = frozenset({b"Content-Type", b"Content-Encoding", b"Content-Language", b"Content-Location"})


class Fetcher(Protocol):
    """What can ask a host; ``HttpBackend`` is one."""

    method: bytes
    pools: Pools
    sends_body_again: bool

    def sent_headers(self, ask: Ask) -> Pairs:
        """The ask's headers as the backend gets them."""

    async def fetch(
        self, host: Host, path: str, ask: Ask, method: bytes, body: bytes | Stream, headers: Pairs | None = None
    ) -> Answer:
        """One exchange."""


async def followed(backend: Fetcher, host: Host, path: str, ask: Ask, answer: Answer) -> Answer:
    """The answer at the end of the redirects; all hops share the ask's deadline.

    301, 302 and 303 turn everything but GET and HEAD into a GET without body. 307 and 308 keep method and body, and
    with a body are followed only when ``send_body_on_redirect``. Credentials do not go to another domain.
    """
    method, body = backend.method, ask.body
    headers = backend.sent_headers(ask)
    url = host.url.rstrip("/") + path
    first_name = urlsplit(url).hostname or ""
    for _ in range(MOST - 1):
        location = answer.header(b"Location")
        if answer.status not in REDIRECTS or not location:
            return answer
        if answer.status in (307, 308):
            if body != b"" and not (backend.sends_body_again and type(body) is bytes):
                return answer
        elif method not in (b"GET", b"HEAD"):
            method, body = b"GET", b""
            headers = [p for p in headers if p[0] not in _OF_A_BODY]
        if isinstance(answer.body, Stream):
            answer.body.discard()
        previous, url = url, _joined(url, location.decode("latin-1"))
        headers = _for_hop(headers, previous, same_domain(first_name, urlsplit(url).hostname or ""))
        answer = await backend.fetch(*_place(url, backend.pools), ask, method, body, headers)
    if answer.status in REDIRECTS and answer.header(b"Location"):
        raise BackendError(f"stopped after {MOST} redirects")
    return answer


def _joined(url: str, location: str) -> str:
    """Where a redirect points; raises ``BackendError`` for a place that is no URL."""
    try:
        joined = urljoin(url, location)
        urlsplit(joined)
    except ValueError as error:
        raise BackendError(f'failed to parse Location header "{location}": {error}') from error
    return joined


def _for_hop(headers: Sequence[Pair], previous: str, trusted: bool) -> Pairs:
    kept = [p for p in headers if p[0] != b"Referer" and (trusted or p[0] not in _CREDENTIALS)]
    parts = urlsplit(previous)
    if parts.username is None:
        kept.append((b"Referer", previous.encode("ascii", "replace")))
    return kept


def same_domain(first: str, now: str) -> bool:
    """Whether credentials for ``first`` may go to ``now``: the same name, or one below it."""
    return now == first or now.endswith("." + first)


def _place(url: str, pools: Pools) -> tuple[Host, str]:
    parts = urlsplit(url)
    try:
        host = host_at(f"{parts.scheme}://{parts.netloc}", pools)
        return host, target((parts.path or "/") + ("?" + parts.query if parts.query else ""))
    except (ValueError, EscapeError) as error:
        raise BackendError(f"a redirect that cannot be followed: {error}") from error
