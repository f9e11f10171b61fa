"""Slower, or not: by ratios and by thresholds."""

from __future__ import annotations

import math
import random

from tests.evidence.outcomes import seen, triple
from understudy.evidence.counters import Tally
from understudy.evidence.eprocesses import within
from understudy.evidence.latency import beyond, mostly_within, slow_end, slower
from understudy.evidence.reading import Reading, read
from understudy.evidence.scales import ratio_steps, steps

RATIO = 1.1


def played(pairs: int, factor: float = 1.0, rare: float = 0.0, seed: int = 1) -> Reading:
    """Durations around 50 ms; ``rare`` of the candidate's are five times as long."""
    draw, tally = random.Random(seed), Tally(1.0, steps(RATIO))
    for _ in range(pairs):
        common = 0.05 * math.exp(draw.gauss(0, 0.4))
        times = factor * (5 if draw.random() < rare else 1)
        mine, theirs = (common * math.exp(draw.gauss(0, 0.15)) for _ in range(2))
        tally.count(triple(candidate=seen(seconds=mine * times), control=seen(seconds=theirs)))
    return read(tally.take()[0])


def test_equal_is_not_slower_and_soon_certified() -> None:
    reading = played(2000)
    assert slower(reading, RATIO) < 1
    assert mostly_within(reading, RATIO) > math.log(20)
    up, down = slow_end(reading, RATIO, 0.01)
    assert within(up, down, reading.latency, 0.01) > math.log(20)


def test_a_third_slower_is_found_within_few_pairs() -> None:
    reading = played(200, 1.33)
    assert slower(reading, RATIO) > math.log(1e4)
    assert mostly_within(reading, RATIO) < 0


def test_a_slower_tail_is_found_though_the_median_is_the_same() -> None:
    reading = played(1500, rare=0.03)
    assert slower(reading, RATIO) > math.log(1000)
    assert mostly_within(reading, RATIO) > math.log(20)
    up, down = slow_end(reading, RATIO, 0.01)
    assert up > down + 20


def test_what_is_within_the_tolerance_is_neither() -> None:
    assert slower(played(3000, 1.05), RATIO) < math.log(20)


def test_the_sides_are_counted_around_the_tolerance() -> None:
    reading = Reading(ratios={-5: 1, 0: 2, 4: 4, 5: 8, 6: 16, 40: 32})
    assert ratio_steps(RATIO) == 5
    assert beyond(reading, 5, 0) == (48, 7)
    assert beyond(reading, 5, 5) == (32, 1)


def test_without_durations_there_is_no_evidence() -> None:
    assert slower(Reading(), RATIO) == 0 == mostly_within(Reading(), RATIO)
    assert slow_end(Reading(), RATIO, 0.01) == (0, 0)
