from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import URL

from tests.evidence.outcomes import differs, triple
from tests.store.conftest import IDENTITY
from tests.store.samples import ORDERS, USERS
from tests.store.test_writer import saves, writing
from understudy.compare.outcome import Outcome
from understudy.errors import StoreError
from understudy.evidence.counters import Tally
from understudy.evidence.statements import CONTINUE, FAIL, INVALID, PASS
from understudy.store import counts, paths, verdicts, writers
from understudy.store.counts import Batch
from understudy.store.epochs import Epoch, Opening, open_epoch
from understudy.store.judging import Judgement, covered, judge, latch
from understudy.store.place import Identity
from understudy.store.series import Series
from understudy.store.store import Store

NOISE = differs("$.id")


def same(n: int) -> Outcome:
    """Equal code: an id that always differs, a clock that sometimes does, on either side alike."""
    clock = differs("$.id", "$.at")
    return triple(clock if n % 10 == 3 else NOISE, clock if n % 10 == 7 else NOISE)


def worse(n: int) -> Outcome:
    """The same, and a price that became a string."""
    return triple(differs("$.id", "$.price", kind="type"), differs("$.id", kind="type"))


def better(n: int) -> Outcome:
    """The reverse: now it is the control whose price differs."""
    return triple(differs("$.id", kind="type"), differs("$.id", "$.price", kind="type"))


def fill(store: Store, epoch: Epoch, series: Series, outcome: Callable[[int], Outcome], n: int,
         batch: str = "") -> None:
    """Counts and saves so many outcomes as a mirror does."""
    tally = Tally(1.0, 2)
    for number in range(n):
        tally.count(outcome(number))
    counted, found = tally.take()
    with store.writing() as connection:
        paths.assign(connection, epoch.id, series, found)
        assert counts.add(connection, Batch(id=batch or str(series), epoch=epoch.id, counts={series: counted}), 1.0)


def states(said: Iterable[Judgement]) -> dict[str, str]:
    return {shadow: verdict.state for one in said for shadow, verdict in one.verdicts.items()}


def test_equal_code_is_certified_whatever_its_noise(store: Store, epoch: Epoch) -> None:
    fill(store, epoch, USERS, same, 8000)
    (said,) = judge(store, IDENTITY)
    assert states([said]) == {"next": PASS} and not said.new and said.epoch == epoch
    (endpoint,) = said.verdicts["next"].endpoints
    assert {f.path: f.label for f in endpoint.findings} == {"$.id": "noise", "$.at": "noise"}
    assert endpoint.pairs == endpoint.triples == 8000


def test_what_is_always_different_fails_on_its_path_alone(store: Store, epoch: Epoch) -> None:
    fill(store, epoch, USERS, worse, 200)
    fill(store, epoch, ORDERS, same, 200)
    (said,) = judge(store, IDENTITY)
    assert states([said]) == {"next": FAIL} and said.new == {"next": {("GET /users/{id}", "body/$.price")}}


def test_shadows_are_judged_by_themselves(store: Store, epoch: Epoch) -> None:
    fill(store, epoch, USERS, worse, 200)
    fill(store, epoch, Series("other", "GET /users/{id}"), same, 200)
    assert states(judge(store, IDENTITY)) == {"next": FAIL, "other": CONTINUE}


def test_what_has_failed_stays_failed_once_it_is_latched(store: Store, epoch: Epoch) -> None:
    fill(store, epoch, USERS, worse, 40)
    (said,) = judge(store, IDENTITY)
    assert latch(store, said, 5.0) and latch(store, said, 6.0)
    with store.reading() as connection:
        (kept,) = verdicts.latched(connection, epoch.id)
    assert (kept.series, kept.hypothesis, kept.state, kept.at) == (USERS, "body/$.price", FAIL, 5.0)
    assert kept.evidence["pairs"] == 40 and kept.evidence["log_e"] >= kept.evidence["line"]
    assert kept.evidence["counts"]["only candidate"] == 39
    fill(store, epoch, USERS, better, 4000, "reversed")
    (later,) = judge(store, IDENTITY)
    assert states([later]) == {"next": FAIL} and not later.new and not latch(store, later)


def test_judging_alone_changes_nothing(store: Store, epoch: Epoch) -> None:
    fill(store, epoch, USERS, worse, 200)
    assert judge(store, IDENTITY, now=1.0) == judge(store, IDENTITY, now=1.0)
    with store.reading() as connection:
        assert not verdicts.latched(connection, epoch.id)


def test_an_endpoint_without_traffic_is_not_taken_for_fine(store: Store, epoch: Epoch) -> None:
    fill(store, epoch, USERS, same, 8000)
    (said,) = judge(store, IDENTITY, expected=[USERS, ORDERS])
    assert states([said]) == {"next": CONTINUE}
    assert [e.pairs for e in said.verdicts["next"].endpoints] == [8000, 0]
    assert "over 2 endpoints" in said.verdicts["next"].guarantees[0]


def test_before_the_first_pair_there_is_not_enough_and_silence_is_invalid(store: Store, epoch: Epoch) -> None:
    (said,) = judge(store, IDENTITY)
    assert said.verdicts == {}
    assert states(judge(store, IDENTITY, expected=[USERS])) == {"next": CONTINUE}
    assert states(judge(store, IDENTITY, expected=[USERS], silent=True)) == {"next": INVALID}
    fill(store, epoch, ORDERS, same, 100)
    assert states(judge(store, IDENTITY, expected=[USERS], silent=True)) == {"next": CONTINUE}


def test_only_the_newest_epoch_of_each_gateway_is_judged(store: Store, epoch: Epoch) -> None:
    fill(store, epoch, USERS, worse, 200)
    other = Identity("/etc/other.json", "")
    with store.writing() as connection:
        second = open_epoch(connection, Opening(identity=IDENTITY, digest="d2"), 2000.0)
        foreign = open_epoch(connection, Opening(identity=other, digest="d1"), 2000.0)
    fill(store, foreign, USERS, worse, 100, "foreign")
    assert [one.epoch.id for one in judge(store)] == [foreign.id, second.id]
    assert states(judge(store, other)) == {"next": FAIL} and states(judge(store, IDENTITY)) == {}
    assert judge(store, Identity("/nowhere", "")) == []


def test_the_settings_of_the_epoch_decide(store: Store) -> None:
    with store.writing() as connection:
        lax = {"block_on": ["missing"], "alpha": 0.02, "of a later version": 1}
        epoch = open_epoch(connection, Opening(identity=IDENTITY, digest="lax", settings=lax), 1.0)
    fill(store, epoch, USERS, lambda n: triple(differs("$.price", kind="type")), 200)
    (said,) = judge(store, IDENTITY)
    assert states([said]) == {"next": CONTINUE} and "at most 2 %" in said.verdicts["next"].guarantees[0]


@pytest.mark.parametrize("settings", [{"alpha": 7}, {"split": "half"}])
def test_settings_that_make_no_sense_are_said(store: Store, settings: dict[str, object]) -> None:
    with store.writing() as connection:
        open_epoch(connection, Opening(identity=IDENTITY, digest="odd", settings=settings), 1.0)
    with pytest.raises(StoreError, match="cannot be judged by its settings"):
        judge(store, IDENTITY)


def test_what_may_be_missing_is_counted(store: Store, epoch: Epoch) -> None:
    with store.writing() as connection:
        for id, ended, lost in (("a", 60.0, 3), ("b", None, 4)):
            writers.beat(connection, writers.Seen(id=id, epoch=epoch.id, started=10.0, seen=60.0, ended=ended, saved=1,
                                                  lost=lost))  # fmt: skip
    (said,) = judge(store, IDENTITY, now=500.0)
    assert (said.written, said.lost, said.killed) == (50.0, 7, 1)
    assert judge(store, IDENTITY, now=70.0)[0].killed == 0


def test_what_a_writer_has_saved_is_judged(sqlite_url: URL) -> None:
    tally = Tally(1.0, 2)
    for n in range(200):
        tally.count(worse(n))
    with writing(sqlite_url) as writer:
        writer.add(USERS, *_handed(tally, 200))
        saves(writer, 200)
    store = Store.open(sqlite_url, make=False)
    try:
        (said,) = judge(store)
    finally:
        store.close()
    assert said.verdicts["next"].failed == {("GET /users/{id}", "body/$.price")}


def _handed(tally: Tally, outcomes: int) -> tuple[dict[str, int], int, list[str]]:
    counted, found = tally.take()
    return counted, outcomes, found


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)).map(lambda s: (s[0], s[0] + s[1])))


@given(SPANS)
def test_seconds_are_covered_once(spans: list[tuple[int, int]]) -> None:
    assert covered(spans) == len({second for start, stop in spans for second in range(start, stop)})
