"""The values of the request path."""

from __future__ import annotations

from understudy.gateway.types import Ask


def test_a_copy_of_an_ask_is_independent() -> None:
    """Params, query and notes are its own; headers and body, which are never changed in place, are shared."""
    ask = Ask("GET", "/a", {"Id": "1"}, [("q", "1")], [(b"X", b"y")], b"body", 5.0, notes={"k": 1})
    copy = ask.copy()
    copy.params["Id"] = "2"
    copy.query.append(("r", "2"))
    assert copy.notes is not None
    copy.notes["k"] = 2
    copy.body = b"other"
    assert (ask.params, ask.query, ask.notes, ask.body) == ({"Id": "1"}, [("q", "1")], {"k": 1}, b"body")
    assert copy.headers is ask.headers
    assert Ask("GET", "/", {}, [], [], b"", 1.0).copy().notes is None
