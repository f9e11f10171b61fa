"""Nothing that was counted is forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understudy.process.ledger import Ledger, counts, is_gauge
from understudy.telemetry.counters import Board, Layout

LAYOUT = Layout(['a_total{x="1"}', "open_now"], ["seconds"])


def board(count: int, gauge: int = 0, bucket: int = 0) -> Board:
    made = Board(LAYOUT)
    made.add('a_total{x="1"}', count)
    made.add("open_now", gauge)
    made.cells[made.slot("seconds") + bucket] += 1
    return made


def test_gauges_are_told_by_their_names() -> None:
    assert is_gauge('open{a="x_total"}') and not is_gauge('a_total{b="c"}')
    assert counts({"a_total": 1, "b": 2}) == {"a_total": 1}


def test_counts_of_the_dead_stay_and_their_gauges_go() -> None:
    ledger = Ledger()
    ledger.retire("worker", board(5, gauge=3, bucket=1))
    living = board(2, gauge=1, bucket=2)
    read = ledger.read([("worker", living)], {"up": 1})
    assert read.total() == {'a_total{x="1"}': 7, "open_now": 1, "up": 1}
    assert read.dead_workers == {'a_total{x="1"}': 5}
    assert read.histograms["seconds"][:4] == [0, 1, 1, 0]


def test_reading_changes_nothing() -> None:
    ledger = Ledger()
    ledger.retire("mirror", board(1))
    living = board(1)
    first = ledger.read([("mirror", living)], {})
    assert ledger.read([("mirror", living)], {}) == first


@given(st.lists(st.tuples(st.sampled_from(["worker", "mirror"]), st.integers(0, 50), st.booleans())))
def test_the_total_is_the_sum_whoever_lives(parts: list[tuple[str, int, bool]]) -> None:
    ledger, living = Ledger(), []
    for kind, n, dead in parts:
        made = board(n)
        if dead:
            ledger.retire(kind, made)  # type: ignore[arg-type]
        else:
            living.append((kind, made))
    read = ledger.read(living, {})  # type: ignore[arg-type]
    assert read.total().get('a_total{x="1"}', 0) == sum(n for _, n, _ in parts)
    assert sum(read.histograms.get("seconds", [])) == len(parts)


def test_the_supervisors_own_counts() -> None:
    ledger = Ledger()
    ledger.count("restarts_total")
    ledger.count("restarts_total", 2)
    assert ledger.read([], {}).total() == {"restarts_total": 3}
