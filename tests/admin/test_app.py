"""The admin application: what all topics have in common."""

from __future__ import annotations

import pytest

from tests.admin.asking import Answers, ask
from understudy.admin.app import make_app
from understudy.admin.guard import Guard

GUARD = Guard("127.0.0.1", None)


@pytest.mark.parametrize(
    ("method", "target", "status", "said"),
    [
        ("GET", "/nothing", 404, "There is nothing here."),
        ("POST", "/metrics", 405, "This method is not served here."),
        ("GET", "/api/events?after=x", 400, '"after" must be the number of an event.'),
        ("GET", "/api/status", 409, "no status here"),
        ("POST", "/api/shadows/a", 400, "The body is not JSON"),
    ],
)
async def test_errors_are_sentences_in_json(method: str, target: str, status: int, said: str) -> None:
    got = await ask(make_app(Answers(), GUARD), method, target, b"{" if method == "POST" else b"")
    assert got.status == status and got.data["error"].startswith(said)


async def test_the_guard_is_asked_first() -> None:
    desk = Answers(config={})
    got = await ask(make_app(desk, GUARD), "GET", "/api/config", host="evil.example")
    assert got.status == 403 and "Host" in got.data["error"] and desk.asked == []


async def test_answers_tell_browsers_to_be_careful() -> None:
    got = await ask(make_app(Answers(config={"a": 1}), GUARD), "GET", "/api/config")
    assert got.headers["x-content-type-options"] == "nosniff" and got.headers["x-frame-options"] == "DENY"
    assert got.headers["cache-control"] == "no-store"


async def test_a_body_without_end_is_not_taken() -> None:
    got = await ask(make_app(Answers(), GUARD), "POST", "/api/shadows/a", b" " * 100_000)
    assert got.status == 400 and "longer than" in got.data["error"]
