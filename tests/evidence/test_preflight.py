"""Estimates before the first pair: near to what playing it shows."""

from __future__ import annotations

import math

import pytest
from benchmarks.verdict_worlds import Plant, pairs_until_fail, pairs_until_pass

from understudy.evidence.preflight import Estimate, to_fail_on_errors, to_fail_on_path, to_pass
from understudy.evidence.settings import Settings

SETTINGS = Settings()


@pytest.mark.parametrize(("estimate", "plant", "control"), [
    (to_fail_on_errors(SETTINGS, 5, 0.0, 0.02), Plant(errors=0.02), 1.0),
    (to_fail_on_path(SETTINGS, 5, 0.05, ordinal=2), Plant(path="$.a", kind="missing", often=0.05), 1.0),
    (to_fail_on_path(SETTINGS, 5, 1.0, share=0.05, ordinal=2), Plant(path="$.a", kind="type", often=1.0), 0.05),
])  # fmt: skip
def test_estimates_of_fail(estimate: Estimate | None, plant: Plant, control: float) -> None:
    assert estimate is not None and estimate.low < estimate.pairs < estimate.high
    played = sorted(pairs_until_fail(seed, plant, control=control, every=20, most=4000) for seed in range(5))
    assert estimate.low / 1.5 <= played[2] <= estimate.high * 1.5


def test_an_estimate_of_pass() -> None:
    estimate = to_pass(SETTINGS, 0.0)
    assert estimate is not None
    assert estimate.pairs / 1.5 <= pairs_until_pass(1) <= 2.5 * estimate.pairs


def test_what_never_comes() -> None:
    assert to_fail_on_errors(SETTINGS, 1, 0.01, 0.01) is None
    assert to_fail_on_path(SETTINGS, 1, 1.0, share=0.0) is None


def test_more_endpoints_errors_and_smaller_shares_take_longer() -> None:
    def pairs(estimate: Estimate | None) -> int:
        assert estimate is not None
        return estimate.pairs

    assert pairs(to_fail_on_errors(SETTINGS, 100, 0.001, 0.01)) > pairs(to_fail_on_errors(SETTINGS, 1, 0.001, 0.01))
    assert pairs(to_fail_on_path(SETTINGS, 1, 1.0, 0.01)) > 50 * pairs(to_fail_on_path(SETTINGS, 1, 1.0))
    assert pairs(to_pass(SETTINGS, 0.01)) > pairs(to_pass(SETTINGS, 0.0)) == pairs(to_pass(SETTINGS, 0.0, share=0.01))
    assert pairs(to_pass(SETTINGS, 0.0, share=0.0)) < pairs(to_pass(SETTINGS, 0.0))


def test_time() -> None:
    assert Estimate(1000, 500, 2000).seconds(200) == 5
    assert Estimate(1000, 500, 2000).seconds(0) == math.inf
