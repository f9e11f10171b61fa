"""From a backend's raw answer to a reply: passed on as it is (no-op), or checked, decoded and reshaped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.config.model import Backend
from understudy.encoding.xml import Ordered
from understudy.errors import BadStatus
from understudy.gateway.backend import Fetch
from understudy.gateway.pattern import internal_form
from understudy.gateway.types import Ask, Proxy, Reply
from understudy.http.upstream import Answer

Decode = Callable[[bytes, bytes], dict[str, Any] | None]
Reshape = Callable[[dict[str, Any]], dict[str, Any] | None]
Recode = Callable[[bytes], bytes]
Convert = Callable[[Answer, Ask], Reply]
"""From a raw answer to a reply; raises a ``BackendError``. The ask is the one that was answered."""


def proxied(fetch: Fetch, convert: Convert) -> Proxy:
    """Asks the backend and converts what it answers."""

    async def proxy(ask: Ask) -> Reply | None:
        return convert(await fetch(ask), ask)

    return proxy


def passed(answer: Answer, ask: Ask) -> Reply:
    """no-op: status, headers and body go through untouched, the body as it comes."""
    return Reply(
        None, True, answer.status, answer.headers, answer.body, answer.length, (), None, answer.tunnel, answer.derived
    )


def opaque(answer: Answer, ask: Ask) -> Reply:
    """A no-op backend below an endpoint that encodes: its body is not looked into, the data is empty."""
    return Reply({}, True, answer.status, answer.headers, answer.body)


def decoded(backend: Backend, decode: Decode, reshape: Reshape | None) -> Convert:
    """Status check, decoding, reshaping."""
    refuse = refusal_of(backend)

    def convert(answer: Answer, ask: Ask) -> Reply:
        status = answer.status
        if status != 200 and status != 201:
            return refuse(answer, ask)
        data = decode(answer.body, answer.header(b"Content-Type") or b"")  # type: ignore[arg-type]  # never streamed
        if reshape is not None and data is not None:
            data = reshape(data)
        return Reply(data, True)

    return convert


def recoded(backend: Backend, recode: Recode) -> Convert:
    """For endpoints where nothing looks into the data: JSON in, the same JSON out, in the answer's form."""
    refuse = refusal_of(backend)

    def convert(answer: Answer, ask: Ask) -> Reply:
        status = answer.status
        if status != 200 and status != 201:
            return refuse(answer, ask)
        return Reply(None, True, raw=recode(answer.body))  # type: ignore[arg-type]  # never streamed

    return convert


def refusal_of(backend: Backend) -> Callable[[Answer, Ask], Reply]:
    """What a status that is neither 200 nor 201 becomes: an error, or data that describes it."""
    pattern = internal_form(backend.url_pattern)
    details, pass_code = backend.return_error_details, backend.return_error_code

    def refuse(answer: Answer, ask: Ask) -> Reply:
        body: bytes = answer.body  # type: ignore[assignment]  # never streamed
        content_type = answer.header(b"Content-Type") or b""
        if details:
            return Reply({"error_" + details: _details(answer.status, body, content_type)}, False)
        if pass_code and details is None:
            error = BadStatus(body.decode("utf-8", "replace"), answer.status)
            error.status, error.body, error.content_type = answer.status, body, content_type or None
            raise error
        url = "".join(answer.url)
        raise BadStatus(f"invalid status code {answer.status} [{backend.method} {pattern}]: {url}", answer.status)

    return refuse


def _details(status: int, body: bytes, content_type: bytes) -> dict[str, Any]:
    out = Ordered({"http_status_code": status})
    if body:
        out["http_body"] = body.decode("utf-8", "replace")
    if content_type:
        out["http_body_encoding"] = content_type.decode("latin-1")
    return out
