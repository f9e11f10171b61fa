"""CEL expressions, as they are read."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.reading import backend, config, endpoint, only_error, only_warning, read, shadow
from understudy.config import cel

NAME = "validation/cel"


def checks(*texts: Any) -> dict[str, Any]:
    return config(endpoint(extra_config={NAME: [{"check_expr": text} for text in texts]}))


def texts(data: dict[str, Any]) -> list[str]:
    return [check.text for check in read(data).endpoints[0].cel]


def test_expressions_are_sorted_by_the_words_in_them() -> None:
    found = read(checks("req_method == 'GET'", "resp_completed", "req_path == '' || resp_completed",
                        "'required' == 'x'")).endpoints[0].cel
    assert [(c.before, c.after) for c in found] == [(True, False), (False, True), (True, True), (True, False)]


def test_backends_have_their_own() -> None:
    entry = backend(extra_config={"github.com/devopsfaith/krakend-cel": [{"check_expr": "req_path == '/'"}]})
    service = read(config(endpoint(entry)))
    assert [c.text for c in service.endpoints[0].backends[0].cel] == ["req_path == '/'"]
    assert service.problems == ()


@pytest.mark.parametrize("block", [
    [{"check_expr": "req_method == 'GET'"}, {"check_expr": "req_method = "}], [{"check_expr": ""}], [{}], ["x"],
    [{"check_expr": 5}], [{"check_expr": "req_method == '\x00"}],
])
def test_a_syntax_error_switches_all_off_and_check_says_so(block: Any) -> None:
    data = config(endpoint(extra_config={NAME: block}))
    assert texts(data) == []
    said = [p.message for p in read(data).problems if p.path[:4] == ("endpoints", 0, "extra_config", NAME)]
    assert any("nothing is checked here" in message for message in said)


def test_what_is_no_list_is_ignored() -> None:
    assert "must be a list" in only_warning(config(endpoint(extra_config={NAME: {}}))).message


@pytest.mark.parametrize(("text", "words"), [
    ("req_nothing == 1", '"req_nothing" is not known'), ("req_metod == 'GET'", 'did you mean "req_method"'),
    ("req_method.starts('G')", '"starts" is not known'), ("nosuch(req_method)", '"nosuch" is not known'),
])
def test_an_unknown_name_switches_its_expression_off(text: str, words: str) -> None:
    data = checks("req_method == 'GET'", text)
    assert texts(data) == ["req_method == 'GET'"]
    problem = only_warning(data)
    assert words in problem.message and problem.path[-2:] == (1, "check_expr")


@pytest.mark.parametrize("text", [
    "req_params.Id.matches('^[0-9]+$')", "req_headers.exists(k, k == 'X-A')", "type(req_method) == string",
    "[1, 2].map(n, n * 2).all(n, n > 1) && req_method != ''", "timestamp(now).getHours('UTC') > 6 || req_path == ''",
    "has(resp_data.a) && size(resp_data.a) > 0", "'quoted.all(zzz, true)' != req_method",
])
def test_known_names_are_known(text: str) -> None:
    assert texts(checks(text)) == [text]


@pytest.mark.parametrize(("text", "code"), [("now == 'x'", "no_effect"), ("JWT.sub == 'x'", "not_yet")])
def test_an_expression_that_is_never_looked_at_is_named(text: str, code: str) -> None:
    assert only_warning(checks(text)).code == code


def test_an_expression_over_the_limit_is_an_error() -> None:
    assert "split it" in only_error(checks("req_method == '" + "x" * cel.MOST_CHARACTERS + "'")).message
    with pytest.raises(cel.Unusable, match="longer than"):
        cel.program("1+" * cel.MOST_CHARACTERS + "1")


@pytest.mark.parametrize("piece", ["a.", "1+", "(", "[", "-", "!", "a&&", "true?1:", "f(", "{1:"])
def test_the_deepest_expression_that_is_let_in_does_not_end_the_process(piece: str) -> None:
    try:
        program = cel.program(piece * ((cel.MOST_CHARACTERS - 1) // len(piece)) + "a")
        program.execute({"a": True})
    except (cel.Unusable, KeyError, TypeError, RuntimeError, ValueError):
        pass


def test_without_the_package_the_configuration_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "cel":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert 'pip install "understudy[cel]"' in only_error(checks("req_method == 'GET'")).message
    assert "or write an object" in only_error(config(endpoint(backend(), shadow({"match": "true"})))).message


@pytest.mark.parametrize(("text", "depth"), [
    ("req_method == 'a'", 0), ("a.all(x, x > 0)", 1), ("a.all(x, b.exists(y, y == x))", 2),
    ("a.filter(x, x).map(y, y)", 1), ("a.all(x, x) && b.map(y, y.all(z, z.exists(w, true)))", 3),
    ("'a.all(x, b.all(y, z))' == s", 0), ("size(a.map(x, [x]))", 1), ("a.b(c.all(x, true))", 1), (")))", 0),
])
def test_nested_loops_are_counted(text: str, depth: int) -> None:
    assert cel.loops(text) == depth


@pytest.mark.parametrize(("text", "words"), [
    ("req_method = ", "no CEL expression"), ("resp_completed", '"resp_completed" is not known'),
    ("req_metod == 'a'", "did you mean"),
])
def test_a_match_must_be_an_expression_of_the_request(text: str, words: str) -> None:
    problem = only_error(config(endpoint(backend(), shadow({"match": text}))))
    assert words in problem.message and problem.path[-1] == "match"


def test_a_good_match_passes() -> None:
    service = read(config(endpoint(backend(), shadow({"match": "req_method == 'GET' && now != ''"}))))
    assert service.endpoints[0].shadows[0].shadow.match.expression  # type: ignore[union-attr]


@given(st.text(max_size=60))
def test_any_text_is_a_program_or_unusable(text: str) -> None:
    cel.loops(text)
    try:
        cel.strangers(cel.program(text), text)
    except cel.Unusable:
        pass
