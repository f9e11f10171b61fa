"""One endpoint: a client's request in, an ask to its proxy, an answer in the endpoint's encoding."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from understudy.config.model import Endpoint
from understudy.errors import UnderstudyError
from understudy.gateway.admission import Gate, Later, Refusal
from understudy.gateway.body import buffered
from understudy.gateway.failure import Failures
from understudy.gateway.forward import HOP_BY_HOP, headers_of, query_of
from understudy.gateway.lane import Flight, Group, Lane
from understudy.gateway.meters import EndpointMeters
from understudy.gateway.types import Ask, Proxy, Reply
from understudy.http.stream import Stream
from understudy.http.tunnel import Tunnel
from understudy.http.values import HeaderBlock, Pair, Request, Response, render

Render = Callable[[Reply | None, Request], tuple[bytes, bytes]]
"""From a reply to (content type, body); the request is there for its Accept field."""

Respond = Callable[[Response], None]


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
        gate: Gate | None,
        lane: Lane | None,
        report: Callable[[Endpoint, BaseException | str], None],
    ) -> None:
        self.endpoint = endpoint
        self.meters = meters
        self._proxy = proxy
        self._render = render
        self._failures = failures
        self._client_address = client_address
        self._gate = gate
        self._seen = gate is not None and gate.sees_answers
        self._lane = lane
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

    def dispatch(
        self, request: Request, path: str, params: dict[str, str], query: bytes, respond: Respond
    ) -> Awaitable[Response] | Response | Serving:
        """Serves one request: by callbacks where its endpoint has a lane, else by a coroutine."""
        started = time.monotonic()
        derived = request.derived
        known = derived.get(self) if derived is not None else None
        if known is None:
            request.client = self._client_address(request)
            headers = self._headers(request)
            known = (request.client, headers, render(headers))
            if derived is not None:
                derived[self] = known
        request.client, headers, wire = known
        pairs = self._query(query) if query and self._query is not None else []
        body = request.body
        ask = Ask(self._method, path, params, pairs, headers, body, started + self._timeout, started, 0, wire)
        ask.chunked = request.chunked
        if self._gate is not None:
            refusal = self._gate.begin(ask, request)
            if refusal is not None:
                return self._refused(refusal, request, ask)
        if self._lane is not None and type(ask.body) is bytes and not request.upgrade:
            if self._seen and self._gate is not None:
                respond = _seen_by(self._gate, ask, respond)
            serving = Serving(self, request, started, respond)
            serving.flight = self._lane.start(ask, serving.landed)
            return serving
        if type(body) is not bytes:
            ask.length = _declared(request)
        if request.upgrade and self.passes:
            self._pass_upgrade(request, ask)
        return self._serve(ask, request)

    def _refused(self, refusal: Refusal | Later, request: Request, ask: Ask) -> Awaitable[Response] | Response:
        """The answer to a request that a check does not let pass, or the way of one whose body must come first."""
        if isinstance(refusal, Later):
            return self._serve_later(refusal.limit, request, ask)
        if isinstance(refusal, Response):
            self.meters.count(refusal.status, time.monotonic() - ask.started)
            return refusal
        return self.respond(refusal, request, ask.started)

    async def _serve_later(self, limit: int, request: Request, ask: Ask) -> Response:
        """Waits for the body, then goes on as with one that was there."""
        gate = self._gate
        try:
            await buffered(ask, limit)
        except Exception as error:
            return self.respond(error, request, ask.started)
        refusal = gate.begin(ask, request) if gate is not None else None
        if refusal is None:
            return await self._serve(ask, request)
        answer = self._refused(refusal, request, ask)
        return answer if isinstance(answer, Response) else await answer

    async def _serve(self, ask: Ask, request: Request) -> Response:
        """The way with patience; the only exceptions that leave are cancellations."""
        try:
            outcome: Reply | BaseException | None = await self._proxy(ask)
        except Exception as error:
            outcome = error
        response = self.respond(outcome, request, ask.started)
        if self._seen and self._gate is not None:
            response = self._gate.answering(ask, response)
        return response

    def respond(self, outcome: Reply | BaseException | None, request: Request, started: float) -> Response:
        """The answer to the client, counted and, when something went wrong, reported."""
        if isinstance(outcome, BaseException):
            response = self._failure(outcome, request)
        else:
            try:
                if outcome is not None and outcome.errors:
                    request.errors = outcome.errors
                    self._report(self.endpoint, "; ".join(outcome.errors))
                response = self._passed(outcome) if self.passes else self._encoded(outcome, request)
            except Exception as error:
                response = self._failure(error, request)
        self.meters.count(response.status, time.monotonic() - started)
        return response

    def _failure(self, error: BaseException, request: Request) -> Response:
        known = isinstance(error, UnderstudyError)
        request.errors = (str(error) if known else f"{type(error).__name__}: {error}",)
        self._report(self.endpoint, error)
        return self._failures.respond(error)

    def _encoded(self, reply: Reply | None, request: Request) -> Response:
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
        derived = reply.derived
        block = derived.get(self) if derived is not None else None
        if block is None:
            kept = [pair for pair in reply.headers if pair[0] not in HOP_BY_HOP]
            dated = any(pair[0] == b"Date" for pair in kept)
            block = HeaderBlock((*self._incomplete, *kept), dated=dated)
            if derived is not None:
                derived[self] = block
        body = reply.body
        response = Response(reply.status, block, body)
        if type(body) is not bytes or not body:
            response.length = reply.length
        if reply.tunnel is not None and type(body) is bytes:
            response.tunnel = Tunnel(reply.tunnel, body)
            response.body = b""
        return response

    def _pass_upgrade(self, request: Request, ask: Ask) -> None:
        """Switching protocols needs the client's own words: they go along whatever the lists say."""
        ask.upgrade = request.upgrade
        present = {name for name, _ in ask.headers}
        ask.headers = [*ask.headers, *(
            pair for pair in request.headers
            if pair[0] not in present and (pair[0].startswith(b"Sec-Websocket-") or pair[0] == b"Origin")
        )]  # fmt: skip
        ask.wire = None


class Serving:
    """One request on its way through a lane."""

    __slots__ = ("_handler", "_request", "_respond", "_started", "flight")

    def __init__(self, handler: EndpointHandler, request: Request, started: float, respond: Respond) -> None:
        self._handler = handler
        self._request = request
        self._started = started
        self._respond = respond
        self.flight: Flight | Group | None = None

    def landed(self, index: int, outcome: Reply | BaseException) -> None:
        """The backends have answered."""
        self.flight = None
        self._respond(self._handler.respond(outcome, self._request, self._started))

    def cancel(self) -> None:
        """The client has gone."""
        flight, self.flight = self.flight, None
        if flight is not None:
            flight.cancel()


def _seen_by(gate: Gate, ask: Ask, respond: Respond) -> Respond:
    return lambda response: respond(gate.answering(ask, response))


def _declared(request: Request) -> int | None:
    value = request.header(b"Content-Length")
    return int(value) if value is not None else None
