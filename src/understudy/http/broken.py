"""Why an answer is missing or cannot be read, in words. Pure."""

from __future__ import annotations

import httptools

from understudy.errors import BackendError, BadAnswer


def cause(error: httptools.HttpParserError) -> BackendError:
    """What a parser's complaint says of the answer."""
    inner = error.__context__
    if isinstance(inner, BackendError):
        return inner
    if isinstance(error, httptools.HttpParserCallbackError):
        return BadAnswer("the answer cannot be read")
    return BadAnswer(f"malformed HTTP response: {error}")


def ended(error: Exception | None, heard: bool) -> BadAnswer:
    """How a connection ended too early, in the words that operators of Go programs know."""
    if isinstance(error, ConnectionResetError):
        return BadAnswer("read: connection reset by peer", "reset")
    return BadAnswer("unexpected EOF", "cut") if heard else BadAnswer("EOF", "closed")
