"""Asking the admin application without a socket, and a desk whose answers a test chooses."""

from __future__ import annotations

import json
from typing import Any

from starlette.types import ASGIApp

from understudy.process.lifeline import Refused


class Answers:
    """A desk: what to answer to which question; an exception is raised. ``asked`` keeps the questions."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Any]] = []

    async def ask(self, what: str, body: Any = None) -> Any:
        self.asked.append((what, body))
        answer = self.answers.get(what, Refused(f"no {what} here"))
        if isinstance(answer, Exception):
            raise answer
        return answer


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def data(self) -> Any:
        return json.loads(self.body)


async def ask(app: ASGIApp, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
    """One request; underscores in header names stand for dashes."""
    path, _, query = target.partition("?")
    given = {"host": "127.0.0.1:8091", **{k.replace("_", "-"): v for k, v in headers.items()}}
    if method == "POST":
        given.setdefault("content-type", "application/json")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
        "headers": [(k.encode(), v.encode()) for k, v in given.items()], "server": ("127.0.0.1", 8091),
        "client": ("127.0.0.1", 5),
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    fields = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
    return Answer(sent[0]["status"], fields, b"".join(m.get("body", b"") for m in sent[1:]))
