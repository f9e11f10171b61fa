"""Bodies of requests to the admin side."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from understudy.admin.body import LIMIT, BadBody, json_body


def request(*pieces: bytes) -> Request:
    left = list(pieces)

    async def receive() -> Any:
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def test_json_in_pieces() -> None:
    assert await json_body(request(b'{"a"', b": 1}")) == {"a": 1}


async def test_nothing_is_none() -> None:
    assert await json_body(request(b"")) is None


async def test_too_much_and_nonsense_are_refused() -> None:
    with pytest.raises(BadBody, match="longer than"):
        await json_body(request(b" " * LIMIT, b"1"))
    with pytest.raises(BadBody, match="not JSON"):
        await json_body(request(b"{"))
