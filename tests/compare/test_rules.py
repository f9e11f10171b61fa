import pytest

from tests.compare.exchanges import rules
from understudy.compare.rules import Rules, Scope


def scope_at(compiled: Rules, *steps: str | int) -> Scope | None:
    scope = compiled.scope
    for step in steps:
        if scope is None:
            return None
        scope = scope.key(step) if isinstance(step, str) else scope.index(step)
    return scope


def ignored(pattern: str, *steps: str | int) -> bool:
    scope = scope_at(rules(ignore=(pattern,)), *steps)
    return scope is not None and scope.ignored


@pytest.mark.parametrize(("pattern", "steps"), [
    ("$.a", ("a",)), ("$.items[*].t", ("items", 9, "t")), ("$.items[2]", ("items", 2)), ("$..t", ("t",)),
    ("$..t", ("a", 1, "b", "t")), ("$.a..t", ("a", "t")), ("$.m{*}.x", ("m", "k", "x")), ("$.*.x", ("any", "x")),
    ("$.*_at", ("created_at",)), ('$["a.b"]', ("a.b",)), ("$", ())])
def test_a_pattern_reaches(pattern: str, steps: tuple[str | int, ...]) -> None:
    assert ignored(pattern, *steps)


@pytest.mark.parametrize(("pattern", "steps"), [
    ("$.a", ("b",)), ("$.a", ("a", "b")), ("$.items[2]", ("items", 3)), ("$.items[*]", ("items", "x")),
    ("$.m{*}", ("m", 0)), ("$.a..t", ("b", "t")), ("$.*_at", ("at",)), ('$["*"]', ("x",))])
def test_a_pattern_reaches_nothing_else(pattern: str, steps: tuple[str | int, ...]) -> None:
    assert not ignored(pattern, *steps)


def test_a_tolerance_holds_below_and_the_nearer_one_wins() -> None:
    compiled = rules(tolerance={"$.a": 1.0, "$.a.b": 2.0})
    tolerances = [s and s.tolerance for s in (scope_at(compiled, *p) for p in (["x"], ["a", 1], ["a", "b", "c"]))]
    assert tolerances == [None, 1.0, 2.0]


def test_rules_of_all_kinds_hold_at_one_place() -> None:
    scope = scope_at(rules(unordered=("$.a",), id_field={"$.a": "id"}, tolerance={"$..x": 1.0}), "a")
    assert scope is not None and scope.unordered and scope.id_field == "id" and not scope.ignored


def test_no_rules_no_scope() -> None:
    assert rules().scope is None and rules(ignore=("$status",)).scope is None


def test_what_is_kept_is_bounded_and_stays_right() -> None:
    compiled = rules(ignore=("$..x",))
    for n in range(1000):
        scope = scope_at(compiled, f"k{n}", n, "x")
        assert scope is not None and scope.ignored


def test_headers_are_named_once_in_lower_case_without_the_ignored() -> None:
    assert rules(headers=("ETag", "etag", "Date"), ignore=("$header.Date",)).headers == ("etag",)


def test_a_path_that_cannot_be_read_is_a_sentence() -> None:
    with pytest.raises(ValueError, match=r'The path "items" must begin with "\$"'):
        rules(ignore=("items",))
