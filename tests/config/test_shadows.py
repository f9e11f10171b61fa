from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.reading import backend, config, endpoint, errors, only_error, only_warning, read, shadow
from understudy.config.model import Shadow
from understudy.config.shadows import Draft, group_timeout


def cast(*backends: Any, **more: Any) -> list[Shadow]:
    made = read(config(endpoint(*backends, **more)))
    return [b.shadow for b in made.endpoints[0].shadows if b.shadow is not None]


def test_only_true_makes_a_shadow() -> None:
    made = read(config(endpoint(backend(), backend(extra_config={"proxy": {"shadow": False}}),
                                backend(extra_config={"proxy": {"shadow": None}})))).endpoints[0]
    assert not made.shadows


@pytest.mark.parametrize("value", ["true", "yes", 1, 0, [], {}])
def test_anything_else_is_refused_because_its_answers_would_reach_users(value: object) -> None:
    problem = only_error(config(endpoint(backend(), shadow(proxy={"shadow": value}))))
    assert problem.path[-1] == "shadow" and "users" in problem.message


@pytest.mark.parametrize("value", ["soon", 5, True, "3"])
def test_a_shadow_timeout_that_is_no_duration_is_refused(value: object) -> None:
    assert only_error(config(endpoint(backend(), shadow(proxy={"shadow_timeout": value})))).path[-1] == "shadow_timeout"


def test_a_block_of_ours_on_a_regular_backend_is_an_error() -> None:
    data = config(endpoint(backend(extra_config={"understudy/shadow": {}}), backend()))
    assert 'Add "proxy": {"shadow": true}' in only_error(data).message


@pytest.mark.parametrize(("own", "endpoint_timeout", "calls", "group"), [
    ([None], 1.0, 1, 1.0), ([0.15], 1.0, 1, 0.15), ([2.0], 1.0, 1, 2.0), ([0.1, 0.9], 1.0, 1, 0.85),
    ([2.0, 2.0], 0.2, 1, 0.17), ([2.0], 1.0, 3, 0.75), ([0.0], 1.0, 1, 0.0), ([0.0, None], 1.0, 1, 0.85),
    ([-1.0], 1.0, 1, -1.0), ([0.1, 0.2], 1.0, 1, 0.2),
])
def test_shadows_share_the_longest_timeout_within_krakends_caps(own: list[float | None], endpoint_timeout: float,
                                                                calls: int, group: float) -> None:
    drafts = [Draft(own_timeout=seconds) for seconds in own]
    assert group_timeout(drafts, endpoint_timeout, calls) == pytest.approx(group)


@given(st.lists(st.none() | st.floats(0.001, 10), min_size=1, max_size=4), st.floats(0.001, 10), st.integers(1, 3))
def test_the_group_timeout_is_never_above_the_longest(own: list[float | None], timeout: float, calls: int) -> None:
    longest = max(timeout if seconds is None else seconds for seconds in own)
    assert 0 < group_timeout([Draft(own_timeout=seconds) for seconds in own], timeout, calls) <= longest


@pytest.mark.parametrize(("backends", "of"), [
    ([backend(), shadow()], 0),
    ([shadow(), backend()], 1),
    ([backend(group="a"), backend(group="b"), shadow(group="b")], 1),
    ([backend(url_pattern="/a"), backend(url_pattern="/b"), shadow(url_pattern="/b")], 1),
    ([backend(), backend(), shadow()], None),
    ([backend(group="a"), backend(group="b"), shadow({"of": "b"})], 1),
    ([backend(group="a"), backend(group="b"), shadow({"of": 0})], 0),
    ([backend(), backend(), shadow({"of": "response"})], "response"),
])
def test_whom_a_shadow_understudies(backends: list[Any], of: object) -> None:
    assert cast(*backends)[0].of == of


@pytest.mark.parametrize(("of", "why"), [("zzz", "no regular backend"), (7, "is not there"), (2, "is a shadow itself"),
                                         ("alpa", 'did you mean "alpha"'), ("same", "more than one")])
def test_an_of_that_names_nobody_is_an_error(of: object, why: str) -> None:
    extra = [backend(group="same"), backend(group="same")]
    data = config(endpoint(backend(group="alpha"), backend(group="beta"), shadow({"of": of}), *extra))
    assert why in only_error(data).message


def test_names_are_made_and_unique() -> None:
    service = read(config(endpoint(backend(), shadow(), endpoint="/a/b"),
                          endpoint(backend(), shadow(), endpoint="/a-b"),
                          endpoint(backend(), shadow(), endpoint="/a/b", method="POST"),
                          endpoint(backend(), shadow(), endpoint="/")))
    names = [b.shadow.name for e in service.endpoints for b in e.shadows if b.shadow is not None]
    assert names == ["a-b-1", "a-b-1-e1", "post-a-b-1", "root-1"]


def test_made_names_keep_clear_of_given_ones_and_given_ones_clash() -> None:
    service = read(config(endpoint(backend(), shadow()), endpoint(backend(), shadow({"name": "x-1"}), endpoint="/y")))
    assert [e.shadows[0].shadow.name for e in service.endpoints if e.shadows[0].shadow] == ["x-1-e0", "x-1"]
    data = config(endpoint(backend(), shadow({"name": "n"}), shadow({"name": "n"})))
    assert "is taken" in only_error(data).message


def test_a_timeout_may_stand_in_our_block_but_not_twice() -> None:
    assert cast(backend(), shadow({"timeout": "10ms"}))[0].timeout == 0.01
    assert errors(config(endpoint(backend(), shadow({"timeout": "1s"}, {"shadow_timeout": "1s"}))))


def test_a_shadow_timeout_on_a_regular_backend_is_a_warning() -> None:
    data = config(endpoint(backend(extra_config={"proxy": {"shadow_timeout": "1s"}})))
    assert "no shadow" in only_warning(data).message


def test_headers_cannot_be_set_and_removed() -> None:
    data = config(endpoint(backend(), shadow({"headers": {"set": {"x-a": "1"}, "remove": ["X-A"]}})))
    assert "both set and removed" in only_error(data).message


@pytest.mark.parametrize(("key", "value", "at"), [
    ("ignore", ["$.a", "items"], 1), ("unordered", ["$status"], 0), ("tolerance", {"$.a[": 1}, "$.a["),
    ("id_field", {"a": "id"}, "a")])
def test_a_path_that_cannot_be_read_is_an_error_at_its_place(key: str, value: object, at: object) -> None:
    problem = only_error(config(endpoint(backend(), shadow({"compare": {key: value}}))))
    assert problem.path[-3:] == ("compare", key, at) and "The path" in problem.message


def test_status_headers_and_whole_bodies_can_be_ignored() -> None:
    rules = cast(backend(), shadow({"compare": {"ignore": ["$status", "$header.etag", "$body", "$..id"]}}))[0].compare
    assert rules.ignore == ("$status", "$header.etag", "$body", "$..id")
