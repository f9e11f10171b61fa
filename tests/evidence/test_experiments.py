"""The experiments on the verdict with fewer runs and limits that allow for it; all: ``make verdict-experiments``."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from benchmarks import verdict_experiments as play


def test_what_is_played_with_arrays_is_what_judges() -> None:
    play.check_tables()


@pytest.mark.parametrize(("experiment", "part"), [
    (play.a1, 0.1), (play.a2, 0.02), (play.a4, 0.03), (play.a5, 0.2), (play.a8, 0.04), (play.b1, 0.1), (play.b2, 0.1),
    (play.b8_b9, 0.1), (play.b10, 0.1), (play.b11, 0.05), (play.b12, 0.15),
], ids=lambda value: getattr(value, "__name__", str(value)))  # fmt: skip
def test_promises_hold(experiment: Callable[[float], list[play.Row]], part: float) -> None:
    assert not [row for row in experiment(part) if not row.holds]


@pytest.mark.parametrize("control", [1.0, 0.01])
def test_equal_code_neither_fails_nor_lists_a_field(control: float) -> None:
    assert [play.worlds.equal(seed, control, 3000) for seed in (1, 2)] == [(False, 0)] * 2


def test_a_latency_experiment_judges_as_the_product_does() -> None:
    """The same pairs, once through arrays and once through counters."""
    import numpy as np

    from tests.evidence.outcomes import seen, triple
    from understudy.evidence.counters import Tally
    from understudy.evidence.latency import slower
    from understudy.evidence.reading import read
    from understudy.evidence.scales import steps

    mine, theirs = play.durations(np.random.default_rng(3), 1, 400, 0.5, play.times(1.15, 1.0))
    for ratio in (1.0, 1.1):
        tally = Tally(1.0, steps(ratio))
        for a, b in zip(np.exp(mine[0]), np.exp(theirs[0]), strict=True):
            tally.count(triple(candidate=seen(seconds=float(a)), control=seen(seconds=float(b))))
        arrays = float(play.latency_paths(mine, theirs, np.array([400]), ratio)[0, 0])
        assert slower(read(tally.take()[0]), ratio) == pytest.approx(arrays, abs=0.3)
