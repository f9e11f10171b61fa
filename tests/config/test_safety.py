from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, errors, only_error, only_warning, problems, shadow

SAME = "http://127.0.0.1:8081"


def test_an_endpoint_of_shadows_only_is_refused() -> None:
    assert "nobody would answer" in only_error(config(endpoint(shadow()))).message


def test_a_shadow_on_the_primarys_own_place_is_refused_when_it_is_ours_and_a_warning_when_krakends() -> None:
    assert "would reach it twice" in only_warning(config(endpoint(backend(), shadow(host=[SAME])))).message
    assert "would reach it twice" in only_error(config(endpoint(backend(), shadow({}, host=[SAME])))).message


@pytest.mark.parametrize("other", [{"url_pattern": "/v2"}, {"method": "PATCH"}])
def test_another_path_or_method_on_the_same_host_is_another_place(other: dict[str, str]) -> None:
    assert not errors(config(endpoint(backend(), shadow({}, host=[SAME], **other))))


def test_a_control_belongs_on_the_primarys_own_place() -> None:
    data = config(endpoint(backend(), shadow({}), shadow({"role": "control"}, host=[SAME])))
    assert problems(data) == ()


def test_a_control_without_a_candidate_is_a_warning() -> None:
    data = config(endpoint(backend(), shadow({"role": "control"}, host=[SAME])))
    assert "without a candidate" in only_warning(data).message


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_copies_of_unsafe_methods_are_a_warning(method: str) -> None:
    assert f"copies of {method} requests have effects" in only_warning(
        config(endpoint(backend(), shadow(), method=method))).message


def test_a_shadow_that_is_asked_with_get_is_safe() -> None:
    assert problems(config(endpoint(backend(), shadow(method="GET"), method="POST"))) == ()


CREDENTIALS = "credentials of users leave for another host"


@pytest.mark.parametrize(("headers", "block", "more", "warned"), [
    (["Authorization"], None, {}, True), (["*"], None, {}, True), (["X-A"], None, {}, False), ([], None, {}, False),
    (["cookie"], {}, {}, True), (["Cookie"], {"credentials": []}, {}, False),
    (["Cookie"], {"credentials": ["cookie"]}, {}, False), (["Cookie"], {"headers": {"remove": ["Cookie"]}}, {}, False),
    (["*"], None, {"host": [SAME], "url_pattern": "/v2"}, False), (["Cookie"], None, {"input_headers": ["X-A"]}, False),
])
def test_credentials_that_leave_for_another_host_are_a_warning_unless_said(headers: list[str], block: Any,
                                                                          more: dict[str, Any], warned: bool) -> None:
    found = problems(config(endpoint(backend(), shadow(block, **more), input_headers=headers)))
    assert [p.code == "shadow_credentials" for p in found if p.code != "shadow_same_address"] == [True] * warned
    assert all(CREDENTIALS in p.message for p in found if p.code == "shadow_credentials")


@pytest.mark.parametrize(("timeout", "words"), [("0s", "no copies are ever sent"), ("-1s", "no copies"),
                                                ("5s", "outlives the endpoint's")])
def test_odd_timeouts_are_warnings(timeout: str, words: str) -> None:
    assert words in only_warning(config(endpoint(backend(), shadow(proxy={"shadow_timeout": timeout})))).message


def test_a_timeout_that_is_cut_by_krakends_caps_says_so() -> None:
    data = config(endpoint(backend(), shadow(proxy={"shadow_timeout": "2s"}), shadow(url_pattern="/q")))
    assert "is cut to 1.7s" in only_warning(data).message


def test_percent_0_and_amplify_at_100_are_warnings() -> None:
    assert '"percent" is 0' in only_warning(config(endpoint(backend(), shadow({"percent": 0})))).message
    assert "sends 3 copies of every request" in only_warning(
        config(endpoint(backend(), shadow({"amplify": 3})))).message
    assert not problems(config(endpoint(backend(), shadow({"amplify": 3, "percent": 5}))))


@pytest.mark.parametrize(("sticky", "more", "severity"), [
    ("param:id", {}, "error"), ("param:id", {"endpoint": "/x/{id}"}, ""), ("jwt:sub", {}, "error"),
    ("query:q", {}, "warning"), ("query:q", {"input_query_strings": ["q"]}, ""), ("client_ip", {}, ""),
    ("header:x-user", {}, "warning"), ("header:x-user", {"input_headers": ["X-User"]}, ""),
    ("cookie:sid", {"input_headers": ["X"]}, "warning"),
])
def test_a_sticky_key_that_is_never_there_is_named(sticky: str, more: dict[str, Any], severity: str) -> None:
    found = problems(config(endpoint(backend(), shadow({"sticky_by": sticky}), **more)))
    assert [p.severity for p in found] == ([severity] if severity else [])


def test_the_mark_cannot_be_changed_by_headers() -> None:
    data = config(endpoint(backend(), shadow({"mark": "x-m", "headers": {"set": {"X-M": "1"}}})))
    assert "marks the copy" in only_error(data).message


def test_a_match_that_excludes_the_endpoints_method_is_a_warning() -> None:
    data = config(endpoint(backend(), shadow({"match": {"methods": ["PUT"]}})))
    assert "no request is ever copied" in only_warning(data).message


def test_a_removed_token_that_the_pattern_needs_is_an_error() -> None:
    data = config(endpoint(backend(), shadow({"headers": {"remove": ["Authorization"]}}, url_pattern="/{JWT.sub}")))
    assert "which comes from it" in only_error(data).message


def test_nobody_in_particular_is_a_warning() -> None:
    assert "not compared" in only_warning(config(endpoint(backend(), backend(), shadow(url_pattern="/q")))).message


@pytest.mark.parametrize("other", [{"url_pattern": "/v2"}, {"method": "HEAD"}, {"host": ["http://127.0.0.1:8082", SAME],
                                                                             "url_pattern": "/v2"}])
def test_a_shadow_on_the_primarys_own_address_is_a_warning(other: dict[str, Any]) -> None:
    found = only_warning(config(endpoint(backend(), shadow({}, **{"host": [SAME], **other}))))
    assert "on the primary's own address (http://127.0.0.1:8081)" in found.message


def test_an_order_without_anybody_to_come_after_is_a_warning() -> None:
    data = config(endpoint(backend(), backend(), shadow({"start": "after", "compare": False}, url_pattern="/q")))
    assert '"start": "after" has no effect' in only_warning(data).message
    assert not problems(config(endpoint(backend(), shadow({"start": "after"}))))


def test_everything_impossible_is_told_at_once_with_its_place() -> None:
    """Whoever has ten mistakes needs one look, not ten."""
    data = config(
        endpoint(backend(), shadow({"percent": 101}), shadow(proxy={"shadow": "true"})),
        endpoint(backend(), shadow({"of": 7}), shadow({"of": "nobody"}), endpoint="/y"),
        endpoint(shadow(), endpoint="/z"),
        endpoint(backend(), shadow({}, host=[SAME]), endpoint="/v"),
        endpoint(backend(), shadow({"headers": {"remove": ["Authorization"]}}, url_pattern="/{JWT.sub}"),
                 endpoint="/w"),
    )
    found = {p.place: p.message for p in errors(data)}
    ours = "extra_config.understudy/shadow"
    for place, words in {
        f"endpoints[0].backend[1].{ours}.percent": "from 0 to 100",
        "endpoints[0].backend[2].extra_config.proxy.shadow": "must be true or false",
        f"endpoints[1].backend[1].{ours}.of": '"of" is 7',
        f"endpoints[1].backend[2].{ours}.of": '"of" is "nobody"',
        "endpoints[2].backend": "nobody would answer",
        "endpoints[3].backend[1]": "would reach it twice",
        f"endpoints[4].backend[1].{ours}.headers.remove": "which comes from it",
    }.items():
        near = [p for p in found if p.replace('["', ".").replace('"]', "") == place]
        assert near, (place, list(found))
        assert words in found[near[0]]


def test_everything_dangerous_is_told_at_once() -> None:
    data = config(endpoint(
        backend(), shadow({"amplify": 2, "timeout": "5s"}), shadow({"role": "control", "of": 0}, host=[SAME]),
        shadow({"of": 0}, host=[SAME], url_pattern="/v2"), method="POST", input_headers=["Cookie"]))
    assert {p.code for p in problems(data)} >= {"shadow_unsafe_method", "shadow_credentials", "shadow_amplify",
                                                "shadow_same_address"}
    alone = config(endpoint(backend(), shadow({"role": "control", "timeout": "5s"}, host=[SAME])))
    assert {p.code for p in problems(alone)} == {"shadow_role", "shadow_timeout"}
