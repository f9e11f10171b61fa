"""From raw answers to replies."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.config.model import Backend
from understudy.errors import BadStatus
from understudy.gateway.answers import decoded, opaque, passed, recoded
from understudy.gateway.types import Ask
from understudy.http.upstream import Answer

ASK = Ask("GET", "/", {}, [], [], b"", 0.0)


def backend(**keys: Any) -> Backend:
    """A backend with these keys."""
    return Backend(index=0, hosts=("http://a",), url_pattern="/u/{id}", method="GET", **keys)


def answer(status: int, body: bytes = b"{}", kind: bytes = b"application/json") -> Answer:
    """A raw answer."""
    return Answer(status, [(b"Content-Type", kind)], body, len(body), None, ("http://a", "/u/7"))


def test_noop_answers_pass_whatever_they_are() -> None:
    """Status, headers, body."""
    reply = passed(answer(418, b"tea"), ASK)
    assert (reply.status, reply.body, reply.length) == (418, b"tea", 3)
    assert opaque(answer(500), ASK).data == {}


@pytest.mark.parametrize("status", [200, 201])
def test_two_statuses_are_success(status: int) -> None:
    """200 and 201."""
    assert decoded(backend(), lambda body, kind: {"n": len(body)}, None)(answer(status), ASK).data == {"n": 2}
    assert recoded(backend(), lambda body: body.upper())(answer(status, b"{}"), ASK).raw == b"{}"


@pytest.mark.parametrize("status", [202, 204, 206, 304, 400, 404, 500])
def test_every_other_status_is_an_error_that_names_its_place(status: int) -> None:
    """Pattern in its internal form, and the final URL."""
    with pytest.raises(BadStatus) as caught:
        decoded(backend(), lambda body, kind: {}, None)(answer(status), ASK)
    assert str(caught.value) == f"invalid status code {status} [GET /u/{{{{.Id}}}}]: http://a/u/7"
    assert caught.value.status == 500


def test_the_backends_status_and_body_can_be_passed_on() -> None:
    """return_error_code."""
    with pytest.raises(BadStatus) as caught:
        decoded(backend(return_error_code=True), lambda body, kind: {}, None)(answer(404, b"gone", b"text/x"), ASK)
    assert (caught.value.status, caught.value.body, caught.value.content_type) == (404, b"gone", b"text/x")


def test_an_error_can_become_data() -> None:
    """return_error_details: incomplete, with status, body and type; details go before the code."""
    convert = decoded(backend(return_error_details="x"), lambda body, kind: {}, None)
    reply = convert(answer(404, b"gone", b"text/x"), ASK)
    assert not reply.complete
    assert reply.data == {
        "error_x": {"http_status_code": 404, "http_body": "gone", "http_body_encoding": "text/x"}
    }


def test_reshaping_comes_after_decoding() -> None:
    """And null is left alone."""
    convert = decoded(backend(), lambda body, kind: None if body == b"null" else {"a": 1}, lambda data: {"g": data})
    assert convert(answer(200), ASK).data == {"g": {"a": 1}}
    assert convert(answer(200, b"null"), ASK).data is None
