"""Copies a second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understudy.shadow.rate import RateLimit


@given(st.floats(0.1, 1000), st.lists(st.floats(0, 5), max_size=300))
def test_never_more_than_a_seconds_worth_and_the_rate(rate: float, pauses: list[float]) -> None:
    limit, now, taken = RateLimit(rate, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        taken += limit.takes(now)
    assert taken <= max(1.0, rate) + rate * now + 1e-6


def test_a_steady_stream_at_the_rate_passes_whole() -> None:
    limit = RateLimit(10.0, 0.0)
    assert all(limit.takes(i * 0.1) for i in range(1, 500))


def test_less_than_one_a_second_is_one_now_and_then() -> None:
    limit = RateLimit(0.5, 0.0)
    assert [limit.takes(float(t)) for t in range(6)] == [True, False, True, False, True, False]
