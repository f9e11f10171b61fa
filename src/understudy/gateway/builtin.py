"""The endpoints that every gateway has: health, and debug and echo when they are switched on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

import msgspec

from understudy.gateway.escape import parse_query
from understudy.http.stream import Stream
from understudy.http.values import HeaderBlock, Request, Response

_JSON = HeaderBlock([(b"Content-Type", b"application/json; charset=utf-8")])
_encode = msgspec.json.Encoder(order="sorted").encode
_ECHO_LIMIT = 10 * 1024 * 1024

Builtin = Callable[[Request, str, bytes], Response | Awaitable[Response]]
"""From the request, its decoded path and its raw query to the answer."""


def health(request: Request, path: str, query: bytes) -> Response:
    """The process is up and serves; KrakenD's shape, with the agents that this version never has."""
    now = datetime.now().astimezone()
    return Response(200, _JSON, _encode({"agents": {}, "now": str(now), "status": "ok"}))


def debug(log: Callable[[str], None]) -> Builtin:
    """Logs what arrived, answers ``pong``."""

    async def answer(request: Request, path: str, query: bytes) -> Response:
        body = await request.body.read(_ECHO_LIMIT) if isinstance(request.body, Stream) else request.body
        log(f"Method: {request.method.decode()}")
        log(f"URL: {request.target.decode('latin-1')}")
        log(f"Query: {parse_query(query)}")
        log("Headers: " + ", ".join(sorted({name.decode("latin-1") for name, _ in request.headers})))
        log(f"Body: {len(body)} bytes")
        return Response(200, _JSON, b'{"message":"pong"}')

    return answer


def options(methods: Iterable[str], version: bytes) -> Builtin:
    """``auto_options``: which methods a path has."""
    allow = ", ".join(sorted(methods)).encode()
    block = HeaderBlock([(b"Allow", allow), (b"X-Krakend", version)])
    return lambda request, path, query: Response(200, block)


async def echo(request: Request, path: str, query: bytes) -> Response:
    """Answers with what arrived."""
    body = await request.body.read(_ECHO_LIMIT) if isinstance(request.body, Stream) else request.body
    listed: dict[str, list[str]] = {}
    for key, value in parse_query(query):
        listed.setdefault(key, []).append(value)
    headers: dict[str, list[str]] = {}
    for name, content in request.headers:
        if name != b"Host":
            headers.setdefault(name.decode("latin-1"), []).append(content.decode("latin-1"))
    data = {
        "req_uri": request.target.decode("latin-1"),
        "req_uri_details": {
            "user": "", "host": request.host.decode("latin-1"), "path": path, "query": query.decode("latin-1"),
            "fragment": "",
        },
        "req_method": request.method.decode("latin-1"),
        "req_querystring": listed,
        "req_body": body.decode("utf-8", "replace"),
        "req_headers": headers,
    }  # fmt: skip
    return Response(200, _JSON, _encode(_clean(data)))


def _clean(value: object) -> object:
    """Without lone surrogates, which no JSON text can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {_clean(k): _clean(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_clean(v) for v in value]
    return value
