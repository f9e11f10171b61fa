"""Why there is no answer."""

from __future__ import annotations

import httptools
import pytest

from understudy.errors import BackendError, BadAnswer
from understudy.http.broken import cause, ended


@pytest.mark.parametrize(
    ("error", "heard", "text", "reason"),
    [
        (None, False, "EOF", "closed"),
        (None, True, "unexpected EOF", "cut"),
        (ConnectionResetError(), False, "read: connection reset by peer", "reset"),
        (ConnectionResetError(), True, "read: connection reset by peer", "reset"),
        (TimeoutError(), False, "EOF", "closed"),
    ],
)
def test_how_connections_end(error: Exception | None, heard: bool, text: str, reason: str) -> None:
    """A reset is one whenever it comes; an end before any byte is another than one in the middle."""
    found = ended(error, heard)
    assert (str(found), found.reason) == (text, reason)


class Reader:
    """Refuses what it reads."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def on_header(self, name: bytes, value: bytes) -> None:
        """Raises."""
        raise self.error


def complaint(error: Exception, answer: bytes = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n") -> BackendError:
    """What the real parser says, explained."""
    with pytest.raises(httptools.HttpParserError) as caught:
        httptools.HttpResponseParser(Reader(error)).feed_data(answer)
    return cause(caught.value)


def test_our_own_refusals_come_through() -> None:
    """Others are not told to anybody; what is no HTTP is called that."""
    ours = BadAnswer("too many", "limit")
    assert complaint(ours) is ours
    assert str(complaint(ValueError("inner"))) == "the answer cannot be read"
    assert str(complaint(ValueError(), b"nonsense\r\n\r\n")).startswith("malformed HTTP response: ")
