"""The whole: states, what overrides what, replay, merging, and what is said where there is no control."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.evidence.outcomes import OUTCOMES, PATHS
from understudy.compare.outcome import Outcome
from understudy.evidence.counters import Tally, merged
from understudy.evidence.settings import Settings
from understudy.evidence.statements import CONTINUE, FAIL, INCONCLUSIVE, INVALID, PASS
from understudy.evidence.verdict import KEPT, RESTART_EVERY, Evidence, hypotheses, restart_due, verdict, with_snapshot


def counters(pairs: int, **more: int) -> dict[str, int]:
    """An endpoint on which all is equal: ``pairs`` of them, all with a control; names with __ for /."""
    base = {"share/1000000": pairs, "triples": pairs, "bodies/triples": pairs, "bad/primary/00": pairs,
            "bad/control/00": pairs, "bad/check/00": pairs, "latency": pairs, "ratio/0": pairs,
            "seconds/control/100": pairs, "seconds/candidate/100": pairs}  # fmt: skip
    return {**base, **{name.replace("__", "/"): n for name, n in more.items()}}


GOOD = Evidence(counters(3000))
LITTLE = Evidence(counters(60))
BAD = Evidence({**counters(3000), "bad/control/01": 60, "bad/primary/01": 60})
SICK = Evidence({**counters(3000), "bad/primary/11": 3000})


@pytest.mark.parametrize(("evidence", "state"), [
    ({"a": GOOD, "b": GOOD}, PASS), ({"a": GOOD, "b": LITTLE}, CONTINUE), ({"a": GOOD, "b": BAD}, FAIL),
    ({"a": SICK, "b": BAD}, FAIL), ({"a": SICK, "b": GOOD}, INVALID), ({"a": Evidence({})}, CONTINUE), ({}, CONTINUE),
])  # fmt: skip
def test_states_of_a_shadow(evidence: dict[str, Evidence], state: str) -> None:
    assert verdict(evidence).state == state


def test_only_what_is_required_must_pass_but_anything_can_fail() -> None:
    required = Settings(require=("a",))
    assert verdict({"a": GOOD, "b": LITTLE}, required).state == PASS
    assert verdict({"a": GOOD, "b": BAD}, required).state == FAIL
    assert verdict({"a": GOOD, "b": SICK}, required).state == PASS


def test_a_spent_budget_is_inconclusive() -> None:
    spent = Evidence({**counters(3000), "bad/control/01": 30, "bad/control/10": 30})
    assert verdict({"a": spent}, Settings(max_pairs=3000, errors_margin=0.0005)).state == INCONCLUSIVE


def test_silence_is_invalid() -> None:
    said = verdict({"a": GOOD}, silent={"a"})
    assert said.state == INVALID and "too long" in said.endpoints[0].sentence


def test_a_broken_control_is_invalid_and_blames_nobody() -> None:
    broken = Evidence({**counters(3000), "bad/check/01": 1000, "bad/control/10": 1000})
    said = verdict({"a": broken})
    assert said.state == INVALID and not said.failed
    stale = Evidence({**counters(3000), "both/missing/$.new": 1500, "win/any/$.x": 500, "loss/missing/$.new": 1500},
                     ("$.new", "$.x"))  # fmt: skip
    families = {one.name: one.state for one in verdict({"a": stale}).endpoints[0].families}
    assert families == {"errors": PASS, "latency": PASS, "body": INVALID}


def test_what_failed_before_stays_failed_even_when_invalid_now() -> None:
    failed = verdict({"a": BAD}).failed
    assert ("a", "errors") in failed
    later = verdict({"a": SICK}, failed=failed)
    assert later.state == FAIL and failed <= later.failed
    assert verdict({"a": GOOD}, failed=failed).state == FAIL


def test_without_a_control_it_says_what_is_not_certified() -> None:
    n = 3000
    alone = {"share/0": n, "bad/primary/00": n, "bodies/pairs": n, "alone/any/$.a": n, "alone/value/$.a": n}
    said = verdict({"a": Evidence(alone, ("$.a",))})
    endpoint = said.endpoints[0]
    assert said.state == PASS and endpoint.control == "none"
    assert "Durations are not certified" in endpoint.sentence and "Bodies are not certified" in endpoint.sentence
    assert [f.label for f in endpoint.findings] == ["unjudged"]
    assert "No control" in endpoint.notes[0]


def test_a_pass_needs_enough_pairs_and_says_how_many_more() -> None:
    endpoint = verdict({"a": LITTLE}).endpoints[0]
    assert endpoint.state == CONTINUE and endpoint.remaining is not None and 500 < endpoint.remaining < 3000
    assert verdict({"a": GOOD}).endpoints[0].remaining is None


def test_guarantees_and_counts_are_stated() -> None:
    said = verdict({"a": GOOD, "b": BAD})
    assert "1 %" in said.guarantees[0] and "2 endpoints" in said.guarantees[0] and "5 %" in said.guarantees[1]
    for endpoint in said.endpoints:
        for one in hypotheses(endpoint):
            assert one.counts and one.meaning.endswith(".")


def test_a_late_regression_is_found_by_the_evidence_since_a_snapshot() -> None:
    then = counters(400_000, bad__control__01=400, bad__control__10=400)
    now = counters(401_000, bad__control__01=420, bad__control__10=400)
    assert verdict({"a": Evidence(now)}).state == PASS
    assert verdict({"a": Evidence(now, snapshots=(then,))}).state == FAIL


def test_snapshots_come_by_number_of_pairs() -> None:
    assert not restart_due(Evidence(counters(RESTART_EVERY - 1)))
    assert restart_due(Evidence(counters(RESTART_EVERY)))
    assert not restart_due(Evidence(counters(2 * RESTART_EVERY - 1), snapshots=(counters(RESTART_EVERY),)))


def test_old_snapshots_are_dropped_and_later_ones_have_smaller_shares() -> None:
    evidence = Evidence({})
    for k in range(1, 13):
        evidence = with_snapshot(structs.replace(evidence, counters=counters(20_000 * k)))
    assert len(evidence.snapshots) == KEPT and evidence.dropped == 12 - KEPT
    assert evidence.snapshots[-1] == counters(240_000)
    late = {**counters(241_000), "bad/control/01": 30}
    said = [verdict({"a": Evidence(late, (), (counters(240_000),), gone)}) for gone in (0, 100)]
    few, many = (one.endpoints[0].families[0].hypotheses[0].log_e for one in said)
    assert many < few


@settings(max_examples=40)
@given(OUTCOMES, st.randoms(use_true_random=False))
def test_however_it_was_counted_stored_and_read_the_verdict_is_the_same(outcomes: list[Outcome],
                                                                         draw: random.Random) -> None:
    one, others = Tally(1.0, 2, known=PATHS), [Tally(1.0, 2, known=PATHS) for _ in range(4)]
    for outcome in outcomes:
        one.count(outcome)
        draw.choice(others).count(outcome)
    parts = [tally.take()[0] for tally in others]
    draw.shuffle(parts)
    whole, stored = one.take()[0], msgspec.json.decode(msgspec.json.encode(merged(parts)))
    said = verdict({"a": Evidence(whole, PATHS)})
    assert said == verdict({"a": Evidence(stored, PATHS)})
    assert msgspec.json.encode(said)
    assert said.state in (PASS, FAIL, CONTINUE, INVALID)


def test_the_mean_of_all_evidence_is_below_its_line_when_nothing_is_worse() -> None:
    assert verdict({"a": GOOD, "b": GOOD}).log_e < 1
    assert verdict({"a": GOOD, "b": BAD}).log_e > 4.6
