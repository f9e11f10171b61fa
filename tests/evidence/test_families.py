"""One endpoint's questions, from counters made by hand."""

from __future__ import annotations

import math

import pytest

from understudy.evidence.eprocesses import coin, within
from understudy.evidence.families import Case, body, control_alarms, errors, latency, more_pairs, strength
from understudy.evidence.reading import Reading, read
from understudy.evidence.settings import Settings
from understudy.evidence.statements import CONTINUE, FAIL, INCONCLUSIVE, NOT_JUDGED, PASS

SETTINGS = Settings()


def case(counters: dict[str, int], settings: Settings = SETTINGS, *, paths: tuple[str, ...] = (), weight: float = 1.0,
         latched: tuple[str, ...] = ()) -> Case:
    return Case((read(counters),), settings, weight, paths, latched)


def of_errors(candidate: int, control: int, pairs: int) -> dict[str, int]:
    rest = pairs - candidate - control
    return {"share/1000000": pairs, "triples": pairs, "bad/control/01": candidate, "bad/control/10": control,
            "bad/control/00": rest, "bad/primary/00": pairs}  # fmt: skip


@pytest.mark.parametrize(("candidate", "control", "pairs", "state"), [
    (0, 0, 0, CONTINUE), (0, 0, 400, CONTINUE), (0, 0, 1100, PASS), (14, 0, 900, FAIL), (5, 4, 900, CONTINUE),
    (5, 4, 4000, PASS), (0, 14, 900, PASS), (20, 20, 2_000_000, PASS),
])  # fmt: skip
def test_errors(candidate: int, control: int, pairs: int, state: str) -> None:
    assert errors(case(of_errors(candidate, control, pairs))).state == state


def test_errors_are_compared_with_the_primary_where_not_every_pair_has_a_control() -> None:
    counters = {"share/10000": 900, "triples": 9, "bad/control/00": 9, "bad/primary/01": 14, "bad/primary/00": 886}
    family = errors(case(counters))
    assert family.state == FAIL and family.failed == ("errors",)
    assert "primary" in family.sentence


def test_tolerated_errors_are_no_failure() -> None:
    tolerant = Settings(errors_tolerated=0.02)
    assert errors(case(of_errors(14, 0, 900), tolerant)).state != FAIL
    assert errors(case(of_errors(60, 0, 900), tolerant)).state == FAIL


def test_worse_within_the_margin_says_both() -> None:
    family = errors(case(of_errors(30, 2, 40_000)))
    assert family.state == FAIL and "by no more than the margin" in family.sentence


def test_the_price_of_more_endpoints_is_a_few_discordances() -> None:
    for weight, needed in ((1.0, 12), (1 / 10, 16), (1 / 200, 21)):
        found = min(k for k in range(40) if errors(case(of_errors(k, 0, 1000), weight=weight)).state == FAIL)
        assert found == needed


def test_the_budget_ends_in_inconclusive() -> None:
    spent = Settings(max_pairs=500)
    assert errors(case(of_errors(2, 2, 500), spent)).state == INCONCLUSIVE


def test_what_has_failed_stays_failed() -> None:
    family = errors(case(of_errors(0, 0, 5000), latched=("errors",)))
    assert family.state == FAIL and family.failed == ("errors",)


def test_durations_need_a_control() -> None:
    family = latency(case({"share/0": 100, "bad/primary/00": 100}))
    assert family.state == NOT_JUDGED and not family.needed


def test_durations_of_a_share_can_fail_but_are_not_needed() -> None:
    counters = {"share/10000": 10_000, "triples": 100, "latency": 100, "ratio/40": 100, "seconds/control/100": 100}
    family = latency(case(counters))
    assert family.state == FAIL and not family.needed and not family.advisory


def test_bodies_without_a_control_never_fail_unless_a_person_accepts_it() -> None:
    counters = {"share/0": 500, "bodies/pairs": 500, "alone/any/$.a": 500, "alone/value/$.a": 500}
    family, logs = body(case(counters, paths=("$.a",)))
    assert family.state == CONTINUE and family.advisory and not family.needed and logs["$.a"] > 10
    accepted, _ = body(case(counters, Settings(accept_body_without_control=True), paths=("$.a",)))
    assert accepted.state == FAIL and accepted.failed == ("body/$.a",)


def test_a_path_without_an_ordinal_is_not_judged() -> None:
    counters = {"share/1000000": 500, "triples": 500, "bodies/triples": 500, "win/any/$.a": 500}
    assert body(case(counters, paths=("$.a",)))[0].state == FAIL
    assert body(case(counters))[0].state == CONTINUE


def test_a_control_with_more_errors_than_the_primary_is_noticed() -> None:
    counters = {"share/1000000": 500, "triples": 500, "bad/check/01": 100, "bad/check/00": 400}
    assert [one.name for one in control_alarms(case(counters)) if one.crossed] == ["control/errors"]
    equal = {**counters, "bad/check/01": 3, "bad/check/10": 3, "bad/check/00": 494}
    assert not any(one.crossed for one in control_alarms(case(equal)))


def test_a_control_that_always_lacks_a_field_is_no_copy() -> None:
    base = {"share/1000000": 500, "triples": 500}
    stale = {**base, "both/missing/$.new": 300, "loss/missing/$.new": 200}
    alarms = control_alarms(case(stale, paths=("$.new",)))
    assert [one.name for one in alarms if one.crossed] == ["control/$.new"]
    noisy = {**base, "both/missing/$.new": 60, "loss/extra/$.new": 55, "both/value/$.ts": 500}
    assert not any(one.crossed for one in control_alarms(case(noisy, paths=("$.new", "$.ts"))))


def test_evidence_has_several_beginnings() -> None:
    def process(reading: Reading) -> float:
        return float(reading.triples)

    nothing, much = Reading(triples=0), Reading(triples=30)
    assert strength(process, Case((nothing, nothing), SETTINGS, 1, ())) == pytest.approx(0)
    assert strength(process, Case((nothing, much), SETTINGS, 1, ())) == pytest.approx(30 - math.log(6), abs=1e-6)
    old = Case((nothing, much), SETTINGS, 1, (), dropped=5)
    assert strength(process, old) == pytest.approx(30 - math.log(56), abs=1e-6)
    assert strength(process, Case((much,), Settings(restarts=False, kappa=0.5), 1, ())) == 15


def test_kappa_weakens() -> None:
    plain, careful = (errors(case(of_errors(14, 0, 900), Settings(kappa=k, restarts=False))) for k in (1.0, 0.5))
    assert plain.hypotheses[0].log_e == pytest.approx(coin(14, 14))
    assert careful.hypotheses[0].log_e == pytest.approx(coin(14, 14) / 2)


def test_how_many_more_pairs() -> None:
    def quiet(x: float) -> float:
        return within(0, 0, 500 * x, 0.005)

    more = more_pairs(quiet, SETTINGS.certified, 500)
    assert more is not None and quiet(1 + (more + 2) / 500) >= SETTINGS.certified > quiet(1 + (more - 20) / 500)
    assert more_pairs(lambda x: -x, 3.0, 500) is None
    assert errors(case(of_errors(0, 0, 500))).certificates[0].remaining == more
