"""The front of the request path: from a request to the endpoint that serves it, or to the answer without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape as html_escape
from typing import cast

from understudy.gateway.bot_detector import REFUSED
from understudy.gateway.builtin import Builtin
from understudy.gateway.cors import Dispatch
from understudy.gateway.endpoint import EndpointHandler, Respond, Serving
from understudy.gateway.escape import EscapeError, decode_once_more, decode_path, escape_path
from understudy.gateway.meters import OtherMeters
from understudy.gateway.router import Found, NotAllowed, Redirect, Router
from understudy.http.values import HeaderBlock, Request, Response

_TEXT = (b"Content-Type", b"text/plain")
_BAD_REQUEST = HeaderBlock([(b"Content-Type", b"text/plain; charset=utf-8")])
_JSON = (b"Content-Type", b"application/json; charset=utf-8")


class Gateway:
    """Routes and answers."""

    def __init__(
        self,
        router: Router[EndpointHandler | Builtin],
        *,
        version: bytes,
        error_bodies: dict[int, bytes],
        check_params: bool,
        meters: OtherMeters,
        close: Callable[[], None],
    ) -> None:
        self._router = router
        self._check_params = check_params
        self._meters = meters
        self._head = ((b"X-Krakend", version), (b"X-Krakend-Completed", b"false"))
        self._not_found = self._fixed(404, error_bodies, b"404 page not found")
        self._bodies = error_bodies
        self.close = close
        """Closes idle connections to backends."""
        self.dispatch: Dispatch = self.route
        """What the server calls; ``build`` wraps it."""

    def _fixed(self, status: int, bodies: dict[int, bytes], text: bytes) -> Response:
        body = bodies.get(status)
        if body is not None:
            return Response(status, HeaderBlock((*self._head, _JSON)), body)
        return Response(status, HeaderBlock((*self._head, _TEXT)), text)

    def route(self, request: Request, respond: Respond) -> Response | Awaitable[Response] | Serving:
        """The answer; where a backend must be asked, an awaitable of it, or what will call ``respond`` with it."""
        raw, _, query = request.target.partition(b"?")
        try:
            path = decode_path(raw)
        except EscapeError:
            return self._counted(Response(400, _BAD_REQUEST, b"400 Bad Request", close=True))
        method = request.method.decode("ascii", "replace")
        found = self._router.find(method, path)
        if type(found) is Found:
            route = found.route
            params = found.params
            if params and self._check_params:
                refused = _refusal(params)
                if refused is not None:
                    return self._counted(Response(400, _BAD_REQUEST, refused))
            if type(route) is EndpointHandler:
                return route.dispatch(request, path, params, query, respond)
            return cast(Builtin, route)(request, path, query)
        return self._counted(self._without_endpoint(found, request, method, query))

    def refuse_bot(self, request: Request) -> Response | None:
        """The answer to a bot, whatever it asks for; None where its request is redirected or cannot be read."""
        try:
            path = decode_path(request.target.partition(b"?")[0])
        except EscapeError:
            return None
        found = self._router.find(request.method.decode("ascii", "replace"), path)
        if isinstance(found, Redirect):
            return None
        if isinstance(found, Found) and self._check_params and _refusal(found.params) is not None:
            return None
        if isinstance(found, NotAllowed):
            return self._counted(Response(403, HeaderBlock([(b"Allow", ", ".join(found.methods).encode())])))
        return self._counted(REFUSED)

    def _counted(self, response: Response) -> Response:
        self._meters.count(response.status)
        return response

    def _without_endpoint(
        self, found: Redirect | NotAllowed | object | None, request: Request, method: str, query: bytes
    ) -> Response:
        if isinstance(found, Redirect):
            return _redirect(found.path, method, query)
        if isinstance(found, NotAllowed):
            fixed = self._fixed(405, self._bodies, b"405 method not allowed")
            allow = (b"Allow", ", ".join(found.methods).encode())
            return Response(405, HeaderBlock((*fixed.block.pairs, allow)), fixed.body)
        return self._not_found


def _refusal(params: dict[str, str]) -> bytes | None:
    """Why captured values are not served: encoded twice, or with an encoded ``?`` or ``#`` in them."""
    for value in params.values():
        if "%" in value or "?" in value or "#" in value:
            try:
                again = decode_once_more(value)
            except EscapeError as error:
                return f"error: {error}".encode()
            if again != value or "?" in value or "#" in value:
                return b"error: encoded url params"
    return None


def _redirect(path: str, method: str, query: bytes) -> Response:
    """301 for GET, 307 for the rest, without the gateway's own headers."""
    try:
        place = escape_path(path)
    except EscapeError:
        place = "/"
    if place.startswith("//"):
        place = "/" + place.lstrip("/")
    location = place.encode("ascii", "replace") + (b"?" + query if query else b"")
    if method != "GET":
        return Response(307, HeaderBlock([(b"Location", location)]), b"")
    body = f'<a href="{html_escape(location.decode("latin-1"))}">Moved Permanently</a>.\n\n'.encode("latin-1")
    block = HeaderBlock([(b"Content-Type", b"text/html; charset=utf-8"), (b"Location", location)])
    return Response(301, block, body)
