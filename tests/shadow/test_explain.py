"""Remembering decisions, in bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.shadow.explain import Decision, Note, Ring, header_value, number_of

COPIED = Note("/e", ("a", "b"), ("copied", "percent"))


def test_a_decision_is_found_by_its_id_in_any_spelling() -> None:
    ring = Ring()
    ring.note(0xAB, COPIED)
    wanted = [Decision("00000000000000ab", "/e", "a", "copied"), Decision("00000000000000ab", "/e", "b", "percent")]
    for spelt in ("ab", "AB", "00000000000000ab", "0xab"):
        assert ring.find(spelt) == wanted


@pytest.mark.parametrize("id", ["", "x", "-1", "1" * 17, "ab cd", "123"])
def test_what_is_no_id_or_unknown_finds_nothing(id: str) -> None:
    ring = Ring()
    ring.note(0xAB, COPIED)
    assert ring.find(id) == [] and ring.find_all(id) == []


def test_the_last_word_counts_and_everything_can_be_had() -> None:
    ring = Ring(by="mirror")
    ring.note(7, Note("/e", ("a",), ("copied",)))
    ring.note(7, Note("/e", ("a",), ("body_incomplete",)))
    assert [d.outcome for d in ring.find("7")] == ["body_incomplete"]
    assert [(d.outcome, d.by) for d in ring.find_all("7")] == [("copied", "mirror"), ("body_incomplete", "mirror")]


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60))
def test_only_the_last_ones_are_kept(ids: list[int]) -> None:
    ring = Ring(16)
    for id in ids:
        ring.note(id, COPIED)
    for id in ids:
        assert bool(ring.find(f"{id:x}")) is (id in ids[-16:])


def test_the_header_says_the_id_and_each_shadow() -> None:
    assert header_value(("a", "b"), ("copied", "percent"), 255) == b"id=00000000000000ff, a=copied, b=percent"


def test_numbers_of_ids_are_those_of_64_bits() -> None:
    assert number_of("ffffffffffffffff") == 2**64 - 1 and number_of("10000000000000000") is None
