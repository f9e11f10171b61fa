import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.compare import paths
from understudy.compare.paths import LONGEST, Key, Node


def chain(*keys: str | int, many: bool = False) -> Node:
    node = paths.ROOT
    for key in keys:
        node = Node(node, key, many)
    return node


def test_a_path_has_wildcards_and_a_place_has_not() -> None:
    node = chain("items", 3, "price")
    assert (paths.canonical(node), paths.place(node)) == ("$.items[*].price", "$.items[3].price")
    assert paths.canonical(chain("u1", many=True)) == "${*}" and paths.place(chain("u1", many=True)) == "$.u1"


def test_names_that_are_no_words_are_quoted() -> None:
    assert paths.canonical(chain("a.b", "größe", "", "x\0")) == '$["a.b"].größe[""]["x\\u0000"]'


@given(st.lists(st.text(max_size=200) | st.integers(0, 10**9), max_size=30))
def test_paths_are_bounded_and_can_be_stored(keys: list[str | int]) -> None:
    for text in (paths.canonical(chain(*keys)), paths.place(chain(*keys))):
        assert len(text) <= LONGEST and "\0" not in text
        text.encode()


@given(st.lists(st.text(max_size=20), max_size=5), st.lists(st.text(max_size=20), max_size=5))
def test_different_keys_have_different_paths(a: list[str], b: list[str]) -> None:
    assert (paths.canonical(chain(*a)) == paths.canonical(chain(*b))) == (a == b)


def test_long_paths_keep_apart() -> None:
    assert paths.canonical(chain(*["k" * 79] * 9, "a")) != paths.canonical(chain(*["k" * 79] * 9, "b"))


@given(st.lists(st.text(max_size=10).filter(lambda k: "*" not in k), max_size=3))
def test_a_canonical_path_is_a_pattern_for_itself(keys: list[str]) -> None:
    steps = paths.pattern(paths.canonical(chain(*keys)))
    assert len(steps) == len(keys)
    assert all(isinstance(step, Key) and step.takes(key) for step, key in zip(steps, keys, strict=True))


@given(st.text(alphabet="$.[]{}*\"'\\ab3 ", max_size=30))
def test_a_pattern_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        paths.pattern("$" + text)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(("text", "why"), [
    ("items", 'must begin with "$", as in "$.items"'), ("$items", "cannot be read"), ("$.", "cannot be read"),
    ("$.a[x]", "cannot be read"), ("$..[1]", "cannot be read"), ("$" + ".a" * 65, "at most"),
    ("$" + "..a" * 5, "at most"),
    ('$["\\q"]', "no JSON text"), ("$.\"", "has no name")])
def test_what_cannot_be_read_says_why(text: str, why: str) -> None:
    assert why in str(paths.wrong_pattern(text))


def test_status_headers_and_bodies_stand_outside() -> None:
    assert [p for p in ("$status", "$body", "$header.x", "$header.", "$.status") if paths.outside_bodies(p)] == [
        "$status", "$body", "$header.x"]
    assert "must lead into a body" in str(paths.wrong_pattern("$status"))
    assert paths.wrong_pattern("$status", outside=True) is None
