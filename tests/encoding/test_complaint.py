"""Go's words for what is wrong, against the standard library's judgement of what is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.encoding.complaint import LOOKED_AT, complaint, quoted


def is_good(text: str) -> bool:
    """Whether a text begins with a JSON value; NaN and infinities are none."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    decoder = json.JSONDecoder(parse_constant=refuse, strict=True)
    try:
        end = decoder.raw_decode(text.lstrip(" \t\r\n"))[1]
    except (ValueError, RecursionError):
        return False
    rest = text.lstrip(" \t\r\n")
    # The standard library stops before ``.`` and ``e`` where digits are missing; Go refuses that.
    return not (rest[end - 1 : end].isdigit() and rest[end : end + 1] in (".", "e", "E"))


PIECES = st.sampled_from(
    [*'{}[],:"\\', "true", "nul", "1", "-", ".", "e", "0", " ", "a", "\n", "\\u12", "\\n", "x"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_it_complains_of_what_is_wrong_and_only_of_that(text: str) -> None:
    """The same texts are good."""
    assert (complaint(text.encode()) is None) == is_good(text), text


@given(st.binary(max_size=30))
def test_any_bytes_have_an_opinion(text: bytes) -> None:
    """Nothing is raised."""
    found = complaint(text)
    assert found is None or found in ("EOF", "unexpected EOF") or found.startswith("invalid character '")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "EOF"),
        (" \n", "EOF"),
        ("<html>", "invalid character '<' looking for beginning of value"),
        ("{1:2}", "invalid character '1' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("tru e", "invalid character ' ' in literal true (expecting 'e')"),
        ("-x", "invalid character 'x' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1e+x", "invalid character 'x' in exponent of numeric literal"),
        ('"\\x"', "invalid character 'x' in string escape code"),
        ('"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"),
        ('"a\nb"', "invalid character '\\n' in string literal"),
        ("[1,", "unexpected EOF"),
        ('"abc', "unexpected EOF"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
    ],
)
def test_in_gos_words(text: str, words: str) -> None:
    """One for each place where Go's scanner can stop."""
    assert complaint(text.encode()) == words


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    """A mistake further on is not found, and the cut is not taken for one."""
    assert complaint(b"[" + b"1," * LOOKED_AT + b"x]") is None
    assert complaint(b"[x," + b"1," * LOOKED_AT + b"]") == "invalid character 'x' looking for beginning of value"


def test_bytes_are_quoted_like_gos_characters() -> None:
    """Printable ones as they are, the rest escaped."""
    assert [quoted(b) for b in b"a\t'\\\x01\x7f\xe9\x85"] == [
        "'a'", r"'\t'", r"'\''", r"'\\'", r"'\x01'", r"'\x7f'", "'é'", r"'\u0085'",
    ]  # fmt: skip
