"""Cross-origin requests, around everything else: unknown paths and health get the headers too.

The rules are those of rs/cors 1.11, which KrakenD uses (krakend-surface, 6.6): a refused preflight is a 204 without
the allowing headers, plain requests are never blocked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

from understudy.config.model import Cors
from understudy.http.values import HeaderBlock, Pair, Request, Response

_VARY_PREFLIGHT: Pair = (b"Vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
_VARY_PRIVATE: Pair = (b"Vary", _VARY_PREFLIGHT[1] + b", Access-Control-Request-Private-Network")
_VARY: Pair = (b"Vary", b"Origin")
_ALLOW_ORIGIN = b"Access-Control-Allow-Origin"
_CREDENTIALS: Pair = (b"Access-Control-Allow-Credentials", b"true")

Dispatch = Callable[[Request, Callable[[Response], None]], Any]


class CorsRules:
    """``security/cors``, compiled. Pure."""

    def __init__(self, options: Cors) -> None:
        self._every_origin = "*" in options.allow_origins
        origins = [o.lower().encode("latin-1", "replace") for o in options.allow_origins]
        self._origins = frozenset(o for o in origins if b"*" not in o)
        self._wild = tuple((o.split(b"*", 1)[0], o.split(b"*", 1)[1]) for o in origins if b"*" in o)
        self._methods = frozenset(m.upper().encode() for m in options.allow_methods) | {b"OPTIONS"}
        self._every_header = "*" in options.allow_headers
        self._headers = frozenset(h.lower().encode("latin-1", "replace") for h in options.allow_headers)
        self._credentials = options.allow_credentials
        self._private = options.allow_private_network
        self._expose: tuple[Pair, ...] = ()
        if options.expose_headers:
            self._expose = ((b"Access-Control-Expose-Headers", ", ".join(options.expose_headers).encode("latin-1")),)
        self._max_age: tuple[Pair, ...] = ()
        if options.max_age > 0:
            self._max_age = ((b"Access-Control-Max-Age", b"%d" % int(options.max_age)),)

    def plain(self, request: Request) -> tuple[Pair, ...]:
        """The header fields that an ordinary answer gets."""
        origin = request.header(b"Origin")
        if not origin or not self._allows_origin(origin):
            return (_VARY,)
        return (_VARY, *self._allowed(origin), *self._expose)

    def preflight(self, request: Request) -> tuple[Pair, ...]:
        """The header fields that answer a preflight; only Vary when it is refused."""
        vary = _VARY_PRIVATE if self._private else _VARY_PREFLIGHT
        origin = request.header(b"Origin")
        method = request.header(b"Access-Control-Request-Method") or b""
        asked = request.header(b"Access-Control-Request-Headers")
        if not origin or not self._allows_origin(origin) or method not in self._methods:
            return (vary,)
        if asked and not self._every_header and not self._allows_headers(asked):
            return (vary,)
        out = [vary, *self._allowed(origin), (b"Access-Control-Allow-Methods", method)]
        if asked:
            out.append((b"Access-Control-Allow-Headers", asked))
        if self._private and request.header(b"Access-Control-Request-Private-Network") == b"true":
            out.append((b"Access-Control-Allow-Private-Network", b"true"))
        return (*out, *self._max_age)

    def _allowed(self, origin: bytes) -> tuple[Pair, ...]:
        named = (_ALLOW_ORIGIN, b"*" if self._every_origin else origin)
        return (named, _CREDENTIALS) if self._credentials else (named,)

    def _allows_origin(self, origin: bytes) -> bool:
        if self._every_origin:
            return True
        lowered = origin.lower()
        return lowered in self._origins or any(
            len(lowered) >= len(head) + len(tail) and lowered.startswith(head) and lowered.endswith(tail)
            for head, tail in self._wild
        )

    def _allows_headers(self, asked: bytes) -> bool:
        """Names must be listed, in lower case, sorted and unique, as browsers send them."""
        names = [part.strip(b" \t") for part in asked.split(b",")]
        return all(name in self._headers for name in names) and all(a < b for a, b in pairwise(names))


def with_cors(dispatch: Dispatch, options: Cors) -> Dispatch:
    """The same dispatch, with the header fields on every answer and preflights answered here."""
    rules = CorsRules(options)
    status, passes = options.options_success_status, options.options_passthrough

    def wrapped(request: Request, respond: Callable[[Response], None]) -> Any:
        if request.method == b"OPTIONS" and request.header(b"Access-Control-Request-Method"):
            pairs = rules.preflight(request)
            if not passes:
                return Response(status, HeaderBlock(pairs))
        else:
            pairs = rules.plain(request)

        def respond_with(response: Response) -> None:
            respond(extended(response, pairs))

        outcome = dispatch(request, respond_with)
        return extended_outcome(outcome, pairs)

    return wrapped


def extended_outcome(outcome: Any, pairs: tuple[Pair, ...]) -> Any:
    """What a dispatch returned, with these fields on the answer; something pending answers through its callback."""
    if type(outcome) is Response:
        return extended(outcome, pairs)
    return _later(outcome, pairs) if isinstance(outcome, Awaitable) else outcome


def extended(response: Response, pairs: tuple[Pair, ...]) -> Response:
    """The response with these fields before its own. A new value: header blocks are shared between answers."""
    block = HeaderBlock((*pairs, *response.block.pairs), dated=response.block.dated)
    return Response(response.status, block, response.body, response.close, response.length, response.tunnel)


async def _later(outcome: Awaitable[Response], pairs: tuple[Pair, ...]) -> Response:
    return extended(await outcome, pairs)
