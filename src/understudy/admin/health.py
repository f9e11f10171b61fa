"""Whether the gateway lives, and whether it serves."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from understudy.admin.desk import desk_of, json_response


async def health(request: Request) -> Response:
    """The admin side answers, so there is somebody."""
    return json_response({"status": "ok"})


async def ready(request: Request) -> Response:
    """200 while every worker serves, 503 otherwise; the body says how many do."""
    status = await desk_of(request).ask("status")
    return json_response(status, 200 if status["ready"] else 503)


ROUTES = [Route("/health", health), Route("/ready", ready)]
