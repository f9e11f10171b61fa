"""The last step towards a backend: an ask becomes an HTTP request on a pooled connection."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from understudy.config.model import Backend
from understudy.errors import BackendError, UnderstudyError
from understudy.gateway.body import buffered
from understudy.gateway.decompress import inflated
from understudy.gateway.escape import EscapeError, encode_query
from understudy.gateway.hosts import Host
from understudy.gateway.pattern import compiled
from understudy.gateway.redirects import REDIRECTS, followed
from understudy.gateway.types import Ask, Observer
from understudy.http.pool import Pools
from understudy.http.stream import Stream
from understudy.http.upstream import Answer
from understudy.http.values import Pair, Pairs, canonical, render

Fetch = Callable[[Ask], Awaitable[Answer]]
"""From an ask to the backend's raw answer; raises a ``BackendError``."""

_GO_AGENT = b"User-Agent: Go-http-client/1.1\r\n"
_GZIP = b"Accept-Encoding: gzip\r\n"
_BODILESS = frozenset({b"GET", b"HEAD", b"DELETE", b"OPTIONS", b"TRACE"})


class HttpBackend:
    """``Fetch`` over HTTP/1.1. ``choose`` names the host; ``streaming`` lets the body follow its head."""

    def __init__(
        self,
        backend: Backend,
        choose: Callable[[], Host],
        pools: Pools,
        *,
        streaming: bool,
        compress: bool = True,
        decodes: bool = True,
        host_header: str | None = None,
    ) -> None:
        self.index = backend.index
        self._choose = choose
        self._fill = compiled(backend.url_pattern)
        self.streaming = streaming
        self._compress = compress
        self._decodes = decodes
        """Whether the body is looked into here: then gzip is undone whoever asked for it."""
        self.method = backend.method.encode()
        """The method that the backend is asked with."""
        self.pools = pools
        self.sends_body_again = backend.send_body_on_redirect
        self._host_header = host_header.encode() if host_header else None
        self._headers = sieve(backend.input_headers)
        self._query = frozenset(backend.input_query_strings)

    async def __call__(self, ask: Ask) -> Answer:
        """Asks the backend, following redirects; reports to ``ask.exchange`` what came back in the end."""
        if ask.exchange is None:
            return await self._ask(ask)
        return await self.observed(ask, self._ask(ask), ask.exchange)

    async def observed(self, ask: Ask, asking: Awaitable[Answer], exchange: Observer) -> Answer:
        """Awaits an answer and reports it to the exchange."""
        started = time.monotonic()
        try:
            answer = await asking
        except UnderstudyError as error:
            exchange.failed(self.index, error, time.monotonic() - started)
            raise
        seconds = time.monotonic() - started
        body = answer.body
        if isinstance(body, Stream):
            answer.body = exchange.streaming(self.index, answer.status, answer.headers, body, seconds)
        else:
            exchange.answered(self.index, answer.status, answer.headers, body, seconds)
        return answer

    def aim(self, ask: Ask) -> tuple[Host, str]:
        """The host and the request-target for this ask; raises ``BackendError`` when there is none."""
        try:
            path = self._fill(ask.params)
        except EscapeError as error:
            raise BackendError(str(error)) from error
        if ask.query:
            path = self._with_query(path, ask.query)
        host = self._choose()
        return host, host.base + path if host.base else path

    async def _ask(self, ask: Ask) -> Answer:
        if self.sends_body_again and type(ask.body) is not bytes:
            await buffered(ask)
        host, path = self.aim(ask)
        answer = await self.fetch(host, path, ask, self.method, ask.body)
        if answer.status in REDIRECTS:
            return await followed(self, host, path, ask, answer)
        return answer

    async def fetch(
        self, host: Host, path: str, ask: Ask, method: bytes, body: bytes | Stream, headers: Pairs | None = None
    ) -> Answer:
        """One exchange with one host. ``headers`` go out instead of the ask's, unfiltered, when given."""
        head, inflates, chunked = self.head(host, path, ask, method, body, headers)
        body = framed(ask, body)
        answer = await host.pool.ask(
            method, head, body, ask.deadline, streaming=self.streaming, chunked=chunked, upgrade=ask.upgrade
        )
        answer.url = (host.url, path)
        return inflated(answer, streaming=self.streaming) if inflates else answer

    def sent_headers(self, ask: Ask) -> Pairs:
        """The ask's headers as this backend gets them."""
        return list(ask.headers) if self._headers is None else self._headers(ask.headers)

    def head(
        self, host: Host, path: str, ask: Ask, method: bytes, body: bytes | Stream, headers: Pairs | None
    ) -> tuple[bytes, bool, bool]:
        """The request's head; whether a gzip answer is to be decoded here; whether the body goes out chunked."""
        agent = b""
        if headers is not None:
            wire = render(headers)
        elif self._headers is None:
            wire = ask.wire or b""
            if not wire:
                wire = ask.wire = render(ask.headers)
        else:
            wire = render(self._headers(ask.headers))
            agent = b"" if b"User-Agent: " in wire else _GO_AGENT
        inflates = self._compress and b"Accept-Encoding: " not in wire and method != b"HEAD"
        chunked = False
        framing = b""
        if type(body) is bytes:
            if ask.chunked and body:
                framing = b"Transfer-Encoding: chunked\r\n"
            elif body or method not in _BODILESS:
                framing = b"Content-Length: %d\r\n" % len(body)
        elif ask.length is not None:
            framing = b"Content-Length: %d\r\n" % ask.length
        else:
            framing, chunked = b"Transfer-Encoding: chunked\r\n", True
        if ask.upgrade:
            framing += b"Connection: Upgrade\r\nUpgrade: " + ask.upgrade + b"\r\n"
        return (
            b"%b %b HTTP/1.1\r\nHost: %b\r\n%b%b%b%b\r\n" % (
                method, path.encode("ascii", "replace"), self._host_header or host.authority, wire, agent,
                _GZIP if inflates else b"", framing,
            ),
            inflates or self._decodes, chunked,
        )  # fmt: skip

    def _with_query(self, path: str, query: list[tuple[str, str]]) -> str:
        if self._query:
            query = [pair for pair in query if pair[0] in self._query]
            if not query:
                return path
        return path + ("&" if "?" in path else "?") + encode_query(query)


def sieve(listed: Sequence[str]) -> Callable[[Sequence[Pair]], Pairs] | None:
    """A backend's own ``input_headers``: a second sieve, where ``*`` means nothing special."""
    if not listed:
        return None
    names = frozenset(canonical(n.encode("latin-1", "replace")) for n in listed)
    return lambda headers: [pair for pair in headers if pair[0] in names]


def framed(ask: Ask, body: bytes | Stream) -> bytes | Stream:
    """A complete body as it goes on the wire: in one chunk where the ask wants chunks."""
    if ask.chunked and type(body) is bytes and body:
        return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    return body
