"""Waiting longer after each death, and forgetting them after a healthy while."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understudy.process.backoff import FIRST, HEALTHY, LAST, delay, failures_after


def test_the_wait_doubles_up_to_its_bound() -> None:
    assert [delay(n) for n in range(1, 5)] == [0.1, 0.2, 0.4, 0.8]
    assert delay(8) == LAST and delay(10_000) == LAST


def test_nobody_waits_who_has_not_failed() -> None:
    assert delay(0) == 0.0


@given(st.integers(0, 100), st.floats(0, 1000))
def test_a_healthy_life_starts_from_the_first_wait_again(failures: int, lived: float) -> None:
    wait = delay(failures_after(failures, lived))
    assert FIRST <= wait <= LAST
    if lived >= HEALTHY:
        assert wait == FIRST
    else:
        assert wait >= delay(failures)
