import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config import rule_paths
from understudy.config.rule_paths import Descend, Index, Key


def test_steps() -> None:
    steps = rule_paths.pattern('$.items[*].a_*["x.y"]..id[ 3 ]{*}[\'q\']')
    assert [type(s) for s in steps] == [Key, Index, Key, Key, Descend, Key, Index, Key, Key]
    assert [s.name for s in steps if isinstance(s, Key)] == ["items", "a_*", "x.y", "id", "*", "q"]
    assert [s.number for s in steps if isinstance(s, Index)] == [None, 3]


@pytest.mark.parametrize(("text", "key", "takes"), [
    ("$.a*", "abc", True), ("$.a*", "ba", False), ("$.*_at", "x\ny_at", True), ('$["*"]', "a", False),
    ("$.a+", "aa", False), ("${*}", "", True)])
def test_what_a_key_takes(text: str, key: str, takes: bool) -> None:
    [step] = rule_paths.pattern(text)
    assert isinstance(step, Key) and step.takes(key) is takes


@given(st.text(alphabet="$.[]{}*\"'\\ab3 ", max_size=30))
def test_a_pattern_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        rule_paths.pattern("$" + text)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(("text", "why"), [
    ("items", 'must begin with "$", as in "$.items"'), ("$items", "cannot be read"), ("$.", "cannot be read"),
    ("$.a[x]", "cannot be read"), ("$..[1]", "cannot be read"), ("$" + ".a" * 65, "at most"),
    ("$" + "..a" * 5, "at most"),
    ('$["\\q"]', "no JSON text"), ("$.\"", "has no name")])
def test_what_cannot_be_read_says_why(text: str, why: str) -> None:
    assert why in str(rule_paths.wrong_pattern(text))


def test_status_headers_and_bodies_stand_outside() -> None:
    assert [p for p in ("$status", "$body", "$header.x", "$header.", "$.status") if rule_paths.outside_bodies(p)] == [
        "$status", "$body", "$header.x"]
    assert "must lead into a body" in str(rule_paths.wrong_pattern("$status"))
    assert rule_paths.wrong_pattern("$status", outside=True) is None
