"""What ``check`` accepts can be built and shown: a file that passes does not fail when the gateway starts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.config.bad_values import FREE, PLACES, ROWS
from tests.config.test_bad_input import base, put
from understudy.cli.dump import dump
from understudy.config.model import Service
from understudy.config.read import read_text
from understudy.config.routes import conflicts
from understudy.errors import ConfigError
from understudy.gateway.build import Surroundings, build, shadow_part
from understudy.gateway.meters import layout
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.telemetry.counters import Board

STRANGE: tuple[Any, ...] = (-1, 5, 1e9, "", "x", [""], ["x"], {"a": "b"}, True, "-5s", "1ns", "{a}", "/../", "é", [5])
FILES = ("tls", "tls.keys", "client_tls", "client_certs")
"""Their values name files, which are read when the gateway starts."""


def accepted(data: Any) -> Service | None:
    """The service, when reading it gives no error."""
    try:
        service = read_text(json.dumps(data).encode(), "gateway.json", {}, Path())
    except ConfigError:
        return None
    return None if conflicts(service) else service


@pytest.mark.parametrize("place", [place for place in PLACES if place not in FILES])
async def test_what_is_accepted_is_built(place: str) -> None:
    """Every key with wrong values, and with values that nobody would write."""
    table, path, _ = PLACES[place]
    loop, built = asyncio.get_running_loop(), 0
    for key in table:
        for value in (*(v for v in ROWS[place][key] if v is not FREE), *STRANGE):
            data = put(base(), path, key, value)
            for name in ("tls", "client_tls"):
                data.pop(name, None)
            service = accepted(data)
            if service is None:
                continue
            around = Surroundings(service, Deadlines(loop), Outbox(loop), Board(layout(service)))
            build(service, around).close()
            for endpoint in service.endpoints:
                for backend in endpoint.shadows:
                    shadow_part(service, endpoint, backend, around)
            dump(service, 3, "\t")
            built += 1
    assert built
