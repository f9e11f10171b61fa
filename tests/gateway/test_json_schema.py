"""Request bodies and their schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config.checks import validator
from understudy.gateway.json_schema import parsed, pointer, schema_check, violations
from understudy.gateway.types import Ask
from understudy.http.values import Request

REQUEST = Request(b"POST", b"/", [], b"")
SCHEMA: dict[str, Any] = {
    "required": ["name", "age"], "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 2, "pattern": "^[A-Z]"}, "age": {"type": "integer", "minimum": 18},
        "tags": {"maxItems": 1, "items": {"type": "string"}}, "kind": {"enum": ["a", "b"]}, "one": {"const": 1},
        "a/b~c": {"multipleOf": 2}, "any": {"anyOf": [{"type": "null"}]},
    },
}  # fmt: skip


def said(body: bytes, schema: Any = SCHEMA, *, tell: bool = True) -> str | None:
    asked = Ask("POST", "/x", {}, [], [], body, 0.0)
    refusal = schema_check(schema, tell=tell)(asked, REQUEST)
    assert refusal is None or refusal.status == 400
    return None if refusal is None else str(refusal)


@pytest.mark.parametrize("body", [
    b'{"name":"Ana","age":20}', b' {"age":20.0 ,"name":"Ana"}\n', b'{"name":"A\xff","age":18}',
])
def test_what_fits_passes(body: bytes) -> None:
    assert said(body) is None


@pytest.mark.parametrize(("body", "text"), [
    (b"", "could not validate an empty body"),
    (b'{"name":"Ana"}', "- at '': missing property 'age'"),
    (b"{}", "- at '': missing properties 'name', 'age'"),
    (b'{"name":"Ana","age":"20"}', "- at '/age': got string, want integer"),
    (b'{"name":"Ana","age":2}', "- at '/age': minimum: got 2, want 18"),
    (b'{"name":"A","age":20}', "- at '/name': minLength: got 1, want 2"),
    (b'{"name":"ana","age":20}', "- at '/name': 'ana' does not match pattern '^[A-Z]'"),
    (b'{"name":"Ana","age":20,"z":1}', "- at '': additional properties 'z' not allowed"),
    (b'{"name":"Ana","age":20,"tags":["a","b"]}', "- at '/tags': maxItems: got 2, want 1"),
    (b'{"name":"Ana","age":20,"tags":[1]}', "- at '/tags/0': got number, want string"),
    (b'{"name":"Ana","age":20,"kind":"c"}', "- at '/kind': value must be one of 'a', 'b'"),
    (b'{"name":"Ana","age":20,"one":2}', "- at '/one': value must be 1"),
    (b'{"name":"Ana","age":20,"a/b~c":3}', "- at '/a~1b~0c': multipleOf: got 3, want 2"),
    (b'{"name":"Ana","age":20,"any":3}', "- at '/any': anyOf failed"),
    (b"{name", "invalid character 'n' looking for beginning of object key string"),
    (b'{"name":"Ana","age":20} x', "invalid character 'x' after top-level value"),
    (b'{"name":NaN}', "invalid character 'N' looking for beginning of value"),
])
def test_what_does_not_fit_is_told_in_krakends_words(body: bytes, text: str) -> None:
    assert said(body) == text


def test_violations_are_worked_out_only_for_clients_that_see_them() -> None:
    assert said(b"{}", tell=False) == "the body does not fit the schema"


def test_even_an_empty_schema_refuses_an_empty_body() -> None:
    assert said(b"", {}) and said(b"null", {}) is None


def test_a_body_of_many_violations_has_an_end() -> None:
    body = json.dumps([1] * 10_000).encode()
    text = said(body, {"items": {"type": "string"}})
    assert text is not None and len(text.splitlines()) == 100


@pytest.mark.parametrize("body", [
    b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b"9" * 100_000, b"1e999", b'"\\ud800"', b"\xef\xbb\xbf{}",
    b'{"\\ud800":1}', b"-", b"\x00", b'"' + b"x" * 100_000,
], ids=lambda body: repr(body[:9]))
def test_a_strange_body_is_refused_or_passes_but_never_raises(body: bytes) -> None:
    said(body, {"type": ["object", "array", "number", "string"]})


def test_numbers_of_thousands_of_digits_are_numbers() -> None:
    for body in (b"9" * 5000, b"-" + b"9" * 5000, b"1e999", b"[1.5]"[1:4]):
        assert said(body, {"type": "number"}) is None


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_sentence(body: bytes) -> None:
    said(body, SCHEMA)


_JSON = st.recursive(st.none() | st.booleans() | st.integers()
                     | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
                     lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))


@given(_JSON)
def test_what_is_read_is_what_was_written(value: Any) -> None:
    try:
        body = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        body = json.dumps(value).encode()
    assert json.dumps(parsed(body)) == json.dumps(json.loads(body.decode("utf-8", "replace"))) or "\\ud" in str(body)


@given(_JSON)
def test_there_are_violations_exactly_when_it_does_not_fit(value: Any) -> None:
    valid = validator(SCHEMA)
    try:
        fits = valid.is_valid(value)
    except (ValueError, OverflowError):
        return
    assert (violations(valid, value) == "") is fits


def test_pointers_are_escaped() -> None:
    assert (pointer([]), pointer(["a/b", 0, "~"])) == ("", "/a~1b/0/~0")
