"""URLs escaped as Go escapes them."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.gateway.escape import (
    EscapeError,
    decode_once_more,
    decode_path,
    encode_query,
    escape_path,
    parse_query,
    target,
)

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@pytest.mark.parametrize(
    ("given_path", "expected"),
    [
        ("/a b", "/a%20b"), ("/été", "/%C3%A9t%C3%A9"), ("/a:b@c", "/a:b@c"), ("/a,b;c=d", "/a,b;c=d"),
        ("/a+b", "/a+b"), ("/x[1]", "/x[1]"), ("/x[1] y", "/x%5B1%5D%20y"), ("/%41 b", "/A%20b"), ("/%41", "/%41"),
    ],
)  # fmt: skip
def test_paths_are_escaped_as_go_escapes_them(given_path: str, expected: str) -> None:
    """A valid path stays as it is; another is decoded and escaped anew."""
    assert escape_path(given_path) == expected


@given(TEXT)
def test_an_escaped_path_means_the_same(text: str) -> None:
    """Decoding it gives the text back, and escaping it again changes nothing."""
    path = "/" + text.replace("%", "")
    escaped = escape_path(path)
    assert unquote(escaped) == path
    assert escape_path(escaped) == escaped
    assert escaped.isascii()


def test_bad_escapes_and_control_characters_are_refused() -> None:
    """They cannot become a request line."""
    for text in ("/%zz", "/%", "/%4"):
        with pytest.raises(EscapeError):
            escape_path(text)
    with pytest.raises(EscapeError):
        target("/a\r\nX: evil")
    with pytest.raises(EscapeError):
        decode_path(b"/%4")


@given(st.text(max_size=30))
def test_a_target_never_breaks_the_request_line(text: str) -> None:
    """Whatever goes in: printable ASCII without blanks comes out, or an error."""
    try:
        out = target("/" + text)
    except (EscapeError, UnicodeEncodeError):
        return
    assert all("!" <= c <= "~" for c in out)


def test_a_fragment_is_cut_and_a_blank_in_the_query_escaped() -> None:
    """What is left is what a backend should see."""
    assert target("/a?q=1 2#x") == "/a?q=1%202"


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        (b"a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]), (b"a", [("a", "")]), (b"a=x+y%20z", [("a", "x y z")]),
        (b"a=1;b=2&c=3", [("c", "3")]), (b"a=%zz&b=1", [("b", "1")]), (b"&&a=1&", [("a", "1")]),
    ],
)  # fmt: skip
def test_queries_are_read_as_go_reads_them(query: bytes, pairs: list[tuple[str, str]]) -> None:
    """Pairs with a semicolon or a bad escape are dropped."""
    assert parse_query(query) == pairs


@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_an_encoded_query_is_read_back_sorted_by_key(pairs: list[tuple[str, str]]) -> None:
    """Values of one key keep their order."""
    kept = [p for p in pairs if p != ("", "")]
    assert parse_query(encode_query(kept).encode()) == sorted(kept, key=lambda p: p[0])


def test_captured_values_are_decoded_once_more() -> None:
    """With Go's words for what cannot be decoded."""
    assert decode_once_more("a%20b") == "a b"
    with pytest.raises(EscapeError, match='invalid URL escape "%"'):
        decode_once_more("100%")
