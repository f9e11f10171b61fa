"""Counters in shared memory."""

from __future__ import annotations

import math
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.telemetry.counters import (
    LATENCY_BUCKETS,
    Board,
    Layout,
    latency_bounds,
    latency_bucket,
    merged,
    quantile,
)


def test_what_a_forked_process_counts_is_there_after_its_death() -> None:
    board = Board(Layout(["a_total"], ["seconds"]))
    pid = os.fork()
    if pid == 0:
        board.add("a_total", 5)
        board.observe(board.slot("seconds"), 0.01)
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    assert board.values() == {"a_total": 5}
    assert sum(board.histograms()["seconds"]) == 1


@given(st.floats(0, 1e6))
def test_a_duration_falls_into_the_first_bucket_whose_bound_is_not_below_it(seconds: float) -> None:
    bounds = (*latency_bounds(), math.inf)
    found = latency_bucket(seconds)
    assert seconds <= bounds[found] * (1 + 1e-6)
    assert found == 0 or seconds > bounds[found - 1] * (1 - 1e-6)


@given(st.lists(st.floats(0.00006, 40), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_at_most_a_quarter_too_large(seconds: list[float], q: float) -> None:
    buckets = [0] * LATENCY_BUCKETS
    for s in seconds:
        buckets[latency_bucket(s)] += 1
    exact = sorted(seconds)[max(0, math.ceil(q * len(seconds)) - 1)]
    found = quantile(buckets, q)
    assert found is not None and exact * (1 - 1e-6) <= found <= exact * 1.26


def test_without_observations_there_is_no_quantile_and_beyond_the_last_bound_no_number() -> None:
    assert quantile([0] * LATENCY_BUCKETS, 0.5) is None
    assert quantile([0] * (LATENCY_BUCKETS - 1) + [1], 0.5) == math.inf


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 100))))
def test_merging_is_adding(parts: list[dict[str, int]]) -> None:
    total = merged(parts)
    for name in "abc":
        assert total.get(name, 0) == sum(part.get(name, 0) for part in parts)


def test_an_unknown_counter_is_an_error() -> None:
    with pytest.raises(KeyError):
        Board(Layout(["a"])).add("b")
