"""Data to YAML, read back by PyYAML."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import yaml as standard
from hypothesis import given
from hypothesis import strategies as st

from understudy.encoding import yaml
from understudy.encoding.json import number_text
from understudy.errors import BadAnswer

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.sampled_from(["y", "no", "1", "1.5", "~", "2020-01-01"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def as_written(value: Any) -> Any:
    """Numbers become texts, as in KrakenD."""
    if isinstance(value, dict):
        return {k: as_written(v) for k, v in value.items()}
    if isinstance(value, list):
        return [as_written(v) for v in value]
    number = number_text(value)
    return value if number is None else number


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_what_is_written_is_read_as_the_same(value: dict[str, Any]) -> None:
    """No text is taken for a number, a date or a truth."""
    assert standard.safe_load(yaml.encode(value)) == as_written(value)


@pytest.mark.parametrize(
    ("data", "document"),
    [
        ({}, b"{}\n"),
        ({"b": 1, "a": "x"}, b'a: x\nb: "1"\n'),
        ({"a": [1, {"c": True}]}, b'a:\n- "1"\n- c: true\n'),
        ({"a": msgspec.Raw(b"2.50")}, b'a: "2.50"\n'),
        ({"a": "n"}, b'a: "n"\n'),
        ({"a": "é😀"}, 'a: é😀\n'.encode()),
        ({"a": "word " * 100}, b"a: '" + b"word " * 100 + b"'\n"),
    ],
)
def test_block_style_with_sorted_keys(data: Any, document: bytes) -> None:
    """Long lines are not folded."""
    assert yaml.encode(data) == document


def test_the_same_object_twice_is_written_twice() -> None:
    """No anchors."""
    part = {"x": "z"}
    assert yaml.encode({"a": part, "b": part}) == b"a:\n  x: z\nb:\n  x: z\n"


def test_too_deep_to_write_is_a_bad_answer() -> None:
    """No recursion error gets out."""
    deep: Any = 1
    for _ in range(2000):
        deep = [deep]
    with pytest.raises(BadAnswer, match="deep"):
        yaml.encode(deep)
