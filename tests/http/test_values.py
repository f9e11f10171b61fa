"""Header names and blocks as values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understudy.http.values import HeaderBlock, Request, canonical, render

NAMES = st.from_regex(rb"[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*", fullmatch=True)


@given(NAMES)
def test_canonical_names_do_not_depend_on_case(name: bytes) -> None:
    """The same header in any case is one name, and that name is stable."""
    assert canonical(name.upper()) == canonical(name.lower()) == canonical(canonical(name))


def test_canonical_names_are_those_of_go() -> None:
    """Each part begins with a capital."""
    assert canonical(b"x-UPPER-case") == b"X-Upper-Case"
    assert canonical(b"x_under") == b"X_under"


def test_a_block_renders_its_fields_in_order_and_once() -> None:
    """The wire form is made when asked for, and kept."""
    block = HeaderBlock([(b"A", b"1"), (b"A", b"2")])
    assert block.wire == b"A: 1\r\nA: 2\r\n" == render(block.pairs)
    assert block.wire is block.wire


def test_a_request_finds_the_first_of_repeated_fields() -> None:
    """Order of arrival decides."""
    request = Request(b"GET", b"/", [(b"A", b"1"), (b"A", b"2")], b"")
    assert request.header(b"A") == b"1"
    assert request.header(b"B") is None
