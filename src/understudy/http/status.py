"""Status lines, made once."""

from __future__ import annotations

from http import HTTPStatus

_REASONS = {s.value: s.phrase for s in HTTPStatus}
_REASONS[418] = "I'm a teapot"

LINES: dict[int, bytes] = {
    code: f"HTTP/1.1 {code} {phrase}\r\n".encode() for code, phrase in _REASONS.items()
}


def status_line(status: int) -> bytes:
    """``HTTP/1.1 200 OK`` with its CRLF; an unknown status gets the text that Go gives it."""
    line = LINES.get(status)
    return line if line is not None else b"HTTP/1.1 %d status code %d\r\n" % (status, status)


def bodiless(status: int) -> bool:
    """Whether an answer with this status never has a body."""
    return status == 204 or status == 304 or 100 <= status < 200
