"""Configuration, children, events, reloading."""

from __future__ import annotations

import os

from tests.admin.asking import Answers, ask
from understudy.admin.app import make_app
from understudy.admin.guard import Guard

GUARD = Guard("127.0.0.1", None)


async def test_the_children_come_with_what_they_use() -> None:
    table = [{"name": "worker 0", "pid": os.getpid()}, {"name": "worker 1", "pid": None}]
    got = await ask(make_app(Answers(children=table), GUARD), "GET", "/api/children")
    assert got.data[0]["resident_bytes"] > 1_000_000 and got.data[0]["descriptors"] > 2
    assert got.data[1] == table[1]


async def test_events_after_a_number() -> None:
    desk = Answers(events=[{"number": 8}])
    got = await ask(make_app(desk, GUARD), "GET", "/api/events?after=7")
    assert got.data == [{"number": 8}] and desk.asked == [("events", 7)]


async def test_a_reload_that_fails_is_a_conflict() -> None:
    app = make_app(Answers(reload={"result": "failed", "why": "no."}), GUARD)
    got = await ask(app, "POST", "/api/reload")
    assert (got.status, got.data) == (409, {"error": "The old configuration stays: no."})
    app = make_app(Answers(reload={"result": "ok", "why": ""}), GUARD)
    assert (await ask(app, "POST", "/api/reload")).status == 200


async def test_configuration_and_status_are_the_supervisors() -> None:
    app = make_app(Answers(config={"c": 1}, status={"s": 2}), GUARD)
    assert (await ask(app, "GET", "/api/config")).data == {"c": 1}
    assert (await ask(app, "GET", "/api/status")).data == {"s": 2}
