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
from understudy.shadow.explain import COPIED


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
    """Changes one: ``{"percent": 5}``, ``{"paused": true}``, ``{"max_rate": null}``, ``{"max_in_flight": 10}``."""
    changes = await json_body(request)
    answer = await desk_of(request).ask("shadow", {"name": request.path_params["name"], "changes": changes})
    return json_response(answer)


async def explain(request: Request) -> Response:
    """What was decided about the request with this exchange id, and what became of its copies."""
    found = await desk_of(request).ask("explain", request.path_params["id"])
    return json_response({"id": request.path_params["id"], "decisions": explained(found)})


def explained(found: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What each process knows, put together by shadow: the worker's decision, and ``copies``, what became of each."""
    out: dict[str, dict[str, Any]] = {}
    for known in (decision for process in found for decision in process):
        row = out.setdefault(known["shadow"], {
            "id": known["id"], "endpoint": known["endpoint"], "shadow": known["shadow"], "outcome": COPIED,
            "copies": [],
        })  # fmt: skip
        if known.get("by") == "mirror":
            row["copies"].append(known["outcome"])
        else:
            row["outcome"] = known["outcome"]
    return list(out.values())


ROUTES = [
    Route("/api/shadows", shadows),
    Route("/api/shadows/{name:path}", shadow, methods=["POST"]),
    Route("/api/explain/{id}", explain),
]
