from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.exchange import Answer, Failure, Observation
from understudy.shadow.pairs import Exchanges, Expected, Pair, Unpaired


def answer(status: int = 200) -> Answer:
    return Answer(status, [], b"", 0, 0.001)


class Ends:
    """What was handed on."""

    def __init__(self, most: int = 100) -> None:
        self.ended: list[tuple[int, Pair | Unpaired]] = []
        self.closed: list[int] = []
        self.exchanges = Exchanges(lambda id, what: self.ended.append((id, what)), self.closed.append, most)


@pytest.mark.parametrize("first", ["primary", "copy"])
def test_a_pair_is_complete_whichever_comes_first(first: str) -> None:
    ends = Ends()
    ends.exchanges.begin(7, [Expected(0, 0)], 5.0)
    if first == "primary":
        ends.exchanges.primary(7, 0, answer(200))
        assert not ends.ended
        ends.exchanges.copy(7, 0, answer(500))
    else:
        ends.exchanges.copy(7, 0, answer(500))
        assert not ends.ended
        ends.exchanges.primary(7, 0, answer(200))
    assert ends.ended == [(7, Pair(0, answer(200), answer(500)))]
    assert ends.closed == [7]
    assert len(ends.exchanges) == 0


def test_a_triple_waits_for_its_control_but_not_for_that_of_another_backend() -> None:
    ends = Ends()
    ends.exchanges.begin(1, [Expected(0, 0), Expected(1, 0, control=True), Expected(2, 3, control=True)], 5.0)
    ends.exchanges.primary(1, 0, answer())
    ends.exchanges.copy(1, 0, answer(404))
    assert not ends.ended
    ends.exchanges.copy(1, 1, answer(201))
    assert ends.ended == [(1, Pair(0, answer(), answer(404), answer(201), controlled=True))]


def test_a_control_that_is_given_up_makes_a_pair_of_a_triple() -> None:
    ends = Ends()
    ends.exchanges.begin(1, [Expected(0, 0), Expected(1, 0, control=True)], 5.0)
    ends.exchanges.copy(1, 1, None)
    ends.exchanges.primary(1, 0, answer())
    ends.exchanges.copy(1, 0, answer())
    assert ends.ended == [(1, Pair(0, answer(), answer(), None, controlled=True))]


def test_the_primary_asked_once_more_is_a_control_that_says_so() -> None:
    ends = Ends()
    ends.exchanges.begin(1, [Expected(0, 0), Expected(-1, 0, control=True)], 5.0)
    ends.exchanges.copy(1, -1, answer(203))
    ends.exchanges.primary(1, 0, answer())
    ends.exchanges.copy(1, 0, answer())
    assert ends.ended == [(1, Pair(0, answer(), answer(), answer(203), controlled=True))]


def test_a_candidate_that_is_given_up_makes_nothing() -> None:
    ends = Ends()
    ends.exchanges.begin(1, [Expected(0, 0)], 5.0)
    ends.exchanges.copy(1, 0, None)
    assert ends.ended == []
    assert ends.closed == [1]


def test_what_does_not_come_is_not_waited_for_longer() -> None:
    ends = Ends()
    ends.exchanges.begin(1, [Expected(0, 0), Expected(1, 0)], 5.0)
    ends.exchanges.begin(2, [Expected(0, 0), Expected(1, 0, control=True)], 9.0)
    ends.exchanges.copy(1, 0, answer())
    ends.exchanges.sweep(4.9)
    assert not ends.ended
    ends.exchanges.sweep(5.0)
    assert ends.ended == [(1, Unpaired(0, answer()))]
    ends.exchanges.primary(2, 0, answer())
    ends.exchanges.copy(2, 0, answer())
    ends.exchanges.close_all()
    assert ends.ended[1:] == [(2, Pair(0, answer(), answer(), None, controlled=True))]
    assert ends.closed == [1, 2]


def test_over_the_limit_the_oldest_goes() -> None:
    ends = Ends(most=2)
    for id in (1, 2, 3):
        ends.exchanges.begin(id, [Expected(0, 0)], 5.0)
    assert ends.closed == [1]
    ends.exchanges.primary(1, 0, answer())
    assert len(ends.exchanges) == 2


OBSERVED: st.SearchStrategy[Observation] = st.sampled_from([answer(), answer(500), Failure("reset", "", 0.1)])


@given(st.data())
def test_every_observed_candidate_is_handed_on_once_in_any_order(data: st.DataObject) -> None:
    expected = data.draw(
        st.lists(
            st.builds(Expected, st.integers(0, 4), st.integers(0, 2), st.booleans()),
            min_size=1, max_size=5, unique_by=lambda e: e.place,
        )
    )  # fmt: skip
    ends = Ends()
    ends.exchanges.begin(9, expected, 5.0)
    copies = {e.place: data.draw(st.none() | OBSERVED) for e in expected}
    primaries = {of: data.draw(OBSERVED) for of in data.draw(st.sets(st.integers(0, 2)))}
    steps = [("copy", place) for place in copies] + [("primary", of) for of in primaries]
    for kind, key in data.draw(st.permutations(steps + steps[:2])):
        if kind == "copy":
            ends.exchanges.copy(9, key, copies[key])
        else:
            ends.exchanges.primary(9, key, primaries[key])
    ends.exchanges.close_all()
    assert ends.closed == [9]
    told = [what.place for _, what in ends.ended]
    assert sorted(told) == sorted(e.place for e in expected if not e.control and copies[e.place] is not None)
    by_place = {e.place: e for e in expected}
    for _, what in ends.ended:
        assert what.candidate == copies[what.place]
        if isinstance(what, Unpaired):
            assert by_place[what.place].of not in primaries
        else:
            assert what.primary == primaries[by_place[what.place].of]
            controls = [copies[e.place] for e in expected if e.control and e.of == by_place[what.place].of]
            seen = [c for c in controls if c is not None]
            assert what.control == (seen[0] if seen else None)
            assert what.controlled == bool(controls)
