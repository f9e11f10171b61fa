"""Who may see and who may change what."""

from __future__ import annotations

import pytest

from understudy.admin.guard import Guard, host_name, is_loopback

LOCAL = Guard("127.0.0.1", None)
OUTSIDE = Guard("0.0.0.0", "s3cret")
JSON = {"content-type": "application/json"}


def status(guard: Guard, method: str, path: str, **headers: str) -> int:
    refusal = guard.judge(method, path, {k.replace("_", "-"): v for k, v in headers.items()})
    return refusal.status if refusal is not None else 200


@pytest.mark.parametrize("host", ["127.0.0.1:8091", "localhost:8091", "LOCALHOST", "[::1]:8091"])
def test_on_loopback_reading_is_free(host: str) -> None:
    assert status(LOCAL, "GET", "/api/config", host=host) == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8091", "", "localhost.evil.example"])
def test_a_name_that_was_made_to_point_here_is_refused(host: str) -> None:
    assert status(LOCAL, "GET", "/api/config", host=host) == 403
    assert status(LOCAL, "GET", "/metrics", host=host) == 403


def test_a_change_must_be_json_which_no_form_can_send() -> None:
    for sent in ("", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
        assert status(LOCAL, "POST", "/api/reload", host="localhost", content_type=sent) == 415
    assert status(LOCAL, "POST", "/api/reload", host="localhost", content_type="application/json; charset=utf-8") == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:9999"])
def test_a_change_from_a_page_of_another_origin_is_refused(origin: str) -> None:
    refusal = LOCAL.judge("POST", "/api/reload", {"host": "localhost:8091", "origin": origin, **JSON})
    assert refusal is not None and refusal.status == 403


def test_a_change_from_our_own_pages_is_taken() -> None:
    sent = {"host": "localhost:8091", "origin": "http://localhost:8091", "sec-fetch-site": "same-origin", **JSON}
    assert LOCAL.judge("POST", "/api/reload", sent) is None
    assert LOCAL.judge("POST", "/x", {**sent, "sec-fetch-site": "cross-site"}) is not None


def test_with_a_token_changes_need_it_on_loopback_too_and_reading_does_not() -> None:
    guard = Guard("::1", "s3cret")
    assert status(guard, "GET", "/api/config", host="[::1]:1") == 200
    change = {"host": "[::1]:1", "content_type": "application/json"}
    assert status(guard, "POST", "/api/reload", **change) == 401
    assert status(guard, "POST", "/api/reload", authorization="Bearer s3cret", **change) == 200


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic s3cret", "Bearer s3cret2"])
def test_outside_everything_needs_the_token(given: str) -> None:
    assert status(OUTSIDE, "GET", "/metrics", host="any.example", authorization=given) == 401


def test_outside_with_the_token_everything_is_served_under_any_name() -> None:
    assert status(OUTSIDE, "GET", "/metrics", host="gw.example", authorization="bearer s3cret") == 200


def test_outside_without_a_configured_token_there_is_only_health() -> None:
    guard = Guard("10.0.0.1", None)
    assert status(guard, "GET", "/metrics", host="a", authorization="Bearer ") == 403
    assert status(guard, "GET", "/health", host="a") == status(guard, "GET", "/ready") == 200


def test_what_is_loopback() -> None:
    assert [is_loopback(a) for a in ("127.0.0.5", "::1", "localhost", "0.0.0.0", "::", "x")] == [True] * 3 + [False] * 3
    assert [host_name(h) for h in ("a:1", "[::1]:1", "[::1]", "A")] == ["a", "::1", "::1", "a"]
