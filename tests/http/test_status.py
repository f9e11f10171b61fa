"""Status lines."""

from __future__ import annotations

from understudy.http.status import bodiless, status_line


def test_known_and_unknown_statuses_have_lines() -> None:
    """An unknown one gets Go's text."""
    assert status_line(200) == b"HTTP/1.1 200 OK\r\n"
    assert status_line(499) == b"HTTP/1.1 499 status code 499\r\n"


def test_answers_without_a_body() -> None:
    """1xx, 204 and 304."""
    assert [s for s in (100, 101, 200, 204, 205, 304, 404) if bodiless(s)] == [100, 101, 204, 304]
