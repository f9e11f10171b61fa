"""Buckets: in order, bounded, and of the same width on both sides."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.evidence.scales import LAST, LAST_RATIO, bound, bucket, ratio_bucket, ratio_steps, steps

SECONDS = st.floats(0, 1e6)


@given(SECONDS, SECONDS)
def test_buckets_keep_the_order(a: float, b: float) -> None:
    assert 0 <= bucket(a) <= LAST
    assert (a <= b) <= (bucket(a) <= bucket(b))


@given(st.integers(1, LAST))
def test_a_bound_is_the_lower_end_of_its_bucket(index: int) -> None:
    assert bucket(bound(index) * 1.001) == index
    assert bucket(bound(index) * 0.999) == index - 1
    assert bound(0) == 0


@given(SECONDS, SECONDS)
def test_exchanging_sides_turns_the_sign(a: float, b: float) -> None:
    index = ratio_bucket(a, b)
    assert -LAST_RATIO <= index <= LAST_RATIO
    assert ratio_bucket(b, a) == -index


@pytest.mark.parametrize(("seconds", "other", "index"), [
    (1, 1, 0), (0, 0, 0), (1, 0, LAST_RATIO), (0, 1, -LAST_RATIO), (1.02, 1, 1), (1, 1.02, -1), (2, 1, 35),
    (1.005, 1, 0),
])  # fmt: skip
def test_ratio_buckets(seconds: float, other: float, index: int) -> None:
    assert ratio_bucket(seconds, other) == index


@given(st.floats(1, 10))
def test_steps_are_rounded_up(ratio: float) -> None:
    assert 1.05 ** steps(ratio) >= ratio * (1 - 1e-6) and 1.05 ** (steps(ratio) - 1) < ratio * (1 + 1e-6)
    assert 1.02 ** ratio_steps(ratio) >= ratio * (1 - 1e-6)
    assert steps(1.0) == ratio_steps(1.0) == 0 and math.isclose(1.05 ** steps(1.1025), 1.1025)
