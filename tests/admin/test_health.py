"""Whether it lives, and whether it serves."""

from __future__ import annotations

from tests.admin.asking import Answers, ask
from understudy.admin.app import make_app
from understudy.admin.guard import Guard

GUARD = Guard("10.0.0.1", None)


async def test_health_asks_nobody() -> None:
    desk = Answers()
    got = await ask(make_app(desk, GUARD), "GET", "/health")
    assert (got.status, got.data, desk.asked) == (200, {"status": "ok"}, [])


async def test_ready_is_503_until_every_worker_serves() -> None:
    for ready, status in ((True, 200), (False, 503)):
        got = await ask(make_app(Answers(status={"ready": ready, "workers": 2}), GUARD), "GET", "/ready")
        assert (got.status, got.data["workers"]) == (status, 2)
