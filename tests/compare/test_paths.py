from hypothesis import given
from hypothesis import strategies as st

from understudy.compare import paths
from understudy.compare.paths import LONGEST, Node
from understudy.config import rule_paths
from understudy.config.rule_paths import Key


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
    steps = rule_paths.pattern(paths.canonical(chain(*keys)))
    assert len(steps) == len(keys)
    assert all(isinstance(step, Key) and step.takes(key) for step, key in zip(steps, keys, strict=True))
