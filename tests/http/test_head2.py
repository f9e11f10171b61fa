"""What an HTTP/2 header list must be, by examples and against the rules of HTTP/1.1's head."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import BadRequest, HeadTooLarge, RequestError
from understudy.http.head2 import Head2, examine2
from understudy.http.values import Pair, canonical, render

PSEUDO = [(b":method", b"GET"), (b":scheme", b"https"), (b":path", b"/a?b=c"), (b":authority", b"h:1")]


def examined(*more: Pair, pseudo: list[Pair] = PSEUDO) -> Head2:
    """With wide limits."""
    return examine2([*pseudo, *more], most=100, target_bytes=1000)


def test_a_good_list_becomes_a_head_of_http_1() -> None:
    """Canonical names, one Host, cookies joined at the end."""
    head = examined((b"cookie", b"a=1"), (b"x-y", b"z"), (b"cookie", b"b=2"), (b"content-length", b"3"))
    assert (head.method, head.target, head.host, head.length) == (b"GET", b"/a?b=c", b"h:1", 3)
    assert head.headers == [
        (b"X-Y", b"z"), (b"Content-Length", b"3"), (b"Cookie", b"a=1; b=2"), (b"Host", b"h:1"),
    ]  # fmt: skip


def test_host_may_stand_for_the_authority() -> None:
    """And beside it when both are the same."""
    assert examined((b"host", b"x"), pseudo=PSEUDO[:3]).host == b"x"
    assert examined((b"host", b"h:1")).headers == [(b"Host", b"h:1")]
    with pytest.raises(BadRequest, match="more than one host"):
        examined((b"host", b"other"))
    with pytest.raises(BadRequest, match="host"):
        examined(pseudo=PSEUDO[:3])


def test_te_may_say_trailers_and_nothing_else() -> None:
    """RFC 9113, 8.2.2."""
    assert examined((b"te", b"Trailers")).headers[0] == (b"Te", b"Trailers")
    with pytest.raises(BadRequest):
        examined((b"te", b"trailers, gzip"))


def test_star_is_for_options() -> None:
    """As in HTTP/1.1."""
    star = [(b":path", b"*") if n == b":path" else (n, v) for n, v in PSEUDO]
    assert examined(pseudo=[(b":method", b"OPTIONS"), *star[1:]]).target == b"*"
    with pytest.raises(BadRequest):
        examined(pseudo=star)


def test_the_limit_of_fields_counts_cookies() -> None:
    """One over it is too many."""
    fields = [(b"cookie", b"a=1")] * 3 + [(b"x", b"y")] * 2
    examine2([*PSEUDO, *fields], most=5, target_bytes=1000)
    with pytest.raises(HeadTooLarge):
        examine2([*PSEUDO, *fields], most=4, target_bytes=1000)


def test_the_limit_of_targets_is_in_bytes() -> None:
    """The limit itself is allowed."""
    examine2(PSEUDO, most=5, target_bytes=6)
    with pytest.raises(RequestError):
        examine2(PSEUDO, most=5, target_bytes=5)


TEXT = st.binary(max_size=12)


@given(st.lists(st.tuples(TEXT | st.sampled_from([b"host", b"cookie", b"te", b"content-length"]), TEXT), max_size=5),
       st.lists(st.tuples(st.sampled_from([b":method", b":path", b":authority", b":scheme", b":x"]), TEXT), max_size=5))
def test_nothing_that_is_accepted_can_break_a_head_of_http_1(fields: list[Pair], pseudo: list[Pair]) -> None:
    """Any list is refused, or makes a head whose every line is one line with one meaning."""
    try:
        head = examine2([*pseudo, *fields], most=100, target_bytes=1000)
    except RequestError:
        return
    wire = head.method + b" " + head.target + b" HTTP/1.1\r\n" + render(head.headers)
    assert wire.count(b"\r\n") == wire.count(b"\n") == wire.count(b"\r") == 1 + len(head.headers)
    assert b"\x00" not in wire and head.method.count(b" ") == 0 and head.target.count(b" ") == 0
    names = [n for n, _ in head.headers]
    assert names.count(b"Host") == 1 and names.count(b"Content-Length") <= 1
    assert all(n == canonical(n) and n and b":" not in n for n in names)
    assert {b"Connection", b"Transfer-Encoding", b"Upgrade", b"Keep-Alive"}.isdisjoint(names)
