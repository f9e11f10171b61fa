"""Regular expressions of RE2's kind, in linear time."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config.patterns import any_of, searching, translated, translated_schema


@pytest.mark.parametrize(("pattern", "text", "found"), [
    ("(?i)crawl", "SuperCRAWLer", True), ("^curl/", "curl/8", True), ("^curl/", "lib curl/8", False),
    ("[[:alpha:]]+1", "ab1", True), ("[^[:alpha:]]", "ab", False), ("(?P<name>a)b", "xab", True),
    (r"\pL", "é", True), (r"\PL", "é", False), (r"\Qa.b\E", "a.b", True), (r"\Qa.b\E", "axb", False),
    (r"\\Qa", r"\Qa", True), (r"a\z", "ba", True), (r"a\z", "ab", False), (r"\Ab", "ab", False),
    (r"\x{41}", "A", True), (".", "\n", False), ("(?s).", "\n", True), ("(?s)[.]", "\n", False),
    ("(?m)^b$", "a\nb", True), ("(?im)^B$", "a\nb", True), (r"\d", "١", False), ("a", "", False), ("", "", True),
])
def test_what_re2_finds_is_found(pattern: str, text: str, found: bool) -> None:
    assert searching(pattern)(text) is found


@pytest.mark.parametrize("pattern", ["(", "[", "*", "(?=a)", r"(a)\1", "a{1000}{1000}", r"\C"])
def test_what_re2_refuses_is_refused_by_name(pattern: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f'"{pattern}"')):
        any_of(["fine", pattern, "fine too"])


def test_any_of_several_is_enough_and_none_finds_nothing() -> None:
    search = any_of(["a", "b"])
    assert search("xb") and search("ax") and not search("c")
    assert not any_of([])("a")


def test_a_pattern_that_would_hold_a_backtracking_engine_for_ages_is_quick() -> None:
    search, started = searching("(x+x+)+y"), time.monotonic()
    assert not search("x" * 200_000)
    assert time.monotonic() - started < 5


@given(st.text(), st.text().filter(lambda text: r"\E" not in text))
def test_quoted_text_is_found_where_it_stands(before: str, text: str) -> None:
    assert searching(r"\Q" + text + r"\E")(before + text)


@given(st.text(max_size=40))
def test_any_text_is_a_pattern_or_a_value_error(text: str) -> None:
    translated(text)
    try:
        searching(text)("any")
    except ValueError:
        pass


def test_only_patterns_of_a_schema_are_translated() -> None:
    schema = {"properties": {"pattern": {"pattern": r"a\z", "enum": [{"pattern": r"\z"}]}},
              "allOf": [{"patternProperties": {r"\Ax": {"pattern": r"\z"}}}], "pattern": 5}
    assert translated_schema(schema) == {
        "properties": {"pattern": {"pattern": "a$", "enum": [{"pattern": r"\z"}]}},
        "allOf": [{"patternProperties": {"^x": {"pattern": "$"}}}], "pattern": 5,
    }
