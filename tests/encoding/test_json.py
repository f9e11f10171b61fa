"""JSON in and out, against the standard library and msgspec."""

from __future__ import annotations

import json as standard
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.encoding import json
from understudy.errors import BadAnswer

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | TEXT | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_means_the_same_and_has_sorted_keys(value: Any) -> None:
    """Read back by the standard library."""
    out = json.encode(value)
    assert standard.loads(out) == value
    assert out == json.encode(standard.loads(out))


@given(VALUES, st.booleans())
def test_recoding_an_object_is_decoding_and_encoding(value: Any, ascii_only: bool) -> None:
    """Numbers keep their text, keys are sorted, nothing else changes."""
    body = standard.dumps({"b": value, "a": 1}, ensure_ascii=ascii_only).encode()
    out = json.recode(body)
    assert standard.loads(out) == {"a": 1, "b": value}
    assert out == json.encode(json.decode_object(body)) and json.recode(out) == out


@given(VALUES)
def test_no_byte_of_html_gets_out(value: Any) -> None:
    """As from Go's encoder, so that a JSON text can stand in a page."""
    out = json.encode({"v": value, "<&>": "\u2028\u2029"})
    assert not set(out) & set(b"<>&") and b"\xe2\x80\xa8" not in out and b"\xe2\x80\xa9" not in out


@pytest.mark.parametrize(
    "number", ["0", "-0", "1.0", "1.10", "1e5", "1E+5", "-0.0", "123456789012345678901234567890", "1e400", "9" * 5000]
)
def test_numbers_keep_their_text(number: str) -> None:
    """Whatever a float would make of them."""
    assert json.recode(b'{"n": %b}' % number.encode()) == b'{"n":%b}' % number.encode()
    assert json.number_text(json.decode(number.encode())) == number


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_a_bad_answer(body: bytes) -> None:
    """Nothing else is raised; where the standard library reads the text, so do we."""
    try:
        known: Any = standard.loads(body.decode())
    except (ValueError, RecursionError):
        known = Ellipsis
    try:
        found = json.decode(body)
    except BadAnswer as error:
        assert error.reason == "decode" and (known is Ellipsis or known != known or isinstance(known, float))
        return
    if known is not Ellipsis:
        assert standard.loads(json.encode(found)) == known


@pytest.mark.parametrize(
    ("body", "out"),
    [
        (b'{"a":1} {"b":2}', b'{"a":1}'),
        (b'{"a":"\xff\xfe"}', '{"a":"��"}'.encode()),
        (b'{"a":"\\ud800"}', '{"a":"�"}'.encode()),
        (b'{"a":"\\ud83d\\ude00"}', '{"a":"😀"}'.encode()),
        (b'{"a":1,"a":2}', b'{"a":2}'),
        (b" \r\n\t{} x", b"{}"),
        (b"null", b"null"),
    ],
)
def test_what_go_accepts_is_accepted(body: bytes, out: bytes) -> None:
    """Bytes behind the first value, broken UTF-8, lone surrogates."""
    assert json.recode(body) == out


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "EOF"),
        (b"{", "unexpected EOF"),
        (b'{"a":1e}', "invalid character '}' in exponent of numeric literal"),
        (b'{"a":1.}', "invalid character '}' after decimal point in numeric literal"),
        (b'{"a":NaN}', "invalid character 'N' looking for beginning of value"),
        (b"[1]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (b'"x"', "json: cannot unmarshal string into Go value of type map[string]interface {}"),
        (b"1.5", "json: cannot unmarshal number into Go value of type map[string]interface {}"),
        (b"true", "json: cannot unmarshal bool into Go value of type map[string]interface {}"),
        (b"[" * 100_000, "exceeded max depth"),
    ],
)
def test_what_is_no_object_is_refused_in_gos_words(body: bytes, words: str) -> None:
    """Users of KrakenD know them from their logs."""
    with pytest.raises(BadAnswer) as caught:
        json.decode_object(body)
    assert str(caught.value) == words


def test_collections_and_anything() -> None:
    """Arrays stand under ``collection``, scalars of safejson under ``content``."""
    assert json.decode_collection(b"[1,2]") == {"collection": [1, 2]}
    assert json.decode_collection(b"null") == {"collection": None}
    with pytest.raises(BadAnswer, match="object into Go value of type"):
        json.decode_collection(b"{}")
    assert json.decode_any(b'{"a":1}') == {"a": 1}
    assert json.decode_any(b"[1]") == {"collection": [1]}
    assert json.decode_any(b'"x"') == {"content": "x"}


def test_too_deep_to_write_is_a_bad_answer() -> None:
    """No recursion error gets out."""
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(BadAnswer, match="depth"):
        json.encode(deep)
    while isinstance(deep, list):
        deep = deep.pop()


def test_only_numbers_have_number_texts() -> None:
    """A bool is none."""
    assert [json.number_text(v) for v in (1, 1.5, msgspec.Raw(b"1.50"), True, "1", None)] == ["1", "1.5", "1.50"] + [
        None
    ] * 3
