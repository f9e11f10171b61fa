"""Answers as JSON."""

from __future__ import annotations

from understudy.admin.desk import error_response, json_response


def test_data_is_json_that_no_cache_keeps() -> None:
    made = json_response({"a": [1]}, 202)
    assert (made.status_code, made.body) == (202, b'{"a":[1]}\n')
    assert (made.headers["content-type"], made.headers["cache-control"]) == ("application/json", "no-store")


def test_an_error_is_a_sentence() -> None:
    assert error_response("It is so.", 400).body == b'{"error":"It is so."}\n'
