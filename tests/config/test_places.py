import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from understudy.config.places import line_and_column, locate

KEYS = st.text(alphabet='ab"\\é:{}[], \n', max_size=4)
TREE = st.recursive(st.none() | st.booleans() | st.integers() | KEYS,
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    out = [(path, value)]
    if isinstance(value, dict):
        for key, item in value.items():
            out += leaves(item, (*path, key))
    if isinstance(value, list):
        for index, item in enumerate(value):
            out += leaves(item, (*path, index))
    return out


def at(text: str, line: int, column: int) -> str:
    return "\n".join([text.split("\n")[line - 1][column - 1:], *text.split("\n")[line:]])


@given(TREE, st.sampled_from([None, 1, 3]), st.booleans())
def test_every_value_of_a_json_text_is_found_where_it_stands(tree: Any, indent: int | None, escaped: bool) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=escaped)
    wanted = leaves(tree)
    found = locate(text.encode(), "json", [path for path, _ in wanted])
    decoder = json.JSONDecoder()
    for path, value in wanted:
        key, place = found[path]
        assert decoder.raw_decode(at(text, *place))[0] == value
        if path and isinstance(path[-1], str):
            assert decoder.raw_decode(at(text, *key))[0] == path[-1]


def test_the_last_of_a_repeated_key_counts() -> None:
    assert locate(b'{"a": 1,\n "a": 2}', "json", [("a",)])[("a",)] == ((2, 2), (2, 7))


def test_an_unknown_path_has_the_place_of_its_nearest_parent() -> None:
    text = b'{\n "a": {"b": 1}}'
    found = locate(text, "json", [("a", "c", 3), ("z",)])
    assert found[("a", "c", 3)] == ((2, 2), (2, 7))
    assert found[("z",)] == ((1, 1), (1, 1))


@given(TREE)
def test_every_key_of_a_yaml_text_is_found_on_its_line(tree: Any) -> None:
    text = yaml.safe_dump({"root": tree}, allow_unicode=True)
    for path, places in locate(text.encode(), "yaml", [p for p, _ in leaves({"root": tree})]).items():
        assert 1 <= places[1][0] <= text.count("\n") + 1, path


def test_yaml_places_are_exact() -> None:
    text = b"version: 3\nendpoints:\n  - endpoint: /x\n    timeout: soon\n"
    assert locate(text, "yaml", [("endpoints", 0, "timeout")])[("endpoints", 0, "timeout")] == ((4, 5), (4, 14))


def test_toml_places_are_lines_of_keys_and_tables() -> None:
    text = (b'version = 3\n[[endpoints]]\nendpoint = "/x"\n  [[endpoints.backend]]\n  host = ["a"]\n'
            b'[[endpoints]]\nendpoint = "/y"\n[extra_config."a/b"]\nx.y = 1\n')
    paths = [("version",), ("endpoints", 0, "endpoint"), ("endpoints", 0, "backend", 0, "host"),
             ("endpoints", 1, "endpoint"), ("extra_config", "a/b", "x", "y"), ("endpoints", 0, "backend", 0, "host", 0)]
    found = locate(text, "toml", paths)
    assert [found[p][0][0] for p in paths] == [1, 3, 5, 7, 9, 5]


def test_lines_and_columns_count_characters() -> None:
    assert line_and_column("é\nüx".encode(), 5) == (2, 2)
