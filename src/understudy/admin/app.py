"""The admin side as an application. A topic is a file with ``ROUTES`` and a name in ``TOPICS``."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from understudy.admin import health, numbers, service, shadows
from understudy.admin.body import BadBody
from understudy.admin.desk import Desk, error_response
from understudy.admin.guard import Guard
from understudy.process.lifeline import Refused

TOPICS = (health, numbers, service, shadows)
_SAFE = ((b"x-content-type-options", b"nosniff"), (b"x-frame-options", b"DENY"), (b"referrer-policy", b"no-referrer"))


def make_app(desk: Desk, guard: Guard) -> ASGIApp:
    """The application; ``desk`` answers its questions, ``guard`` says who may ask."""
    app = Starlette(
        routes=[route for topic in TOPICS for route in topic.ROUTES],
        exception_handlers={HTTPException: _http_error, Refused: _refused, BadBody: _bad_body, Exception: _bug},
    )
    app.state.desk = desk
    return Guarded(app, guard)


class Guarded:
    """Asks the guard before anything else is done with a request."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, as ASGI wants it."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._guard.judge(scope["method"], scope["path"], headers)
        if refusal is not None:
            await error_response(refusal.message, refusal.status)(scope, receive, send)
            return

        async def guarded_send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_SAFE]  # type: ignore[misc]
            await send(message)

        await self._app(scope, receive, guarded_send)  # type: ignore[arg-type]


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {404: "There is nothing here.", 405: "This method is not served here."}
    return error_response(said.get(error.status_code, str(error.detail)), error.status_code)


async def _refused(request: Request, error: Exception) -> Response:
    return error_response(str(error), 409)


async def _bad_body(request: Request, error: Exception) -> Response:
    return error_response(str(error), 400)


async def _bug(request: Request, error: Exception) -> Response:
    return error_response(f"Something went wrong here: {type(error).__name__}: {error}.", 500)
