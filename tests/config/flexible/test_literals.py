import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.config.flexible.literals import character_of, number_of, text_of
from understudy.config.flexible.printing import quoted


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_a_quoted_text_reads_back(text: str) -> None:
    assert text_of(quoted(text)) == text


def test_escapes_are_go_s() -> None:
    assert text_of(r'"\n\x41\101é\U0001F600\""') == "\nAAé😀\""
    assert text_of("`a\\n\r`") == "a\\n"
    for bad in (r'"\z"', r'"\400"', r'"\'"', r'"\ud800"'):
        with pytest.raises(ValueError):
            text_of(bad)


def test_characters_are_numbers() -> None:
    assert character_of(r"'\n'") == 10 and character_of("'é'") == 233
    with pytest.raises(ValueError):
        character_of("'ab'")


@pytest.mark.parametrize(("literal", "value"), [
    ("1", 1), ("-7", -7), ("1_000", 1000), ("0x1F", 31), ("0b11", 3), ("0o17", 15), ("017", 15), ("1.5", 1.5),
    ("1e3", 1000.0),
    (".5", 0.5), ("0x1p-2", 0.25), ("9223372036854775807", 2**63 - 1)])
def test_numbers_are_ints_unless_written_as_floats(literal: str, value: float) -> None:
    found = number_of(literal)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize("literal",
                         ["1x", "9223372036854775808", "1e999", "089", "1__0", "_1", "1" * 30, "٣"])
def test_what_go_refuses_is_refused(literal: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        number_of(literal)
