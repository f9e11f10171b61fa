"""Stopping, probing, coming back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understudy.config.model import Breaker
from understudy.shadow.breaker import CLOSED, OPEN, PROBING, CircuitBreaker

OPTIONS = Breaker(failures=3, pause=5.0)


def opened(at: float = 10.0) -> CircuitBreaker:
    breaker = CircuitBreaker(OPTIONS)
    assert [breaker.failed(at, "reset") for _ in range(3)] == [False, False, True]
    return breaker


def test_failures_in_a_row_open_it_and_it_says_why() -> None:
    breaker = opened()
    assert (breaker.state, breaker.reason, breaker.since) == (OPEN, "reset", 10.0)
    assert not breaker.lets(14.9) and breaker.holds(14.9) and not breaker.holds(15.0)


def test_a_success_in_between_starts_the_row_anew() -> None:
    breaker = CircuitBreaker(OPTIONS)
    for _ in range(5):
        breaker.failed(1.0, "reset")
        breaker.failed(1.0, "reset")
        assert not breaker.succeeded(1.0)
    assert breaker.state == CLOSED


def test_one_probe_decides() -> None:
    breaker = opened()
    assert breaker.lets(15.0) and breaker.state == PROBING
    assert not breaker.lets(15.0) and breaker.holds(15.0)
    assert breaker.failed(16.0, "timeout") and breaker.state == OPEN and breaker.reason == "timeout"
    assert not breaker.lets(20.9) and breaker.lets(21.0)
    assert breaker.succeeded(21.5) and breaker.state == CLOSED and breaker.lets(21.5)


def test_failures_of_copies_that_were_under_way_do_not_prolong_the_pause() -> None:
    breaker = opened()
    assert not breaker.failed(14.0, "reset") and breaker.lets(15.0)


def test_one_that_is_off_never_opens() -> None:
    breaker = CircuitBreaker(Breaker(enabled=False, failures=1))
    assert not any(breaker.failed(1.0, "reset") for _ in range(100)) and breaker.lets(1.0)


@given(st.lists(st.tuples(st.sampled_from(("lets", "ok", "bad")), st.floats(0, 3)), max_size=100))
def test_while_it_holds_back_it_lets_nothing_through_and_it_always_comes_back(steps: list[tuple[str, float]]) -> None:
    breaker, now, probing = CircuitBreaker(OPTIONS), 0.0, False
    for what, seconds in steps:
        now += seconds
        if what == "lets":
            held = breaker.holds(now)
            assert breaker.lets(now) is not held
            probing = breaker.state == PROBING
        elif what == "ok":
            breaker.succeeded(now)
            assert breaker.state == CLOSED
        else:
            breaker.failed(now, "reset")
    if probing and breaker.state == PROBING:
        breaker.failed(now, "reset")
    assert breaker.state == CLOSED or breaker.state == PROBING or breaker.lets(now + 5.0)
