"""Who may read a body that is still arriving: one reader has the stream, several need it whole."""

from __future__ import annotations

import asyncio

from understudy.errors import RequestTimeout
from understudy.gateway.types import Ask
from understudy.http.stream import Stream


async def buffered(ask: Ask) -> bytes:
    """Reads the ask's body to its end and keeps it there; raises ``RequestTimeout`` at the ask's deadline."""
    body = ask.body
    if isinstance(body, Stream):
        try:
            async with asyncio.timeout_at(ask.deadline):
                ask.body = body = await body.read()
        except TimeoutError:
            raise RequestTimeout("the body did not arrive in time") from None
        ask.length = None
    return body
