"""A bare ``Server`` on a real socket, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from understudy.http.http2 import Http2Connection
from understudy.http.server import Limits, Server
from understudy.http.values import HeaderBlock, Request, Response

TEXT = HeaderBlock([(b"Content-Type", b"text/plain")])


@asynccontextmanager
async def bare(
    dispatch: Callable[[Request, Callable[[Response], None]], Any], limits: Limits | None = None, *, h2c: bool = False
) -> AsyncIterator[tuple[Server, int]]:
    """The server and its port."""
    server = Server(dispatch, limits, http2=Http2Connection, h2c=h2c)
    listener = await asyncio.get_running_loop().create_server(server.protocol, "127.0.0.1", 0)
    try:
        yield server, listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        await server.drain(limit=1.0, grace=0.0)


def echo(request: Request, respond: Callable[[Response], None]) -> Any:
    """Answers with method, target and body."""

    async def later() -> Response:
        body = request.body if isinstance(request.body, bytes) else await request.body.read()
        return Response(200, TEXT, request.method + b" " + request.target + b" " + body)

    return later()
