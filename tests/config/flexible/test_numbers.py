import pytest
from hypothesis import given, settings

from tests.config.flexible.rendering import check, failure
from tests.config.flexible.test_values import DATA
from understudy.config.flexible.numbers import decimal, integer


def test_sprigs_functions_for_numbers() -> None:
    check({
        "add 1 2 3": "6", "add .p 1": "8081", 'add "2" 1': "3", "sub 5 2": "3", "mul 2 3": "6", "div 7 2": "3",
        "div -7 2": "-3",
        "mod 7 2": "1", "mod -7 2": "-1", "max 1 3 2": "3", "min 2 1": "1", "add1 .p": "8081", "addf 1.5 2": "3.5",
        "subf 3 1.5": "1.5",
        "mulf 2 1.5": "3", "divf 3 2": "1.5", "maxf 1 2.5": "2.5", "minf 1 2.5": "1", "floor 1.7": "1", "ceil 1.2": "2",
        "round 2.567 2": "2.57", "int .p": "8080", 'int "x"': "0", "float64 1": "1", 'atoi "12"': "12",
        "until 3": "[0 1 2]",
        "untilStep 1 6 2": "[1 3 5]", "untilStep 1 6 0": "[]", "seq 1 3": "1 2 3", "seq 2": "1 2", "seq 3 1": "3 2 1",
        "seq 1 2 5": "1 3 5",
        "seq": "", "int 1.9": "1", "int true": "1"}, {"p": 8080})


@pytest.mark.parametrize(("pipe", "words"), [
    ("div 1 0", "divide by zero"), ("mod 1 0", "divide by zero"), ("divf 1 0", "division by zero"),
    ("until 999999999", "too long"),
    ("seq 1 2 3 4", "up to three"), ("until 2.0", "expected int")])
def test_what_they_refuse(pipe: str, words: str) -> None:
    assert words in failure(f"{{{{ {pipe} }}}}")


@settings(deadline=None)
@given(DATA)
def test_anything_is_a_number(value: object) -> None:
    assert -(1 << 63) <= integer(value) < 1 << 63
    assert isinstance(decimal(value), float) or abs(integer(value)) > 2**1000
