"""Evidence of single paths: with every pair controlled, a share of them, or none."""

from __future__ import annotations

import math

import pytest

from understudy.evidence.eprocesses import arms, coin, log_mean, within
from understudy.evidence.paths import (
    body_certificate,
    compared,
    effective_share,
    kind_weights,
    path_evidence,
    path_processes,
    share_mismatch,
)
from understudy.evidence.reading import read
from understudy.evidence.settings import KINDS, Settings

SETTINGS = Settings(restarts=False)
FULL = {"share/1000000": 1000, "triples": 1000, "bodies/triples": 1000}
SHARE = {"share/10000": 10_000, "triples": 100, "bodies/triples": 100, "bodies/pairs": 9900}


def test_the_kinds_share_the_evidence() -> None:
    assert sum(kind_weights(SETTINGS).values()) == pytest.approx(1)
    assert kind_weights(Settings(block_on=("type", "missing"))) == {"type": 0.5, "missing": 0.5}
    reading = read({**FULL, "win/any/$.a": 40, "win/value/$.a": 40})
    blocking = kind_weights(Settings(block_on=("type",)))
    assert path_evidence(reading, "$.a", 0, blocking) == 0
    assert path_evidence(reading, "$.a", 0, kind_weights(SETTINGS)) == pytest.approx(
        coin(40, 40) + math.log(0.5 + 0.5 / len(KINDS)), abs=1e-3)


def test_a_type_among_values_that_always_differ_is_evidence() -> None:
    noise = {**FULL, "both/any/$.id": 1000, "both/value/$.id": 1000}
    turned = {**FULL, "both/any/$.id": 1000, "loss/value/$.id": 1000, "win/type/$.id": 1000}
    weights = kind_weights(SETTINGS)
    assert path_evidence(read(noise), "$.id", 0, weights) == pytest.approx(0)
    assert path_evidence(read(turned), "$.id", 0, weights) > math.log(1e6)


def test_a_share_of_controls_uses_all_pairs() -> None:
    reading = read({**SHARE, "alone/any/$.a": 1485, "win/any/$.a": 15})
    assert effective_share(reading) == pytest.approx(0.01)
    alone = path_evidence(reading, "$.a", 0.01, {"any": 1.0})
    assert alone == pytest.approx(log_mean([coin(15, 15), arms([(1500, 1500, 1 / 1.01)])]))
    noise = read({**SHARE, "alone/any/$.a": 9900, "both/any/$.a": 100})
    assert path_evidence(noise, "$.a", 0.01, {"any": 1.0}) < 0


def test_controls_that_were_not_asked_make_no_evidence() -> None:
    starved = read({"share/10000": 10_000, "triples": 1, "bodies/triples": 1, "bodies/pairs": 9999,
                    "alone/any/$.ts": 9999, "both/any/$.ts": 1})
    assert share_mismatch(starved) > math.log(1000) and effective_share(starved) == 0
    for triples in (0, 20, 50):
        fewer = read({"share/10000": 10_000, "triples": triples, "bodies/triples": triples,
                      "bodies/pairs": 10_000 - triples, "alone/any/$.ts": 10_000 - triples, "both/any/$.ts": triples})
        assert path_processes([fewer], SETTINGS)["$.ts"](fewer) < 1


def test_before_the_first_control_noise_is_no_evidence() -> None:
    """Neither at the start, nor since a snapshot."""
    early = {"share/10000": 60, "bodies/pairs": 60, "alone/any/$.ts": 60, "alone/value/$.ts": 60}
    accepting = Settings(accept_body_without_control=True)
    assert path_processes([read(early)], accepting)["$.ts"](read(early)) < 1e-9
    later = [read({**SHARE, **early, "both/any/$.ts": 100}), read(early)]
    assert path_processes(later, accepting)["$.ts"](later[1]) < 1e-9


def test_a_share_that_was_changed_leaves_the_triples() -> None:
    assert effective_share(read({**SHARE, "share/500000": 5})) == 0
    assert effective_share(read(FULL)) == 0


def test_where_a_path_could_be_compared() -> None:
    reading = read({**SHARE, "bodies/pairs": 9000})
    assert compared(reading, "$status") == (10_000, 100)
    assert compared(reading, "$.a") == (9100, 100)


@pytest.mark.parametrize(("counters", "certified"), [
    ({**FULL}, False),
    ({"share/1000000": 1400, "triples": 1400, "bodies/triples": 1400}, True),
    ({"share/1000000": 1400, "triples": 1400, "bodies/triples": 1400, "both/any/$.id": 1400}, True),
    ({"share/1000000": 1400, "triples": 1400, "bodies/triples": 1400, "win/any/$.id": 30}, False),
    ({"share/1000000": 3000, "triples": 3000, "bodies/triples": 3000, "win/any/$.n": 600, "loss/any/$.n": 600,
      "both/any/$.n": 300}, True),
    ({"share/10000": 2000, "triples": 20, "bodies/triples": 20, "bodies/pairs": 1980}, True),
    ({"share/10000": 2000, "triples": 20, "bodies/triples": 20, "bodies/pairs": 1980, "alone/any/$.id": 1980,
      "both/any/$.id": 20}, False),
])  # fmt: skip
def test_certificates_of_bodies(counters: dict[str, int], certified: bool) -> None:
    worst, process = body_certificate(read(counters), SETTINGS)
    assert (process(1.0) >= SETTINGS.certified) is certified
    assert worst["candidate"] >= worst["only candidate"]


def test_the_difference_by_which_a_path_was_found_counts_against_the_certificate() -> None:
    quiet, found = (body_certificate(read({**FULL, **more}), SETTINGS)[1](1.0)
                    for more in ({}, {"found/candidate/$.a": 1}))  # fmt: skip
    assert found < quiet


def test_without_control_the_certificate_is_of_the_candidates_own_share() -> None:
    reading = read({"share/0": 1200, "bodies/pairs": 1200})
    assert body_certificate(reading, SETTINGS)[1](1.0) == pytest.approx(within(0, 0, 1200, 0.005))
