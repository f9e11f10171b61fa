"""What the admin side needs of the rest: answers of the supervisor. A test may put anything in its place."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response


class Desk(Protocol):
    """Where questions are answered; ``process.lifeline.Lifeline`` is one."""

    async def ask(self, what: str, body: Any = None) -> Any:
        """The answer. Raises ``process.lifeline.Refused`` with a sentence."""


def desk_of(request: Request) -> Desk:
    """The desk of the application that serves this request."""
    desk: Desk = request.app.state.desk
    return desk


def json_response(body: Any, status: int = 200) -> Response:
    """Data as JSON; never kept by a cache."""
    return Response(msgspec.json.encode(body) + b"\n", status, {"Cache-Control": "no-store"}, "application/json")


def error_response(message: str, status: int) -> Response:
    """A sentence that says what is wrong."""
    return json_response({"error": message}, status)
