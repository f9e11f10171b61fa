"""Shadows over HTTP."""

from __future__ import annotations

import msgspec

from tests.admin.asking import Answers, ask
from tests.admin.counted import COUNTERS
from understudy.admin.app import make_app
from understudy.admin.guard import Guard
from understudy.process.lifeline import Refused

GUARD = Guard("127.0.0.1", None)


async def test_the_table_has_settings_and_accounts() -> None:
    desk = Answers(counters=msgspec.to_builtins(COUNTERS), shadows=[{"name": "s", "percent": 10.0}])
    (row,) = (await ask(make_app(desk, GUARD), "GET", "/api/shadows")).data
    assert (row["shadow"], row["percent"], row["eligible"], row["skipped"]) == ("s", 10.0, 3, {"percent": 1})
    assert row["problems"] == []


async def test_a_change_goes_to_the_supervisor_names_with_slashes_too() -> None:
    desk = Answers(shadow={"name": "a/b"})
    got = await ask(make_app(desk, GUARD), "POST", "/api/shadows/a/b", b'{"percent": 5}')
    assert got.status == 200 and desk.asked == [("shadow", {"name": "a/b", "changes": {"percent": 5}})]


async def test_a_change_that_is_refused_says_why() -> None:
    got = await ask(make_app(Answers(shadow=Refused("No.")), GUARD), "POST", "/api/shadows/a", b"{}")
    assert (got.status, got.data) == (409, {"error": "No."})


def known(shadow: str, outcome: str, by: str = "worker") -> dict[str, str]:
    return {"id": "00ff", "endpoint": "/a", "shadow": shadow, "outcome": outcome, "by": by}


async def test_an_explanation_puts_together_what_all_processes_know() -> None:
    """The worker decides; the mirror knows what became of each copy, also when the worker has forgotten."""
    desk = Answers(explain=[
        [], [known("s", "copied"), known("t", "percent")],
        [known("s", "answered 200", "mirror"), known("s", "failed timeout", "mirror"), known("u", "memory", "mirror")],
    ])  # fmt: skip
    got = await ask(make_app(desk, GUARD), "GET", "/api/explain/00ff")
    assert got.data["id"] == "00ff"
    assert [(d["shadow"], d["outcome"], d["copies"]) for d in got.data["decisions"]] == [
        ("s", "copied", ["answered 200", "failed timeout"]), ("t", "percent", []), ("u", "copied", ["memory"]),
    ]  # fmt: skip
