"""When copying steps back, and how it comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config.model import Guard
from understudy.shadow.accounting import FULL
from understudy.shadow.guard import STEPS, ShadowGuard, Usual, Window, sentence

FINE = Window(100, 0, 0.010)
SLOW = Window(100, 0, 0.020)
OPTIONS = Guard(pause=5.0)


class Clock:
    """A guard and the time; a tick is a quarter of a second."""

    def __init__(self, options: Guard = OPTIONS, *, learnt: bool = True) -> None:
        self.now = 100.0
        self.guard = ShadowGuard(options, self.now)
        if learnt:
            self.windows(FINE, 3)

    def tick(self, lag: float = 0.0, window: Window | None = None, *, copying: bool = True) -> bool:
        self.now += 0.25
        return self.guard.tick(self.now, lag, window, copying=copying)

    def windows(self, window: Window, count: int) -> list[int]:
        """The share after each of so many windows."""
        out = []
        for _ in range(count):
            self.tick()
            self.tick(window=window)
            out.append(self.guard.share)
        return out

    def wait(self, seconds: float, window: Window | None = None) -> int:
        """How often the share changed meanwhile."""
        return sum(self.tick(window=window) for _ in range(int(seconds * 4)))


def test_while_all_is_well_everything_goes() -> None:
    clock = Clock()
    assert clock.windows(FINE, 50) == [FULL] * 50 and clock.guard.reason == ""


def test_slow_answers_take_two_windows_for_each_step_down_to_nothing() -> None:
    clock = Clock()
    shares = clock.windows(SLOW, 10)
    assert shares == [share for step in range(5) for share in (STEPS[step], STEPS[step + 1])]
    assert clock.guard.reason == "answers take 2.0 times as long as usual (20 ms, usual are 10 ms)"


def test_one_slow_window_is_chance() -> None:
    clock = Clock()
    for _ in range(20):
        assert clock.windows(SLOW, 1) == [FULL] and clock.windows(FINE, 1) == [FULL]


def test_the_ratio_decides_what_is_slow() -> None:
    assert Clock(Guard(latency_ratio=2.1)).windows(SLOW, 4) == [FULL] * 4
    assert Clock(Guard(latency_ratio=1.9)).windows(SLOW, 2)[-1] == FULL // 2


def test_errors_above_the_usual_share_make_it_step_back() -> None:
    clock = Clock(learnt=False)
    clock.windows(Window(100, 5, 0.01), 3)
    assert clock.windows(Window(100, 6, 0.01), 4) == [FULL] * 4
    assert clock.windows(Window(100, 9, 0.01), 2) == [FULL, FULL // 2]
    assert "9.0 % of the requests fail" in clock.guard.reason


def test_two_errors_among_few_requests_are_chance() -> None:
    assert Clock().windows(Window(20, 2, 0.01), 4) == [FULL] * 4


def test_a_loop_that_is_late_twice_in_a_second_makes_it_step_back() -> None:
    clock = Clock()
    assert [clock.tick(0.15), clock.tick(0.0), clock.tick(0.12)] == [False, False, True]
    assert clock.guard.share == FULL // 2
    assert clock.guard.reason == "the event loop lags 120 ms, the limit is 100 ms"


def test_one_stall_however_long_is_no_lag() -> None:
    """A process that was stopped for a minute has one late tick."""
    clock = Clock()
    assert not clock.tick(60.0) and not clock.wait(1.0)
    assert not clock.tick(60.0)


def test_a_lag_that_stays_stops_copying_within_seconds_and_it_comes_back_in_steps() -> None:
    clock = Clock()
    for _ in range(12):
        clock.tick(0.5)
    assert clock.guard.share == 0
    shares = []
    for _ in range(len(STEPS) - 1):
        assert clock.wait(4.75) == 0
        assert clock.wait(0.25) == 1
        shares.append(clock.guard.share)
    assert shares == list(reversed(STEPS[:-1]))
    assert clock.guard.reason == "quiet for 5 s" and clock.wait(30) == 0


def test_trouble_that_comes_back_with_the_copies_holds_them_back_again() -> None:
    clock = Clock()
    clock.windows(SLOW, 2)
    assert clock.guard.share == FULL // 2
    clock.wait(5.25, FINE)
    assert clock.guard.share == FULL
    clock.windows(SLOW, 2)
    assert clock.guard.share == FULL // 2


def test_half_a_suspicion_puts_off_the_return() -> None:
    clock = Clock()
    clock.windows(SLOW, 2)
    clock.wait(4.5)
    clock.tick(window=SLOW)
    assert clock.wait(4.75) == 0 and clock.wait(0.25) == 1


def test_what_stays_slow_without_copies_is_not_their_fault() -> None:
    """It becomes what is usual, and copies come back."""
    clock = Clock()
    clock.windows(SLOW, 10)
    assert clock.guard.share == 0
    for _ in range(400):
        clock.tick(window=SLOW)
    assert clock.guard.share == FULL


def test_while_nothing_is_copied_nothing_is_held_against_the_shadow() -> None:
    clock = Clock()
    assert not any(clock.tick(window=SLOW, copying=False) for _ in range(20))
    assert clock.windows(SLOW, 4) == [FULL] * 4


def test_before_anything_is_usual_only_lag_counts() -> None:
    clock = Clock(learnt=False)
    assert clock.windows(SLOW, 1) == [FULL]
    assert [clock.tick(1.0), clock.tick(1.0)] == [False, True]


def test_a_rise_within_minutes_is_noticed_and_one_over_an_hour_is_not() -> None:
    def first_step(windows: int) -> int | None:
        clock = Clock()
        for i in range(windows):
            if clock.windows(Window(100, 0, 0.010 * 3 ** (i / windows)), 1) != [FULL]:
                return i
        return None

    assert first_step(60) is not None
    assert first_step(3600) is None


@given(st.lists(st.tuples(st.floats(0, 2), st.none() | st.builds(Window, st.integers(20, 1000), st.integers(0, 20),
                                                                  st.floats(0, 100)), st.booleans()), max_size=200))
def test_it_moves_one_step_at_a_time_and_says_so_exactly_then(
    seen: list[tuple[float, Window | None, bool]]
) -> None:
    clock = Clock(Guard(pause=0.5))
    for lag, window, copying in seen:
        before = STEPS.index(clock.guard.share)
        changed = clock.tick(lag, window, copying=copying)
        after = STEPS.index(clock.guard.share)
        assert changed == (before != after) and abs(after - before) <= 1
        assert not changed or clock.guard.reason
    clock.wait(10.0)
    assert clock.guard.share == FULL


def test_what_is_usual_stays_within_what_was_seen() -> None:
    usual = Usual()
    for latency in (0.01, 0.02, 0.04):
        usual.learn(Window(10, 1, latency), fast=False)
    assert usual.known and usual.errors == pytest.approx(0.1) and usual.latency == pytest.approx(-3.912, abs=1e-3)


@pytest.mark.parametrize(("share", "words"), [(FULL, "all copies"), (FULL // 2, "half of the copies"),
                                              (FULL // 8, "1 of 8 copies"), (0, "no copies")])
def test_the_event_is_a_sentence(share: int, words: str) -> None:
    assert sentence("orders-1", share, "why") == f"the guard lets {words} to orders-1 through (why)"
