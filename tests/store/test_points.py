from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.store.samples import USERS
from understudy.store import points
from understudy.store.epochs import Epoch
from understudy.store.points import MOST, Point, thinned
from understudy.store.store import Store


def test_curves_are_kept_in_order_and_thinned(store: Store, epoch: Epoch) -> None:
    with store.writing() as connection:
        for start in range(0, 1200, 100):
            points.add(connection, epoch.id, USERS, "errors",
                       [Point(n, 99.0 if n == 777 else 0.0, float(n)) for n in range(start, start + 100)])
        points.add(connection, epoch.id, USERS, "latency", [Point(1, 1.0, 1.0), Point(1, 2.0, 2.0)])
        points.add(connection, epoch.id, USERS, "latency", [])
        curve = points.curve(connection, epoch.id, USERS, "errors")
        assert points.families(connection, epoch.id, USERS) == ["errors", "latency"]
        assert points.curve(connection, epoch.id, USERS, "latency") == [Point(1, 2.0, 2.0)]
    pairs = [p.pairs for p in curve]
    assert len(curve) <= MOST + 100 and pairs == sorted(pairs) and {0, 777, 1199} <= set(pairs)


def test_a_curve_that_is_not_there_is_empty(store: Store, epoch: Epoch) -> None:
    with store.reading() as connection:
        assert points.curve(connection, epoch.id, USERS, "errors") == []


@given(st.lists(st.floats(-1e6, 1e6), max_size=300), st.integers(3, 60))
def test_thinning_keeps_the_ends_and_the_extremes(values: list[float], most: int) -> None:
    curve = [Point(n, value, 0.0) for n, value in enumerate(values)]
    kept = thinned(curve, most)
    assert len(kept) <= max(most, 4)
    assert [p for p in curve if p in kept] == list(kept)
    if curve:
        assert kept[0] == curve[0] and kept[-1] == curve[-1]
        assert max(p.evidence for p in kept) == max(values) and min(p.evidence for p in kept) == min(values)
