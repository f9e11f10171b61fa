"""Which endpoint a path belongs to."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.gateway.router import Found, NotAllowed, Redirect, RouteConflict, Router, clean, segments

WORD = st.sampled_from(["a", "b", "users", "me", "Mixed"])
SEGMENT = st.one_of(WORD, st.just("{p}"))


def router_of(*paths: str, method: str = "GET") -> Router[str]:
    """A router whose routes are their own paths."""
    router: Router[str] = Router()
    for path in paths:
        router.add(method, path, path)
    return router


def naive(paths: list[str], path: str) -> str | None:
    """Static segments win, from the left: the oracle."""
    parts = path.split("/")[1:]
    best: tuple[list[int], str] | None = None
    for pattern in paths:
        wanted = pattern.split("/")[1:]
        if len(wanted) != len(parts):
            continue
        if all(w == p or (w == "{p}" and p) for w, p in zip(wanted, parts, strict=True)):
            rank = [0 if w != "{p}" else 1 for w in wanted]
            if best is None or rank < best[0]:
                best = (rank, pattern)
    return best[1] if best else None


@given(
    st.lists(st.lists(SEGMENT, min_size=1, max_size=4).map(lambda s: "/" + "/".join(s)), unique=True, max_size=12),
    st.lists(WORD, min_size=1, max_size=4).map(lambda s: "/" + "/".join(s)),
)
def test_it_finds_what_a_naive_search_finds(paths: list[str], path: str) -> None:
    """For any set of routes and any path."""
    found = router_of(*paths).find("GET", path)
    assert (found.route if isinstance(found, Found) else None) == naive(paths, path)


def test_parameters_are_captured_by_their_stored_names() -> None:
    """In order."""
    found = router_of("/users/{id}/orders/{order}").find("GET", "/users/7/orders/99")
    assert isinstance(found, Found)
    assert found.params == {"Id": "7", "Order": "99"}


def test_a_parameter_is_one_non_empty_segment() -> None:
    """Neither none nor two."""
    router = router_of("/p/{id}")
    assert not isinstance(router.find("GET", "/p/"), Found)
    assert not isinstance(router.find("GET", "/p/a/b"), Found)


@pytest.mark.parametrize(
    ("path", "other"),
    [("/foo/", "/foo"), ("/bar", "/bar/"), ("//foo", "/foo"), ("/x/../foo", "/foo"), ("/FOO", "/foo"),
     ("/mixed/case", "/Mixed/Case"), ("/p/1/", "/p/1"), ("/p//1", "/p/1"), ("/./foo", "/foo")],
)  # fmt: skip
def test_near_misses_are_redirected(path: str, other: str) -> None:
    """By a slash, by case, by dots."""
    found = router_of("/foo", "/bar/", "/Mixed/Case", "/p/{id}").find("GET", path)
    assert isinstance(found, Redirect)
    assert found.path == other


def test_another_method_is_not_allowed_and_the_methods_are_told() -> None:
    """In order of declaration."""
    router: Router[str] = Router()
    for method in ("POST", "GET"):
        router.add(method, "/x", method)
    found = router.find("PUT", "/x")
    assert isinstance(found, NotAllowed)
    assert found.methods == ("POST", "GET")
    assert router.find("PUT", "/y") is None


def test_redirects_can_be_switched_off() -> None:
    """Then a near miss is a miss."""
    router: Router[str] = Router(redirect_slash=False, redirect_fixed=False)
    router.add("GET", "/foo", "x")
    assert router.find("GET", "/foo/") is None
    assert router.find("GET", "/FOO") is None


def test_conflicts_are_found_while_building() -> None:
    """The same path twice, and two names for one place."""
    router = router_of("/a/{x}/b")
    with pytest.raises(RouteConflict, match="twice"):
        router.add("GET", "/a/{x}/b", "again")
    with pytest.raises(RouteConflict, match="use one name"):
        router.add("GET", "/a/{y}/c", "other name")
    router.add("POST", "/a/{y}/b", "another method has its own tree")


def test_prefix_routes_take_everything_below() -> None:
    """And redirect to themselves without the slash."""
    router = router_of("/a")
    router.add_below("GET", "/__debug/", "debug")
    found = router.find("GET", "/__debug/any/thing")
    assert isinstance(found, Found)
    assert found.route == "debug"
    assert isinstance(router.find("GET", "/__debug"), Redirect)


def test_a_thousand_endpoints_route_like_ten() -> None:
    """The work per path is the same: as many look-ups as it has segments."""
    big = router_of(*(f"/svc{i}/{{id}}/part" for i in range(1000)))
    assert isinstance(big.find("GET", "/svc999/7/part"), Found)
    assert big.find("GET", "/svc1000/7/part") is None


@given(st.lists(st.sampled_from(["", ".", "..", "a", "b"]), max_size=8))
def test_cleaning_is_stable_and_never_leaves_the_root(parts: list[str]) -> None:
    """No dots, no double slashes."""
    cleaned = clean("/" + "/".join(parts))
    assert cleaned.startswith("/")
    assert clean(cleaned) == cleaned
    assert "//" not in cleaned
    assert not {".", ".."} & set(cleaned.split("/"))


def test_segments_know_parameters() -> None:
    """A suffix becomes part of the name, as in KrakenD."""
    assert segments("/a/{id}") == [("a", False), ("id", True)]
    assert segments("/o/{id}.json") == [("o", False), ("id.json", True)]
    assert list(itertools.chain(*segments("/{a:b}", relaxed=True))) == ["a:b", True]
