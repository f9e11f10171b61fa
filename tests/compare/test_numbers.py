from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from understudy.compare import numbers

spelled = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12)


@pytest.mark.parametrize("same", [
    [1, Raw("1.0"), Raw("1e0"), Raw("10e-1"), Raw("0.1E+1")], [0, Raw("-0"), Raw("0.000"), Raw("0e99")],
    [-1200, Raw("-1.2e3"), Raw("-1200.00")], [10**50, Raw("1e50")]])
def test_spellings_of_one_number_are_equal(same: list[int | Raw]) -> None:
    assert all(numbers.equal(a, b) for a in same for b in same)


def test_numbers_that_one_float_cannot_tell_apart_differ() -> None:
    assert not numbers.equal(Raw("0.1"), Raw("0.10000000000000000001"))
    assert not numbers.equal(2**60, Raw(f"{2**60 + 1}.0"))


def test_the_text_is_the_one_that_was_written() -> None:
    assert numbers.text(Raw("1.10")) == "1.10" and numbers.text(10**30) == "1" + "0" * 30


@given(spelled, spelled)
def test_equality_is_that_of_decimals(a: Decimal, b: Decimal) -> None:
    assert numbers.equal(Raw(str(a)), Raw(str(b))) == (a == b)
    assert numbers.equal(Raw(str(a)), Raw(f"{a:e}"))


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e" + "9" * 5000, "1e99999999999999999999", "9" * 5000])
def test_the_strangest_numbers_are_equal_to_themselves_only(text: str) -> None:
    assert numbers.equal(Raw(text), Raw(text)) and not numbers.equal(Raw(text), 1)
    assert not numbers.near(Raw(text), 1, 10.0)
    assert sorted([Raw(text), 1], key=numbers.order)


def test_near_is_decimal() -> None:
    assert numbers.near(Raw("0.3"), Raw("0.2"), 0.1) and not numbers.near(Raw("0.31"), Raw("0.2"), 0.1)
    assert numbers.near(1, Raw("1.000"), 0.0)
