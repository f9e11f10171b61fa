"""Values for tests of the store."""

from __future__ import annotations

from typing import Any

from understudy.exchange import Answer, Asked, Exchange, Failure
from understudy.store.series import Series

USERS = Series("next", "GET /users/{id}")
ORDERS = Series("next", "GET /orders")


def exchange(id: int = 1, body: bytes = b'{"a":1}', **more: Any) -> Exchange:
    ask = Asked("GET", "/users/7", [("page", "2"), ("api_token", "t0p")],
                [(b"Accept", b"*/*"), (b"Authorization", b"Bearer x"), (b"X-Tenant", b"acme")], b"")  # fmt: skip
    given = {"ask": ask, "candidate": Failure("timeout", "no answer", 1.0), "at": float(id), **more}
    headers = [(b"Content-Type", b"application/json"), (b"Set-Cookie", b"sid=1")]
    return Exchange(id=id, endpoint=0, shadow="next",
                    primary=Answer(200, headers, body, len(body), 0.01), **given)  # fmt: skip
