"""Only what is listed goes on, and never what speaks of one connection."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understudy.gateway.forward import AGENT, HOP_BY_HOP, headers_of, query_of
from understudy.http.values import Pair, Request, canonical

NAMES = st.sampled_from(
    ["X-One", "X-Two", "Accept", "Cookie", "Content-Type", "User-Agent", "Te", "Connection", "Keep-Alive", "Host",
     "Transfer-Encoding", "Upgrade", "Proxy-Connection", "Content-Length", "X-Forwarded-For", "X-Forwarded-Host"]
)  # fmt: skip
PAIRS = st.lists(st.tuples(NAMES.map(str.encode), st.sampled_from([b"", b"v", b"w"])), max_size=12)


def request(*pairs: Pair) -> Request:
    """A request with these fields."""
    return Request(b"GET", b"/", list(pairs), b"", host=b"api", client="10.0.0.1")


@given(PAIRS, st.lists(st.one_of(NAMES, st.just("*")), max_size=4))
def test_nothing_unlisted_and_nothing_hop_by_hop_is_forwarded(pairs: list[Pair], listed: list[str]) -> None:
    """For any request and any list."""
    out = headers_of(tuple(listed))(request(*pairs))
    names = [n for n, _ in out]
    assert not HOP_BY_HOP & set(names)
    allowed = {canonical(n.encode()) for n in listed} if listed else {b"Content-Type"}
    ours = {b"X-Forwarded-For", b"X-Forwarded-Host", b"User-Agent", b"X-Forwarded-Via"}
    if "*" not in listed:
        assert set(names) <= allowed | ours
    assert names.count(b"X-Forwarded-For") == names.count(b"X-Forwarded-Host") == 1
    assert (b"X-Forwarded-For", b"10.0.0.1") in out


@given(PAIRS)
def test_star_forwards_every_other_field_with_its_repeats(pairs: list[Pair]) -> None:
    """In order per name."""
    if any(n == b"Connection" and v not in (b"",) for n, v in pairs):
        return
    out = headers_of(("*",))(request(*pairs))
    for name in {n for n, _ in pairs} - HOP_BY_HOP - {b"X-Forwarded-For", b"X-Forwarded-Host", b"User-Agent"}:
        assert [v for n, v in out if n == name] == [v for n, v in pairs if n == name]


def test_what_connection_names_is_dropped() -> None:
    """Also when it is listed."""
    pairs = [(b"Connection", b"keep-alive, x-one"), (b"X-One", b"1"), (b"X-Two", b"2")]
    for listed in (("*",), ("X-One", "X-Two")):
        names = [n for n, _ in headers_of(listed)(request(*pairs))]
        assert b"X-One" not in names
        assert b"X-Two" in names


def test_the_user_agent_is_ours_unless_theirs_is_listed() -> None:
    """Then it is theirs, with a note of who forwards; an empty one removes it."""
    theirs = (b"User-Agent", b"curl/8")
    assert (b"User-Agent", AGENT) in headers_of(("X-One",))(request(theirs))
    out = headers_of(("User-Agent",))(request(theirs, (b"X-Forwarded-Via", b"me")))
    assert theirs in out
    assert [v for n, v in out if n == b"X-Forwarded-Via"] == [AGENT]
    assert b"User-Agent" not in [n for n, _ in headers_of(("User-Agent",))(request((b"User-Agent", b"")))]
    assert (b"User-Agent", AGENT) in headers_of(("User-Agent",))(request())


def test_query_strings_are_listed_too() -> None:
    """Case matters; a star is all; nothing listed is nothing."""
    assert query_of(()) is None
    pick = query_of(("a",))
    assert pick is not None
    assert pick(b"a=1&A=2&b=3&a=4") == [("a", "1"), ("a", "4")]
    everything = query_of(("x", "*"))
    assert everything is not None
    assert everything(b"a=1&b=2") == [("a", "1"), ("b", "2")]
