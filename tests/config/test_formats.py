import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config.formats import SyntaxProblem, format_of, parse, plain


@pytest.mark.parametrize(("name", "kind"), [("a.json", "json"), ("a.yaml", "yaml"), ("a.YML", "yaml"),
                                            ("a.toml", "toml"), ("a.conf", "json"), ("yaml", "json")])
def test_the_ending_decides(name: str, kind: str) -> None:
    assert format_of(name) == kind


JSON = st.recursive(st.none() | st.booleans() | st.integers(-2**63, 2**63) | st.floats(allow_nan=False,
                                                                                       allow_infinity=False)
                    | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(JSON)
def test_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    assert parse(json.dumps(value).encode(), "json") == value


@given(st.binary(max_size=60), st.sampled_from(["json", "yaml", "toml"]))
def test_any_bytes_are_data_or_a_syntax_problem(text: bytes, kind: str) -> None:
    try:
        parse(text, kind)  # type: ignore[arg-type]
    except SyntaxProblem as problem:
        assert str(problem)


@given(st.text(alphabet="{}[]:,\"'a1&*!-# \n|>?%@`<", max_size=30))
def test_any_yaml_text_is_data_or_a_syntax_problem(text: str) -> None:
    try:
        parse(text.encode(), "yaml")
    except SyntaxProblem as problem:
        assert str(problem)


@pytest.mark.parametrize(("text", "why"), [
    (b"", "empty"), (b"  \n", "empty"), (b'{"a": 1', "ends too early"), (b'{"a": 1,}', "comma too much"),
    (b"[1,]", "comma too much"), (b'{\n // x\n "a": 1}', "no comments"), (b"{'a': 1}", "double quotes"),
    (b"\xef\xbb\xbf{}", "byte order mark"), (b'{"a": "\xff"}', "UTF-8|invalid"),
    (b"[" * 100_000, "nested too deeply|early"), (b"{} {}", "trailing"), (b'{"a": 1e999}', "range"),
])
def test_broken_json_is_explained(text: bytes, why: str) -> None:
    with pytest.raises(SyntaxProblem, match=why):
        parse(text, "json")


def test_the_place_of_broken_yaml_and_toml_is_told() -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse(b"a: 1\nb: [", "yaml")
    assert caught.value.line >= 2
    with pytest.raises(SyntaxProblem) as caught:
        parse(b"a = 1\nb = \n", "toml")
    assert (caught.value.line, caught.value.column) == (2, 5)


def test_keys_become_text_and_dates_too() -> None:
    assert parse(b"2: a\ntrue: b\nnull: c\n", "yaml") == {"2": "a", "true": "b", "null": "c"}
    assert parse(b"d = 2020-01-02\n", "toml") == {"d": "2020-01-02"}


def test_shared_parts_stay_shared_so_that_no_text_explodes() -> None:
    text = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (c + 1, c + 1, c, c) for c in range(97, 117))
    data = parse(text, "yaml")
    assert data["u"][0] is data["u"][1]


def test_a_value_that_contains_itself_is_refused() -> None:
    with pytest.raises(SyntaxProblem, match="contains itself"):
        parse(b"a: &a [*a]\n", "yaml")


def test_numbers_that_json_cannot_have_become_text() -> None:
    assert plain([math.inf]) == ["inf"]
