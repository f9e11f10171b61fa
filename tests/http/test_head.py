"""What a request's head must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import BadRequest
from understudy.http.head import examine

HOST = (b"Host", b"a")


def test_a_plain_head_is_accepted() -> None:
    """And its facts are told."""
    head = examine(b"POST", b"/x", "1.1", [HOST, (b"Content-Length", b"5"), (b"Expect", b"100-Continue")])
    assert (head.host, head.target, head.length, head.chunked, head.expects_continue) == (b"a", b"/x", 5, False, True)


def test_the_absolute_form_goes_before_the_host_field() -> None:
    """RFC 9112, 3.2.2."""
    head = examine(b"GET", b"http://b.example/p?q", "1.1", [HOST])
    assert (head.host, head.target) == (b"b.example", b"/p?q")
    assert examine(b"GET", b"http://b?q", "1.1", [HOST]).target == b"/?q"


def test_a_host_is_optional_before_1_1() -> None:
    """HTTP/1.0 had none."""
    assert examine(b"GET", b"/", "1.0", []).host == b""


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("1.1", []),
        ("1.1", [HOST, HOST]),
        ("1.1", [(b"Host", b"a b")]),
        ("0.9", [HOST]),
        ("2.0", [HOST]),
        ("1.1", [HOST, (b"Content-Length", b"1"), (b"Content-Length", b"1")]),
        ("1.1", [HOST, (b"Content-Length", b"+1")]),
        ("1.1", [HOST, (b"Content-Length", b"9" * 19)]),
        ("1.1", [HOST, (b"Content-Length", "²".encode("latin-1"))]),
        ("1.1", [HOST, (b"Transfer-Encoding", b"gzip, chunked")]),
        ("1.1", [HOST, (b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"0")]),
        ("1.0", [HOST, (b"Transfer-Encoding", b"chunked")]),
        ("1.1", [HOST, (b"Expect", b"miracle")]),
    ],
)
def test_bad_heads_are_refused(version: str, fields: list[tuple[bytes, bytes]]) -> None:
    """Each with a sentence."""
    with pytest.raises(BadRequest, match=r"\w+ \w+"):
        examine(b"GET", b"/", version, fields)


@given(st.binary(max_size=30))
def test_any_target_is_taken_or_refused(target: bytes) -> None:
    """What is taken begins with a slash, or is the star of OPTIONS."""
    try:
        head = examine(b"OPTIONS", target, "1.1", [HOST])
    except BadRequest:
        return
    assert head.target.startswith(b"/") or head.target == b"*"
