"""Accounts as words."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from understudy.cli.accounts import lines, percent, seconds, share, table

ROW: dict[str, Any] = {
    "name": "orders-1", "method": "GET", "endpoint": "/orders/{id}", "hosts": ["http://v2:80"], "percent": 5.0,
    "paused": False, "changed": [], "copies": 1, "eligible": 100, "skipped": {"loop": 2, "percent": 38},
    "dropped": {"max_in_flight": 10}, "in_transit": 1, "sent": 49, "answered": 46, "failed": {"timeout": 2},
    "in_flight": 1, "compared": 40, "not_compared": {"no_primary": 5}, "pending": 1, "breaker": "closed", "guard": 1.0,
    "candidate_p50": 0.0012, "candidate_p99": 1.25, "primary_p50": 0.001, "primary_p99": None, "problems": [],
}  # fmt: skip


def test_every_copy_is_found_in_the_equations() -> None:
    assert lines([ROW]) == [
        "orders-1: GET /orders/{id} to http://v2:80; share 5 %, breaker closed, guard 100 %",
        "  eligible 100 = sent 49 + skipped 40 (percent 38, loop 2) + dropped 10 (max_in_flight 10) + in transit 1",
        "  sent 49 = answered 46 + failed 2 (timeout 2) + in flight 1",
        "  answered 46 = compared 40 + not compared 5 (no_primary 5) + pending 1",
        "  candidate p50 1.2 ms, p99 1.25 s; primary p50 1 ms, p99 -",
    ]


def test_paragraphs_are_parted_and_nothing_is_a_sentence() -> None:
    assert lines([ROW, ROW])[5] == "" and len(lines([ROW, ROW])) == 11
    assert lines([]) == ["There are no shadows in this configuration."]


def test_what_is_wrong_stands_out() -> None:
    assert lines([{**ROW, "problems": ["orders-1: sent is negative"]}])[-1] == "  WRONG: orders-1: sent is negative"


@pytest.mark.parametrize(("more", "said"), [
    ({}, "5 %"), ({"copies": 10, "percent": 0.0001}, "0.0001 % x 10"), ({"paused": True, "changed": ["paused"]},
                                                                      "5 % (paused, changed)"),
    ({"changed": ["percent"], "percent": 100.0}, "100 % (changed)"),
])
def test_the_share_as_it_is_now(more: dict[str, Any], said: str) -> None:
    assert share({**ROW, **more}) == said


def test_the_table_has_the_same_numbers() -> None:
    out = StringIO()
    held_back = {**ROW, "name": "other", "breaker": "open", "guard": 0.25}
    Console(file=out, width=110).print(table([ROW, {**held_back, "problems": ["sent is negative"]}]))
    text = out.getvalue()
    for word in ("orders-1", "GET /orders/{id}", "percent 38", "loop 2", "max_in_flight 10", "timeout 2", "compared 40",
                 "1.2 ms / 1.25 s", "1 ms / -", "breaker open", "guard 25 %", "sent is negative", "no_primary 5"):
        assert word in text, text


@pytest.mark.parametrize(("value", "said"), [(None, "-"), (0.0, "0 ms"), (0.00123456, "1.23 ms"), (1.0, "1 s")])
def test_times(value: float | None, said: str) -> None:
    assert seconds(value) == said


def test_percentages_have_no_needless_digits() -> None:
    assert [percent(v) for v in (0, 100, 12.5, 6.25)] == ["0 %", "100 %", "12.5 %", "6.25 %"]
