"""Shadows: their accounts, changing them, and why a request was or was not copied."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from understudy.admin.body import json_body
from understudy.admin.desk import Desk, desk_of, json_response
from understudy.admin.numbers import counters_of
from understudy.admin.samples import accounts


async def _table(desk: Desk) -> list[dict[str, Any]]:
    settings = await desk.ask("shadows")
    found = accounts(await counters_of(desk), [shadow["name"] for shadow in settings])
    return [
        {**shadow, **msgspec.to_builtins(account), "problems": account.problems()}
        for shadow, account in zip(settings, found, strict=True)
    ]


async def shadows(request: Request) -> Response:
    """All shadows: what they are set to, and where every copy has gone."""
    return json_response(await _table(desk_of(request)))


async def shadow(request: Request) -> Response:
    """Changes one: ``{"percent": 5}``, ``{"paused": true}``."""
    changes = await json_body(request)
    answer = await desk_of(request).ask("shadow", {"name": request.path_params["name"], "changes": changes})
    return json_response(answer)


async def explain(request: Request) -> Response:
    """What was decided about the request with this exchange id."""
    found = await desk_of(request).ask("explain", request.path_params["id"])
    decisions = [decision for worker in found for decision in worker]
    return json_response({"id": request.path_params["id"], "decisions": decisions})


ROUTES = [
    Route("/api/shadows", shadows),
    Route("/api/shadows/{name:path}", shadow, methods=["POST"]),
    Route("/api/explain/{id}", explain),
]
