from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.flexible.test_values import DATA
from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.printing import formatted, joined, number_text, printed, quoted, shown
from understudy.config.flexible.values import MISSING


@pytest.mark.parametrize(("number", "text"), [
    (8080.0, "8080"), (12345678.0, "1.2345678e+07"), (0.0001, "0.0001"), (0.00001, "1e-05"), (-2.5, "-2.5"), (0.0, "0"),
    (1e21, "1e+21"), (123456.0, "123456"), (1000000.0, "1e+06"), (float("inf"), "+Inf"), (0.1, "0.1"), (-0.0, "-0")])
def test_floats_look_as_in_go(number: float, text: str) -> None:
    assert number_text(number) == text


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_float_reads_back(number: float) -> None:
    assert float(number_text(number)) == number


def test_values_look_as_in_go() -> None:
    assert shown({"b": [1, "x", None], "a": True}) == "map[a:true b:[1 x <nil>]]"
    assert printed(MISSING) == printed(None) == "<no value>"
    assert joined([1, 2, "a", 3, "b", "c"]) == "1 2a3bc"
    assert quoted('a"\n\x01é') == '"a\\"\\n\\x01é"'


@pytest.mark.parametrize(("pattern", "values", "text"), [
    ("%d|%5d|%-5d|%05d|%+d", [1, 2, 3, -4, 5], "1|    2|3    |-0004|+5"), ("%s %v %q", ["a", "b", "c"], 'a b "c"'),
    ("%.2f %e %g", [1.005, 1.5, 2.0], "1.00 1.500000e+00 2"),
    ("%x %X %o %b %#x", [255, 255, 8, 5, 255], "ff FF 10 101 0xff"),
    ("%x", ["hi"], "6869"), ("%t %T", [True, 1.0], "true float64"), ("100%%", [], "100%"),
    ("%d", ["a"], "%!d(string=a)"),
    ("%d", [], "%!d(MISSING)"), ("a", [1], "a%!(EXTRA int=1)"), ("%", [], "%!(NOVERB)"), ("%*d", [4, 7], "   7"),
    ("%c %U", [65, 65], "A U+0041"), ("%.1s", ["abc"], "a"), ("% d", [3], " 3")])
def test_printf(pattern: str, values: list[Any], text: str) -> None:
    assert formatted(pattern, values) == text


def test_absurd_widths_are_refused() -> None:
    with pytest.raises(Refusal, match="too large"):
        formatted("%9999999999d", [1])


@settings(deadline=None)
@given(st.text(alphabet="%dsvqxXfgeTtc#+-0 .*19", max_size=12), st.lists(DATA, max_size=4))
def test_printf_is_total(pattern: str, values: list[Any]) -> None:
    try:
        formatted(pattern, values)
    except Refusal as refusal:
        assert "too large" in str(refusal)
