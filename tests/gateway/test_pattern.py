"""url_pattern, filled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.gateway.escape import EscapeError, target
from understudy.gateway.pattern import compiled, internal_form, stored_name

SAFE = st.from_regex(r"[A-Za-z0-9_.~-]{0,8}", fullmatch=True)


def test_placeholders_are_filled_wherever_they_stand() -> None:
    """Several, repeated, in the query, inside a segment."""
    assert compiled("/{b}/x/{a}?q={a}")({"A": "one", "B": "two"}) == "/two/x/one?q=one"
    assert compiled("/pre-{name}-post")({"Name": "joe"}) == "/pre-joe-post"
    assert compiled("/fixed?z=2")({}) == "/fixed?z=2"


def test_a_missing_value_leaves_the_placeholder_as_krakend_does() -> None:
    """Escaped, in the internal form."""
    assert compiled("/x/{resp0_id}")({}) == "/x/%7B%7B.Resp0_id%7D%7D"


def test_names_are_stored_with_a_capital() -> None:
    """Only the first letter changes."""
    assert (stored_name("id"), stored_name("userID"), stored_name("1")) == ("Id", "UserID", "1")
    assert internal_form("/u/{id}") == "/u/{{.Id}}"


@given(SAFE, SAFE, st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8))
def test_the_fast_way_and_the_careful_way_agree(before: str, value: str, odd: str) -> None:
    """Filling is the same as putting the text together and escaping it."""
    pattern = compiled(f"/{before}/{{id}}/end")
    for text in (value, odd):
        try:
            expected = target(f"/{before}/{text}/end")
        except EscapeError:
            continue
        assert pattern({"Id": text}) == expected


@pytest.mark.parametrize(("pattern", "wire"), [
    ('/p?filter={"a":1}', '/p?filter={"a":1}'), ('/p?q={"a":{"b":{id}}}', '/p?q={"a":{"b":7}}'), ("/p/{x", "/p/%7Bx"),
    ("/p/{}", "/p/%7B%7D"), ("/p/{id}/{other}", "/p/7/%7B%7B.Other%7D%7D"),
])  # fmt: skip
def test_only_names_in_braces_are_placeholders(pattern: str, wire: str) -> None:
    """JSON in a query stays what it is."""
    assert compiled(pattern)({"Id": "7"}) == wire
