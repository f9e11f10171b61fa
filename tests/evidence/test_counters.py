"""Counting: totals agree, merging is addition, discovery is not evidence, and all is bounded."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence.outcomes import OUTCOMES, PATHS, differs, pair, seen, triple
from understudy.compare.outcome import Compared, Outcome
from understudy.evidence import counters
from understudy.evidence.counters import OTHER, Tally, merged, of_head, since
from understudy.evidence.reading import read


def count(*outcomes: Outcome, **options: Any) -> dict[str, int]:
    tally = Tally(options.pop("share", 1.0), **options)
    for outcome in outcomes:
        tally.count(outcome)
    return tally.take()[0]


@given(OUTCOMES)
def test_totals_agree(outcomes: list[Outcome]) -> None:
    reading = read(count(*outcomes, known=PATHS))
    triples = sum(one.control is not None for one in outcomes)
    assert reading.pairs == reading.fourfold("primary").total == sum(reading.status.get("primary", {}).values()) \
        == len(outcomes)
    assert reading.triples == reading.fourfold("control").total == reading.fourfold("check").total == triples
    assert sum(reading.seconds.get("candidate", {}).values()) == len(outcomes)
    assert sum(reading.ratios.values()) == reading.latency <= triples
    assert reading.bodies_triples <= triples
    for path in reading.paths.values():
        for versus in path.kinds.values():
            assert versus.win + versus.loss + versus.both <= triples and versus.alone <= len(outcomes) - triples
            assert versus.win <= path.of("any").candidate and versus.loss <= path.of("any").control
    assert all(n > 0 for n in count(*outcomes).values())


@settings(max_examples=60)
@given(OUTCOMES, st.integers(1, 32), st.randoms(use_true_random=False))
def test_split_over_replicas_and_merged_in_any_order_it_is_the_same(outcomes: list[Outcome], replicas: int,
                                                                     draw: random.Random) -> None:
    tallies = [Tally(1.0, 2, known=PATHS) for _ in range(replicas)]
    parts = []
    for outcome in outcomes:
        tally = draw.choice(tallies)
        tally.count(outcome)
        if draw.random() < 0.2:
            parts.append(tally.take()[0])
    parts += [tally.take()[0] for tally in tallies]
    draw.shuffle(parts)
    assert merged(parts) == count(*outcomes, shift=2, known=PATHS)


@settings(max_examples=60)
@given(OUTCOMES, OUTCOMES)
def test_counters_grow_and_can_be_subtracted(first: list[Outcome], second: list[Outcome]) -> None:
    tally = Tally(1.0, known=PATHS)
    for outcome in first:
        tally.count(outcome)
    before = dict(tally.counts)
    for outcome in second:
        tally.count(outcome)
    assert all(tally.counts[name] >= n for name, n in before.items())
    assert since(tally.counts, before) == count(*second, known=PATHS)


def test_win_loss_both_and_alone() -> None:
    counted = count(triple(differs("$.a"), differs()), triple(differs(), differs("$.a")),
                    triple(differs("$.a"), differs("$.a")), pair(differs("$.a")), known=["$.a"])
    for kind in ("any", "value"):
        for event in ("win", "loss", "both", "alone"):
            assert counted[f"{event}/{kind}/$.a"] == 1


def test_another_kind_of_difference_than_the_noise_counts() -> None:
    counted = count(triple(differs("$.id", kind="type"), differs("$.id")), known=["$.id"])
    assert counted["both/any/$.id"] == counted["win/type/$.id"] == counted["loss/value/$.id"] == 1


def test_the_difference_by_which_a_path_is_found_is_not_evidence() -> None:
    tally = Tally(1.0)
    for _ in range(3):
        tally.count(triple(differs("$.b", "$.a"), differs("$.c")))
    counted, found = tally.take()
    assert found == ["$.b", "$.a", "$.c"] and tally.take() == ({}, [])
    assert counted["found/candidate/$.a"] == counted["found/control/$.c"] == 1
    assert counted["win/any/$.a"] == counted["loss/any/$.c"] == 2


def test_bodies_count_only_where_both_sides_were_compared() -> None:
    status = Compared(differs("$status").differences, 0, "status")
    counted = count(triple(status, differs("$.a")), triple(differs("$.a"), status), known=["$.a", "$status"])
    assert counted["win/any/$status"] == counted["loss/any/$status"] == 1
    assert "win/any/$.a" not in counted and "loss/any/$.a" not in counted and "bodies/triples" not in counted
    assert counted["not_compared/status"] == 1
    assert of_head("$status") and of_head("$header.etag") and not of_head("$.status")


def test_paths_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "PATHS", 5)
    tally = Tally(1.0)
    for i in range(50):
        tally.count(triple(differs(f"$.p{i}"), differs()))
    counted, found = tally.take()
    assert found == [*(f"$.p{i}" for i in range(5)), OTHER]
    assert counted[f"win/any/{OTHER}"] == 44


def test_paths_over_the_limit_of_a_comparison_count_as_one() -> None:
    assert count(triple(differs(more=7)), known=["(more)"])["win/any/(more)"] == 1


def test_warm_up_is_not_counted() -> None:
    counted = count(*[triple()] * 5, warm_up=3)
    assert counted["warm_up"] == 3 and counted["share/1000000"] == counted["triples"] == 2


def test_status_transitions_and_bad_answers() -> None:
    counted = count(triple(candidate=seen(503)), triple(control=seen(failure="timeout")), pair(primary=seen(404)))
    assert counted["status/primary/200/503"] == counted["status/control/timeout/200"] == 1
    assert counted["status/primary/404/200"] == 1
    assert (counted["bad/primary/01"], counted["bad/primary/00"]) == (1, 2)
    assert (counted["bad/control/01"], counted["bad/control/10"], counted["bad/check/01"]) == (1, 1, 1)


def test_a_timeout_is_the_slowest_and_other_failures_have_no_duration() -> None:
    for failure, latency in (("timeout", 1), ("refused", 0)):
        reading = read(count(triple(candidate=seen(failure=failure, seconds=5))))
        assert reading.latency == latency
    assert read(count(triple(candidate=seen(503)))).latency == 0


def test_thresholds_between_the_two_durations() -> None:
    reading = read(count(triple(candidate=seen(seconds=0.03)), triple(candidate=seen(seconds=0.01)), triple(), shift=2))
    slower, faster = reading.slower[2].between(), reading.faster[2].between()
    between = [i for i, n in enumerate(slower) if n]
    # The equal pair is two buckets faster than tolerated.
    assert set(slower) == {0, 1} and set(faster) == {0, 1, 2}
    # 1.5 times is 8 buckets, less the two that are tolerated.
    assert len(between) in (6, 7) and sum(faster) > sum(slower)
