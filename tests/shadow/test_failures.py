"""Words for failures."""

from __future__ import annotations

import asyncio

import pytest

from understudy.errors import BadAnswer, BadStatus, NoCapacity, TooSlow, Unreachable
from understudy.shadow.accounting import FAILED
from understudy.shadow.failures import kind_of, text_of


@pytest.mark.parametrize(("error", "kind"), [
    *((Unreachable("x", r), r) for r in ("refused", "dns", "tls", "connect")),
    *((BadAnswer("x", r), r) for r in ("garbage", "closed", "reset", "cut", "limit", "decode")),
    (BadAnswer("x", "new word"), "other"), (TooSlow(), "timeout"), (TimeoutError(), "timeout"),
    (NoCapacity("x"), "no_capacity"), (ConnectionResetError(), "reset"), (OSError(5, "x"), "other"),
    (BadStatus("x", 500), "other"), (ValueError("x"), "internal"), (RecursionError(), "internal"),
])
def test_every_failure_has_its_word_and_is_counted_under_it(error: BaseException, kind: str) -> None:
    assert kind_of(error) == kind and kind in FAILED


def test_one_that_nobody_waits_for_is_no_failure_of_the_shadow() -> None:
    assert kind_of(asyncio.CancelledError()) == "cancelled"


def test_the_text_is_never_empty() -> None:
    assert (text_of(ValueError("no")), text_of(TimeoutError())) == ("no", "TimeoutError")
