"""The gateway itself: configuration, children, events, reloading."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from understudy.admin.desk import desk_of, error_response, json_response
from understudy.admin.processes import with_usage


async def status(request: Request) -> Response:
    """Version, and how many workers serve."""
    return json_response(await desk_of(request).ask("status"))


async def config(request: Request) -> Response:
    """The configuration in force, with all inherited values, without secrets."""
    return json_response(await desk_of(request).ask("config"))


async def children(request: Request) -> Response:
    """All processes: phase, restarts, memory, CPU, descriptors."""
    return json_response(with_usage(await desk_of(request).ask("children")))


async def events(request: Request) -> Response:
    """The last events, oldest first; ``?after=N`` gives only those with a higher number."""
    after = request.query_params.get("after", "0")
    if not (after.isascii() and after.isdigit()) or len(after) > 15:
        return error_response('"after" must be the number of an event.', 400)
    return json_response(await desk_of(request).ask("events", int(after)))


async def reload(request: Request) -> Response:
    """Reads the configuration again; answers when the new one serves (200) or has been given up (409)."""
    answer = await desk_of(request).ask("reload")
    if answer["result"] == "ok":
        return json_response(answer)
    return error_response(f"The old configuration stays: {answer['why']}", 409)


ROUTES = [
    Route("/api/status", status),
    Route("/api/config", config),
    Route("/api/children", children),
    Route("/api/events", events),
    Route("/api/reload", reload, methods=["POST"]),
]
