"""The one place that turns an error into a response."""

from __future__ import annotations

from understudy.errors import RequestError, UnderstudyError
from understudy.http.values import HeaderBlock, Pair, Response

_PLAIN = b"text/plain; charset=utf-8"


class Failures:
    """How this service answers when an endpoint failed: KrakenD's headers, and the text when ``return_error_msg``."""

    def __init__(self, version: bytes, *, tell: bool) -> None:
        self._tell = tell
        self._head: tuple[Pair, ...] = ((b"X-Krakend", version), (b"X-Krakend-Completed", b"false"))
        self._empty = HeaderBlock(self._head)

    def respond(self, error: BaseException) -> Response:
        """The answer to a request that ended with this error."""
        status = error.status if isinstance(error, UnderstudyError) else 500
        close = isinstance(error, RequestError)
        if not self._tell:
            return Response(status, self._empty, b"", close=close)
        text = str(error) if isinstance(error, UnderstudyError) else "internal server error"
        body = getattr(error, "body", None)
        content = body if isinstance(body, bytes) else text.encode("utf-8", "replace")
        if not content:
            return Response(status, self._empty, b"", close=close)
        kind = (error.content_type if isinstance(error, UnderstudyError) else None) or _PLAIN
        return Response(status, HeaderBlock((*self._head, (b"Content-Type", kind))), content, close=close)
