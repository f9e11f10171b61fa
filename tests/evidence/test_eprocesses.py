"""The formulas, against reference constants, exact arithmetic, and the property that makes them valid."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.evidence.eprocesses import (
    arms,
    arms_within,
    coin,
    e_bh,
    log_mean,
    log_sum,
    srm,
    within,
    worse_by,
)


@pytest.mark.parametrize(("wins", "tosses", "log_e"), [
    (7, 7, 3.461822), (13, 13, 7.064942), (17, 17, 9.586274), (20, 30, 0.799349), (5, 10, -0.995853),
    (600, 1000, 17.579428), (0, 0, 0.0),
])  # fmt: skip
def test_coin_has_the_reference_values(wins: int, tosses: int, log_e: float) -> None:
    assert coin(wins, tosses) == pytest.approx(log_e, abs=1e-6)


@pytest.mark.parametrize(("line", "needed"), [(20, 7), (200, 11), (1000, 13), (1e4, 17), (1e5, 21)])
def test_coin_reaches_its_lines_with_wins_alone(line: float, needed: int) -> None:
    assert coin(needed, needed) >= math.log(line) > coin(needed - 1, needed - 1)


def exact_coin(wins: int, tosses: int) -> float:
    """In integers: sum of C(d+1, i) up to k, over (d+1) C(d, k)."""
    total = sum(math.comb(tosses + 1, i) for i in range(wins + 1))
    value = Fraction(total, (tosses + 1) * math.comb(tosses, wins))
    return math.log(value.numerator) - math.log(value.denominator)


@given(st.integers(0, 400).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d))))
def test_coin_is_exact(counts: tuple[int, int]) -> None:
    assert coin(*counts) == pytest.approx(exact_coin(*counts), abs=1e-9)


@given(st.integers(0, 300).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d))))
def test_coin_is_a_martingale_of_a_fair_coin(counts: tuple[int, int]) -> None:
    wins, tosses = counts
    after = (math.exp(coin(wins + 1, tosses + 1)) + math.exp(coin(wins, tosses + 1))) / 2
    assert after == pytest.approx(math.exp(coin(wins, tosses)), rel=1e-8)


@pytest.mark.parametrize("tosses", [10**6, 10**9])
def test_coin_stands_large_counts(tosses: int) -> None:
    sd = math.isqrt(tosses) // 2
    values = [coin(tosses // 2 + k * sd, tosses) for k in (-9, -3, -1, 0, 1, 3, 9)]
    assert values == sorted(values) and all(map(math.isfinite, values))
    # In the middle half of the mixture's mass lies within reach: sqrt(pi / 2d).
    assert values[3] == pytest.approx(0.5 * math.log(math.pi / 2 / tosses), abs=1e-2)
    assert coin(tosses, tosses) == pytest.approx(tosses * math.log(2) + math.log(2) - math.log(tosses), rel=1e-9)
    assert math.isfinite(coin(0, tosses))


@pytest.mark.parametrize(("c", "k", "w", "log_e"), [
    (3, 3, 0.05, 6.776640), (5, 5, 0.05, 12.173920), (10, 12, 0.05, 22.812631), (8, 10, 0.1, 12.183482),
    (50, 1000, 0.05, -2.307073), (4, 4, 0.5, 2.052571),
])  # fmt: skip
def test_arms_has_the_reference_values(c: int, k: int, w: float, log_e: float) -> None:
    assert arms([(c, k, w)]) == pytest.approx(log_e, abs=1e-6)


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.01, 0.99), st.floats(1, 3))
def test_arms_is_a_martingale_at_the_border(c: int, others: int, w: float, ratio: float) -> None:
    mine = w * ratio / (w * ratio + 1 - w)
    for process in (arms, arms_within):
        now = math.exp(process([(c, c + others, w)], ratio))
        event, other = (math.exp(process([(c + i, c + others + 1, w)], ratio)) for i in (1, 0))
        assert mine * event + (1 - mine) * other == pytest.approx(now, rel=1e-9)


@given(st.floats(0.01, 1), st.floats(0.001, 1), st.floats(0, 1))
def test_differences_of_both_sides_at_once_only_weaken_the_arm_test(f: float, q: float, overlap: float) -> None:
    """A control on a share f of the pairs: candidate differs with chance q, control with f q, both with ``both``."""
    w, both = 1 / (1 + f), f * q * overlap
    one, other, two = (math.exp(arms([stage])) for stage in ((1, 1, w), (0, 1, w), (1, 2, w)))
    none = 1 - (q - both) - (f * q - both) - both
    assert (q - both) * one + (f * q - both) * other + both * two + none <= 1 + 1e-9


def test_margin_tests_have_the_reference_values() -> None:
    assert worse_by(20, 2, 2000, 0.001) == pytest.approx(5.638848, abs=1e-6)
    assert within(0, 0, 1200, 0.005) == pytest.approx(3.603267, abs=1e-6)
    assert within(2, 2, 2000, 0.005) == pytest.approx(4.606516, abs=1e-6)
    assert math.isfinite(worse_by(10**8, 10**8, 10**9, 0.01)) and math.isfinite(within(0, 0, 10**9, 1e-4))


@given(st.floats(0.0005, 0.2), st.floats(0, 0.4))
def test_margin_tests_are_fair_at_the_margin(margin: float, back: float) -> None:
    ahead = back + margin
    for process in (worse_by, within):
        one, other, none = (math.exp(process(*counts, margin)) for counts in ((1, 0, 1), (0, 1, 1), (0, 0, 1)))
        assert ahead * one + back * other + (1 - ahead - back) * none == pytest.approx(1, abs=1e-9)


def test_srm_has_the_reference_values() -> None:
    assert srm([9200, 800], [0.9, 0.1]) == pytest.approx(21.22, abs=0.01)
    assert srm([9100, 900], [0.9, 0.1]) == pytest.approx(3.4, abs=0.05)
    assert srm([95500, 4500], [0.95, 0.05]) == pytest.approx(23.74, abs=0.01)
    assert srm([0, 0], [0.5, 0.5]) == 0
    assert srm([100, 101], [0.5, 0.5]) < 0
    assert srm([100, 201], [0.5, 0.5]) > math.log(1e5) / 2


def test_replayed_vectors_of_other_judges() -> None:
    assert math.exp(coin(7, 7)) == pytest.approx(31.9, abs=0.05)
    assert math.exp(arms([(4, 4, 0.5)])) == pytest.approx(7.8, abs=0.05)


def test_e_bh_lists_what_its_threshold_allows() -> None:
    equal = dict.fromkeys("abcdefghij", 0.1)
    at = math.log(20 * 10) + 1e-9
    assert e_bh({}, {}, 0.05) == set()
    assert e_bh({"a": at - 0.01}, equal, 0.05) == set()
    assert e_bh({"a": at}, equal, 0.05) == {"a"}
    assert e_bh({"a": at - math.log(2), "b": at - math.log(2), "c": 0.0}, equal, 0.05) == {"a", "b"}


@given(st.dictionaries(st.integers(0, 30), st.floats(-5, 30), max_size=12), st.floats(0.01, 0.2))
def test_e_bh_is_the_largest_set_that_supports_itself(logs: dict[int, float], rate: float) -> None:
    weights = {name: 1 / ((name + 1) * (name + 2)) for name in logs}

    def fitting(size: int) -> set[int]:
        return {n for n in logs if logs[n] >= -math.log(rate * weights[n] * size)}

    expected = next((s for k in range(len(logs), 0, -1) if len(s := fitting(k)) >= k), set())
    got = e_bh(logs, weights, rate)
    assert got <= expected and len(expected - got) == sum(
        abs(logs[n] + math.log(rate * weights[n] * len(expected))) < 1e-9 for n in expected - got)


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=9))
def test_sums_of_logarithms(logs: list[float]) -> None:
    assert max(logs) <= log_sum(logs) <= max(logs) + math.log(len(logs)) + 1e-9
    assert log_mean(logs) == pytest.approx(log_sum(logs) - math.log(len(logs)))
    assert log_sum([]) == -math.inf
