"""Which requests are copied."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shadow.making import ask, request, shadow
from understudy.config.model import Match
from understudy.shadow.accounting import FULL
from understudy.shadow.policy import Policy, Share, condition_of, key_of, position, query_of, units


def chosen(policy: Policy, requests: int) -> int:
    return sum(policy.decide(ask(), request(), 0) is None for _ in range(requests))


@pytest.mark.parametrize(("percent", "copies"), [(10, 1), (50, 5), (100, 10), (0, 0)])
def test_of_ten_requests_exactly_the_share_is_copied(percent: float, copies: int) -> None:
    assert chosen(Policy(shadow(percent=percent)), 10) == copies


def test_the_traps_zero_unset_and_half_a_percent() -> None:
    assert chosen(Policy(shadow(percent=0)), 20_000) == 0
    assert chosen(Policy(shadow()), 20_000) == 20_000
    assert chosen(Policy(shadow(percent=0.5)), 20_000) == 100
    assert chosen(Policy(shadow(percent=0.0001)), 1_000_000) == 1


@given(st.integers(0, FULL), st.integers(0, 300), st.integers(1, 300))
def test_any_run_of_requests_has_its_share_rounded_down_or_up(share: int, before: int, length: int) -> None:
    counter = Share()
    for _ in range(before):
        counter.take(share)
    taken = sum(counter.take(share) for _ in range(length))
    assert taken in (share * length // FULL, -(-share * length // FULL))


@given(st.lists(st.tuples(st.integers(0, FULL), st.integers(0, 50)), max_size=10))
def test_changes_of_the_share_lose_less_than_one_request(parts: list[tuple[int, int]]) -> None:
    counter, taken, due = Share(), 0, 0
    for share, length in parts:
        taken += sum(counter.take(share) for _ in range(length))
        due += share * length
    assert taken == due // FULL


def test_the_same_users_are_chosen_each_time_and_the_shares_are_nested_across_shadows() -> None:
    users = [f"user-{i}" for i in range(1000)]

    def share(percent: float, name: str) -> set[str]:
        policy = Policy(shadow(name, percent=percent, sticky_by="header:X-User"))
        passes = [{u for u in users if policy.decide(ask(), request(x_user=u), 0) is None} for _ in range(3)]
        assert passes[0] == passes[1] == passes[2]
        return passes[0]

    five, ten, other = share(5, "a"), share(10, "a"), share(10, "b")
    assert five < ten and ten == other and 72 <= len(ten) <= 128
    assert share(100, "a") == set(users) and share(0, "a") == set()


def test_positions_are_the_same_for_ever_and_everywhere() -> None:
    """A change here would choose other users in the middle of a rehearsal."""
    assert [position(key) for key in ("user-1", b"user-1", "", "ü")] == [position(b"user-1"), position("user-1"),
                                                                           position(b""), position("ü".encode())]
    assert position("user-1") == 265_999
    counts = [0] * 10
    for i in range(10_000):
        counts[position(str(i)) * 10 // FULL] += 1
    assert all(850 < n < 1150 for n in counts)


@pytest.mark.parametrize(("source", "given", "key"), [
    ("header:x-user", {"x_user": "u"}, b"u"), ("header:X-User", {}, None), ("header:X-User", {"x_user": ""}, None),
    ("cookie:sid", {"cookie": "a=1; sid=s"}, b"s"), ("cookie:sid", {"cookie": "xsid=s; sid="}, None),
    ("query:q", {"target": "/e?a=1&q=b%20c"}, "b c"), ("query:q", {"target": "/e?q="}, None), ("query:q", {}, None),
])
def test_keys_of_requests(source: str, given: dict[str, str], key: Any) -> None:
    assert key_of(source)(ask(), request(**given)) == key


def test_keys_of_parameters_claims_and_addresses() -> None:
    assert key_of("param:id")(ask(params={"Id": "7"}), request()) == "7"
    assert key_of("param:id")(ask(), request()) is None
    claims = ask(notes={"jwt": {"sub": 5, "org": {"name": "o"}}})
    assert [key_of(f"jwt:{c}")(claims, request()) for c in ("sub", "org.name", "org.x", "sub.x")] == ["5", "o", None,
                                                                                                       None]
    assert key_of("jwt:sub")(ask(), request()) is None
    seen = request()
    assert key_of("client_ip")(ask(), seen) is None
    seen.peer = "10.0.0.1"
    assert key_of("client_ip")(ask(), seen) == "10.0.0.1"
    seen.client = "1.2.3.4"
    assert key_of("client_ip")(ask(), seen) == "1.2.3.4"


def test_without_a_key_there_is_no_copy_below_full_share() -> None:
    policy = Policy(shadow(percent=50, sticky_by="header:X-User"))
    assert policy.decide(ask(), request(), 0) == "no_key"
    policy.change(share=FULL)
    assert policy.decide(ask(), request(), 0) is None


@pytest.mark.parametrize(("match", "fits", "fits_not"), [
    (Match(methods=("post", "GET")), request(), request(method="PUT")),
    (Match(headers={"x-a": "^b+$"}), request(x_a="bb"), request(x_a="cb")),
    (Match(query={"q": "7"}), request("/e?q=17"), request("/e?p=17")),
    (Match(methods=("GET",), headers={"X-A": "1"}), request(x_a="1"), request(x_a="1", method="PUT")),
])
def test_conditions(match: Match, fits: Any, fits_not: Any) -> None:
    policy = Policy(shadow(match=match))
    assert not policy.lets_all
    assert (policy.decide(ask(), fits, 0), policy.decide(ask(), fits_not, 0)) == (None, "match")


def test_paths_are_searched_and_nothing_means_everything() -> None:
    condition = condition_of(Match(path="^/e/[0-9]+$"))
    assert condition is not None
    assert [condition(ask(path=path), request()) for path in ("/e/1", "/e/x")] == [True, False]
    assert condition_of(Match()) is None


def test_expressions_are_compiled_by_whoever_can() -> None:
    condition = condition_of(Match(expression="x"), lambda text: lambda ask, request: text == "x")
    assert condition is not None and condition(ask(), request())
    with pytest.raises(ValueError, match="CEL"):
        condition_of(Match(expression="x"))
    with pytest.raises(ValueError, match="no regular expression"):
        condition_of(Match(path="("))


def test_what_is_not_copied_for_other_reasons() -> None:
    assert Policy(shadow(timeout=0)).decide(ask(), request(), 0) == "no_timeout"
    policy = Policy(shadow(max_body=8))
    assert (policy.decide(ask(), request(), 8), policy.decide(ask(), request(), 9)) == (None, "body_too_large")
    policy.change(paused=True)
    assert policy.decide(ask(), request(), 0) == "paused" and not policy.lets_all
    policy.change(paused=False)
    assert policy.decide(ask(), request(), 0) is None and policy.lets_all


def test_the_guard_takes_its_part_of_the_share() -> None:
    policy = Policy(shadow(percent=50))
    policy.change(throttle=FULL // 4)
    reasons = [policy.decide(ask(), request(), 0) for _ in range(80)]
    assert [reasons.count(r) for r in ("percent", "guard", None)] == [40, 30, 10]


def test_units_are_millionths_within_bounds() -> None:
    assert [units(p) for p in (0, 0.0001, 0.5, 100, 101, -1)] == [0, 1, 5000, FULL, FULL, 0]


def test_the_query_is_the_clients_own_and_decoded() -> None:
    assert list(query_of(request("/e?a=%C3%BC&b"))) == [("a", "ü"), ("b", "")]
    assert query_of(request("/e")) == ()


def test_a_random_order_of_many_keys_changes_nothing() -> None:
    policy, keys = Policy(shadow(percent=30, sticky_by="header:X-User")), [str(i) for i in range(300)]
    first = {k: policy.decide(ask(), request(x_user=k), 0) for k in keys}
    random.Random(5).shuffle(keys)
    assert {k: policy.decide(ask(), request(x_user=k), 0) for k in keys} == first
