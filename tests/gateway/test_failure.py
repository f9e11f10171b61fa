"""Errors become responses in one place."""

from __future__ import annotations

import pytest

from understudy.errors import BadRequest, BadStatus, BodyTooLarge, TooSlow, Unreachable
from understudy.gateway.failure import Failures


@pytest.mark.parametrize(
    ("error", "status"),
    [(TooSlow(), 500), (Unreachable("refused"), 500), (BodyTooLarge("big"), 413), (BadRequest("bad"), 400),
     (ZeroDivisionError("ours"), 500)],
)  # fmt: skip
def test_every_error_has_its_status_and_an_empty_body(error: Exception, status: int) -> None:
    """Without return_error_msg nothing is told."""
    response = Failures(b"Version 1", tell=False).respond(error)
    assert (response.status, response.body) == (status, b"")
    assert (b"X-Krakend-Completed", b"false") in response.block.pairs


def test_the_text_is_told_when_asked_for() -> None:
    """But never that of an exception which is not ours."""
    tell = Failures(b"Version 1", tell=True)
    assert tell.respond(TooSlow()).body == b"context deadline exceeded"
    assert tell.respond(ZeroDivisionError("/secret/path")).body == b"internal server error"


def test_a_backends_own_body_keeps_its_type() -> None:
    """return_error_code with return_error_msg; an empty one has no type."""
    error = BadStatus("gone", 404)
    error.status, error.body, error.content_type = 404, b"gone", b"text/x"
    response = Failures(b"Version 1", tell=True).respond(error)
    assert (response.status, response.body) == (404, b"gone")
    assert (b"Content-Type", b"text/x") in response.block.pairs
    error.body = b""
    assert b"Content-Type" not in [n for n, _ in Failures(b"Version 1", tell=True).respond(error).block.pairs]
