"""A gateway in the test's own event loop, on a real socket: fast to start, and open to inspection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from understudy.config.read import read_text
from understudy.gateway.admission import Gate
from understudy.gateway.build import Surroundings, build
from understudy.gateway.meters import layout
from understudy.http.deadlines import Deadlines
from understudy.http.http2 import Http2Connection
from understudy.http.outbox import Outbox
from understudy.http.server import Limits, Server
from understudy.telemetry.counters import Board


class InProcess:
    """What a test may look at."""

    def __init__(self, port: int, server: Server, around: Surroundings, board: Board) -> None:
        self.port = port
        self.server = server
        self.around = around
        self.board = board
        self.reports: list[str] = []

    def idle(self) -> int:
        """Idle connections to all backends."""
        return self.around.pools._idle()

    def open_upstreams(self) -> int:
        """All connections to backends."""
        return sum(len(pool.all) for pool in self.around.pools._pools.values())


@asynccontextmanager
async def serving(
    config: dict[str, Any], limits: Limits | None = None, taps: Mapping[int, Gate] | None = None
) -> AsyncIterator[InProcess]:
    """Serves this configuration (its port is ignored) until the block ends."""
    service = read_text(json.dumps(config).encode(), "gateway.json", {}, None)
    loop = asyncio.get_running_loop()
    outbox, board = Outbox(loop), Board(layout(service))
    reports: list[str] = []
    around = Surroundings(
        service, Deadlines(loop), outbox, board, taps=taps, report=lambda e, error: reports.append(str(error))
    )
    gateway = build(service, around)
    server = Server(gateway.dispatch, limits, outbox=outbox, http2=Http2Connection, h2c=service.use_h2c)
    listener = await loop.create_server(server.protocol, "127.0.0.1", 0)
    running = InProcess(listener.sockets[0].getsockname()[1], server, around, board)
    running.reports = reports
    try:
        yield running
    finally:
        listener.close()
        await server.drain(limit=2.0, grace=0.0)
        gateway.close()
        for pool in around.pools._pools.values():
            for connection in list(pool.all):
                connection.cut()
        await asyncio.sleep(0)
