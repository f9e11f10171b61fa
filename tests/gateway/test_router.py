"""Which endpoint a path belongs to."""

from __future__ import annotations

import gc
import sys

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
    assert segments("/a/{id}") == [("a", None), ("", "id")]
    assert segments("/o/{id}.json") == [("o", None), ("", "id.json")]
    assert segments("/{a:b}/v{n}", relaxed=True) == [("", "a:b"), ("v", "n")]
    assert segments("/v{n}") == [("v{n}", None)]


PIECE = st.sampled_from(["a", "v{n}", "va{n}", "{n}", "v1", "vab"])
ASKED = st.sampled_from(["a", "v1", "v", "vab", "vab2", "b", "va"])


def relaxed_of(paths: list[str]) -> Router[str]:
    """A router for which parameters may follow text."""
    router: Router[str] = Router(relaxed_params=True, redirect_slash=False, redirect_fixed=False)
    for path in paths:
        router.add("GET", path, path)
    return router


@given(st.lists(st.lists(PIECE, min_size=1, max_size=3).map(lambda s: "/" + "/".join(s)), unique=True, max_size=10),
       st.lists(ASKED, min_size=1, max_size=3))  # fmt: skip
def test_parameters_after_text_are_found_as_by_a_naive_search(paths: list[str], parts: list[str]) -> None:
    """Static segments win, then the longest text before a parameter, from the left, with backtracking."""

    def rank(pattern: str) -> list[int] | None:
        wanted = pattern.split("/")[1:]
        if len(wanted) != len(parts):
            return None
        out = []
        for want, part in zip(wanted, parts, strict=True):
            text, brace, _ = want.partition("{")
            if brace and not (part.startswith(text) and len(part) > len(text)):
                return None
            if not brace and want != part:
                return None
            out.append(-len(text) if brace else -100)
        return out

    ranked = [(found, pattern) for pattern in paths if (found := rank(pattern)) is not None]
    found = relaxed_of(paths).find("GET", "/" + "/".join(parts))
    assert (found.route if isinstance(found, Found) else None) == (min(ranked)[1] if ranked else None)


def test_a_parameter_after_text_captures_the_rest_of_the_segment() -> None:
    """And another letter case of the text is redirected."""
    found = relaxed_of(["/v{version}/users/{id}"]).find("GET", "/v2/users/7")
    assert isinstance(found, Found) and found.params == {"Version": "2", "Id": "7"}
    router: Router[str] = Router(relaxed_params=True)
    router.add("GET", "/v{version}/users", "users")
    near = router.find("GET", "/V2/Users")
    assert isinstance(near, Redirect) and near.path == "/v2/users"
    assert not isinstance(router.find("GET", "/v/users"), Found)
    with pytest.raises(RouteConflict):
        router.add("GET", "/v{number}/orders", "orders")


def steps(count: int, path: str) -> int:
    """How many functions one look-up calls, among so many routes in ten areas."""
    router = router_of(*(f"/area{n % 10}/list{n}" for n in range(count)),
                       *(f"/area{n % 10}/things{n}/{{id}}/parts/{{part}}" for n in range(count)))  # fmt: skip
    calls = 0

    def counted(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    gc.disable()  # what it calls is not the look-up's
    sys.setprofile(counted)
    try:
        router.find("GET", path)
    finally:
        sys.setprofile(None)
        gc.enable()
    return calls


@pytest.mark.parametrize("path", ["/area3/list3", "/area4/things4/17/parts/99", "/nowhere", "/area3/nothing",
                                  "/AREA9/LIST9", "/area3//list3", "/area3/list3/"])  # fmt: skip
def test_a_look_up_takes_as_many_steps_among_a_thousand_routes_as_among_ten(path: str) -> None:
    """For hits, and for misses of every kind: an attacker who asks for what is not there pays as much as others."""
    assert steps(1000, path) == steps(10, path) > 0
