"""Bodies of requests to the admin side."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request

LIMIT = 64 * 1024


class BadBody(Exception):
    """The body cannot be used; the text is a sentence."""


async def json_body(request: Request) -> Any:
    """The body as data; an empty one is None. Raises BadBody."""
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > LIMIT:
            raise BadBody(f"The body is longer than {LIMIT} bytes.")
    if not data:
        return None
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise BadBody(f"The body is not JSON: {error}.") from None
