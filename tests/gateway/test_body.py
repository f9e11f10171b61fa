"""Bodies that several need."""

from __future__ import annotations

import asyncio

from understudy.gateway.body import buffered
from understudy.gateway.types import Ask
from understudy.http.stream import complete


async def test_a_stream_becomes_bytes_once() -> None:
    """And the declared length is forgotten, because it is known now."""
    deadline = asyncio.get_running_loop().time() + 5
    ask = Ask("POST", "/", {}, [], [], complete(b"a", b"b"), deadline, length=2)
    assert await buffered(ask) == b"ab" == ask.body
    assert ask.length is None
    assert await buffered(ask) == b"ab"
