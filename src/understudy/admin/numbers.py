"""Metrics, in the text format of Prometheus."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from understudy.admin.desk import Desk, desk_of
from understudy.admin.processes import with_usage
from understudy.admin.samples import samples
from understudy.process.ledger import Counters
from understudy.telemetry.metrics import exposition

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def counters_of(desk: Desk) -> Counters:
    """All counters, as they are now."""
    return msgspec.convert(await desk.ask("counters"), Counters)


async def metrics(request: Request) -> Response:
    """Everything that is counted."""
    desk = desk_of(request)
    shadows = [shadow["name"] for shadow in await desk.ask("shadows")]
    processes = with_usage(await desk.ask("children"))
    counters = await counters_of(desk)
    text = exposition(samples(counters, shadows, processes), counters.histograms)
    return Response(text, headers={"Content-Type": CONTENT_TYPE})


ROUTES = [Route("/metrics", metrics)]
