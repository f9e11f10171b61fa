from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.store.samples import ORDERS, USERS, exchange
from understudy.store.events import Event
from understudy.store.pending import Appetite, Limits, Lost, Pending

A, B = ("$.a", "value"), ("$.b", "value")


def test_counts_are_added_up_while_they_wait() -> None:
    pending = Pending(Limits(), Lost())
    assert not pending
    for _ in range(3):
        pending.add(USERS, {"a": 1, "b": 2}, 1, ["$.x", "$.y"])
    pending.add(ORDERS, {"a": 1}, 1, [])
    assert pending.counts == {USERS: {"a": 3, "b": 6}, ORDERS: {"a": 1}} and pending.outcomes == 4
    assert list(pending.paths[USERS]) == ["$.x", "$.y"] and pending


def test_what_does_not_fit_is_lost_as_a_whole_and_counted() -> None:
    lost = Lost()
    pending = Pending(Limits(keys=2, paths=1), lost)
    pending.add(USERS, {"a": 1}, 1, ["$.x", "$.y"])
    pending.add(USERS, {"a": 1, "b": 1, "c": 1}, 2, ["$.z"])
    pending.add(USERS, {"a": 1, "b": 1}, 1, ["$.x"])
    assert pending.counts == {USERS: {"a": 2, "b": 1}}
    assert (lost.outcomes, lost.counts, lost.paths) == (2, 3, 1) and lost


def test_examples_are_bounded_in_number_and_bytes() -> None:
    lost = Lost()
    pending = Pending(Limits(examples=2, example_bytes=100), lost)
    assert [pending.keep(USERS, exchange(n), [A], 10) for n in range(3)] == [True, True, False]
    assert [w.exchange.id for w in pending.examples] == [0, 1] and lost.examples == 1
    assert not Pending(Limits(example_bytes=5), lost).keep(USERS, exchange(1), [A], 10) and lost.examples == 2


def test_findings_want_a_few_examples_at_once_and_then_one_now_and_again() -> None:
    appetite = Appetite(at_once=2, pause=30.0)
    taken = []
    for at in range(100):
        wanted = appetite.wanted(USERS, [A], float(at))
        appetite.fed(USERS, wanted, float(at))
        taken += [at] * bool(wanted)
    assert taken == [0, 1, 31, 61, 91]
    assert appetite.wanted(USERS, [A, B], 92.0) == [B] and appetite.wanted(ORDERS, [A], 92.0) == [A]


def test_the_newest_events_stay() -> None:
    lost = Lost()
    pending = Pending(Limits(events=2), lost)
    for n in range(3):
        pending.tell(Event(at=float(n), kind="x", text=str(n)))
    assert [e.text for e in pending.events] == ["1", "2"] and lost.events == 1


some_counts = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9))


@given(st.lists(st.tuples(st.sampled_from([USERS, ORDERS]), some_counts)))
def test_nothing_is_forgotten(added: list[tuple[object, dict[str, int]]]) -> None:
    lost = Lost()
    pending = Pending(Limits(keys=3), lost)
    for series, counts in added:
        pending.add(series, counts, 1, [])  # type: ignore[arg-type]
    pending.give_up()
    assert lost.outcomes == len(added) and lost.counts == sum(sum(c.values()) for _, c in added)
