import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config.durations import format_duration, parse_duration


@pytest.mark.parametrize(("text", "seconds"), [
    ("2s", 2), ("300ms", 0.3), ("1.5s", 1.5), ("1h30m", 5400), ("-3s", -3), ("+1s", 1), ("0", 0), ("0s", 0),
    ("100us", 1e-4), ("100µs", 1e-4), ("5ns", 5e-9), (".5s", 0.5), ("1.s", 1),
])
def test_durations_are_read_as_go_reads_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(("text", "why"), [
    ("soon", "not a duration"), ("", "not a duration"), ("3", "no unit"), ("1d", "unknown unit"),
    ("5 minutes", "unknown unit"), ("s", "not a duration"), ("-", "not a duration"), ("1s ", "unknown unit"),
    ("١s", "not a duration"), ("99999999h", "292 years"),
])
def test_what_go_refuses_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_duration(text)


@pytest.mark.parametrize(("seconds", "text"), [
    (0, "0s"), (2, "2s"), (0.9, "900ms"), (1.5, "1.5s"), (5400, "1h30m0s"), (60, "1m0s"), (1e-6, "1µs"), (5e-9, "5ns"),
    (-0.25, "-250ms"), (0.0015, "1.5ms"),
])
def test_durations_are_printed_as_go_prints_them(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(min_value=-10**15, max_value=10**15))
def test_a_printed_duration_is_read_back(nanos: int) -> None:
    assert parse_duration(format_duration(nanos / 1e9)) == pytest.approx(nanos / 1e9, abs=1e-9)


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        assert isinstance(parse_duration(text), float)
    except ValueError as error:
        assert str(error)
