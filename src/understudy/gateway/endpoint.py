"""One endpoint: a client's request in, an ask to its proxy, an answer in the endpoint's encoding."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, cast

from understudy.config.model import Endpoint
from understudy.errors import UnderstudyError
from understudy.gateway.failure import Failures
from understudy.gateway.forward import HOP_BY_HOP, headers_of, query_of
from understudy.gateway.meters import EndpointMeters
from understudy.gateway.types import Ask, Proxy, Reply
from understudy.http.stream import Stream
from understudy.http.tunnel import Tunnel
from understudy.http.upstream import Upstream
from understudy.http.values import HeaderBlock, Pair, Request, Response

Render = Callable[[Reply | None, Request], tuple[bytes, bytes]]
"""From a reply to (content type, body); the request is there for its Accept field."""

_FRAMING = HOP_BY_HOP
_DOUBLED = frozenset({b"X-Krakend", b"X-Krakend-Completed"})


class Tap(Protocol):
    """Who hands copies to the mirror; see ``understudy.shadow.tap``."""

    def begin(self, ask: Ask, request: Request) -> None:
        """Called once per ask, before any backend is asked; never raises, never waits."""


class EndpointHandler:
    """Serves the requests of one endpoint."""

    def __init__(
        self,
        endpoint: Endpoint,
        proxy: Proxy,
        render: Render,
        *,
        version: bytes,
        failures: Failures,
        client_address: Callable[[Request], str],
        meters: EndpointMeters,
        tap: Tap | None,
        report: Callable[[Endpoint, BaseException | str], None],
    ) -> None:
        self.endpoint = endpoint
        self.meters = meters
        self._proxy = proxy
        self._render = render
        self._failures = failures
        self._client_address = client_address
        self._tap = tap
        self._report = report
        self._headers = headers_of(endpoint.input_headers)
        self._query = query_of(endpoint.input_query_strings)
        self._timeout = endpoint.timeout
        self._method = endpoint.method
        self.passes = endpoint.output_encoding == "no-op"
        self._version: Pair = (b"X-Krakend", version)
        incomplete: Pair = (b"X-Krakend-Completed", b"false")
        self._incomplete = (self._version, incomplete)
        complete: tuple[Pair, ...] = (self._version, (b"X-Krakend-Completed", b"true"))
        if endpoint.cache_ttl:
            complete = (*complete, (b"Cache-Control", b"public, max-age=%d" % int(endpoint.cache_ttl)))
        self._complete = complete
        self._blocks: dict[tuple[bytes, bool], HeaderBlock] = {}

    async def serve(self, request: Request, path: str, params: dict[str, str], query: bytes) -> Response:
        """Answers one request; the only exceptions that leave are cancellations."""
        started = time.monotonic()
        request.client = self._client_address(request)
        ask = Ask(
            self._method, path, params, self._query(query) if query and self._query is not None else [],
            self._headers(request), request.body, started + self._timeout, started,
        )  # fmt: skip
        if type(request.body) is not bytes:
            ask.length = _declared(request)
        if self._tap is not None:
            self._tap.begin(ask, request)
        if request.upgrade and self.passes:
            self._pass_upgrade(request, ask)
        try:
            reply = await self._proxy(ask)
            if reply is not None and reply.errors:
                request.errors = reply.errors
                self._report(self.endpoint, "; ".join(reply.errors))
            response = self._passed(reply) if self.passes else await self._encoded(reply, request)
        except UnderstudyError as error:
            request.errors = (str(error),)
            self._report(self.endpoint, error)
            response = self._failures.respond(error)
        except Exception as error:
            request.errors = (f"{type(error).__name__}: {error}",)
            self._report(self.endpoint, error)
            response = self._failures.respond(error)
        self.meters.count(response.status, time.monotonic() - started)
        return response

    async def _encoded(self, reply: Reply | None, request: Request) -> Response:
        if reply is None:
            complete = False
        elif (raw := reply.raw) is not None:
            complete = reply.complete and raw != b"{}" and raw != b"null"
        else:
            complete = reply.complete and bool(reply.data)
            if isinstance(reply.body, Stream):
                reply.body.discard()
        content_type, body = self._render(reply, request)
        if reply is not None and reply.headers and reply.data:
            pairs = (*(self._complete if complete else self._incomplete), *reply.headers,
                     (b"Content-Type", content_type))
            return Response(200, HeaderBlock(pairs), body)
        block = self._blocks.get((content_type, complete))
        if block is None:
            pairs = (*(self._complete if complete else self._incomplete), (b"Content-Type", content_type))
            block = self._blocks[content_type, complete] = HeaderBlock(pairs)
        return Response(200, block, body)

    def _passed(self, reply: Reply | None) -> Response:
        if reply is None or reply.body is None:
            return Response(200, HeaderBlock(self._incomplete), b"")
        dated = False
        pairs = list(self._incomplete)
        for pair in reply.headers:
            name = pair[0]
            if name in _FRAMING:
                continue
            if name == b"Date":
                dated = True
            pairs.append(pair)
        response = Response(reply.status, HeaderBlock(pairs, dated=dated), reply.body)
        if isinstance(reply.body, Stream) or not reply.body:
            response.length = reply.length
        if reply.tunnel is not None and isinstance(reply.body, bytes):
            response.tunnel = Tunnel(cast(Upstream, reply.tunnel), reply.body)
            response.body = b""
        return response

    def _pass_upgrade(self, request: Request, ask: Ask) -> None:
        """Switching protocols needs the client's own words: they go along whatever the lists say."""
        ask.upgrade = request.upgrade
        present = {name for name, _ in ask.headers}
        ask.headers.extend(
            pair for pair in request.headers
            if pair[0].startswith(b"Sec-Websocket-") or (pair[0] == b"Origin" and pair[0] not in present)
        )  # fmt: skip


def _declared(request: Request) -> int | None:
    value = request.header(b"Content-Length")
    return int(value) if value is not None else None
