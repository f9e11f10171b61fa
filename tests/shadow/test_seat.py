"""One shadow on the request path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.shadow.making import board, counts, service, shadow
from understudy.config.model import CompareRules
from understudy.exchange import RESPONSE
from understudy.shadow.accounting import DROPPED_BY_WORKER, FULL, SKIPPED
from understudy.shadow.seat import Seat, Setting
from understudy.shadow.valve import Valves
from understudy.telemetry.counters import Board


def seated(**keys: Any) -> tuple[Seat, Board]:
    of = service(shadow(**keys))
    counters = board("worker", of)
    (backend,) = of.endpoints[0].shadows
    assert backend.shadow is not None
    return Seat(backend.shadow, 2, counters, Valves(of)), counters


@pytest.mark.parametrize(("keys", "of", "after", "paired"), [
    ({}, 0, False, True), ({"of": "response", "start": "after"}, RESPONSE, True, True),
    ({"of": None, "start": "after"}, None, False, False), ({"compare": CompareRules(enabled=False)}, 0, False, False),
])
def test_whom_it_understudies_decides_what_it_waits_for(keys: Any, of: Any, after: bool, paired: bool) -> None:
    seat, _ = seated(**keys)
    assert (seat.of, seat.after, seat.paired, seat.bit) == (of, after, paired, 4)


@pytest.mark.parametrize(("keys", "weight"), [({}, 1), ({"amplify": 10}, 10), ({"amplify": 2, "calls": 3}, 6)])
def test_one_request_counts_as_often_as_it_is_copied(keys: Any, weight: int) -> None:
    seat, counters = seated(**keys)
    for reason in SKIPPED:
        seat.skip(reason)
    for reason in DROPPED_BY_WORKER:
        seat.drop(reason)
    assert set(counts(counters).values()) == {weight}
    assert len(counts(counters)) == len(SKIPPED) + len(DROPPED_BY_WORKER)


def test_what_the_guard_lets_through_is_a_gauge_whose_zero_means_all() -> None:
    seat, counters = seated()
    seat.throttle(FULL // 4)
    assert seat.policy.throttle == FULL // 4
    assert counts(counters) == {'state{shadow="s",what="guard"}': 750_000}
    seat.throttle(FULL)
    assert counts(counters) == {}


def test_a_link_that_has_ended_settles_what_was_handed_over() -> None:
    seat, counters = seated()
    seat.cells[seat.handed] = 7
    seat.link_ended()
    assert counts(counters)['copies_total{shadow="s",outcome="settled_by_worker"}'] == 7


def test_settings_change_what_they_name_and_nothing_else() -> None:
    seat, _ = seated(percent=50)
    Setting(paused=True).apply(seat.policy)
    assert (seat.policy.share, seat.policy.paused) == (FULL // 2, True)
    Setting(percent=0.5).apply(seat.policy)
    assert (seat.policy.share, seat.policy.paused) == (5000, True)
