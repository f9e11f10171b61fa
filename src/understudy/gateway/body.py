"""Who may read a body that is still arriving: one reader has the stream, several need it whole."""

from __future__ import annotations

import asyncio

from understudy.errors import RequestTimeout
from understudy.gateway.types import Ask
from understudy.http.stream import Stream


async def buffered(ask: Ask, limit: int | None = None) -> bytes:
    """Reads the ask's body to its end and keeps it there.

    Raises ``RequestTimeout`` at the ask's deadline, ``BodyTooLarge`` over ``limit`` bytes.
    """
    body = ask.body
    if isinstance(body, Stream):
        try:
            async with asyncio.timeout_at(ask.deadline):
                ask.body = body = await body.read(limit)
        except TimeoutError:
            raise RequestTimeout("the body did not arrive in time") from None
        ask.length = None
    return body
