"""The access log: one line for each answered request, in the form that KrakenD's users know, or as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

import msgspec

from understudy.http.values import Request
from understudy.telemetry.logs import Format, Lines, one_line

_encode = msgspec.json.Encoder().encode


class AccessLog:
    """Writes the lines of one process. ``skip``: exact paths that are not logged."""

    __slots__ = ("_clock", "_json", "_second", "_sink", "_skip", "_stamp")

    def __init__(
        self, sink: Lines, form: Format = "text", *, skip: Collection[str] = (), clock: Callable[[], float] = time.time
    ) -> None:
        self._sink = sink
        self._json = form == "json"
        self._skip = frozenset(path.encode() for path in skip)
        self._clock = clock
        self._second = -1
        self._stamp = b""

    def record(
        self, request: Request, status: int, seconds: float, client: str, errors: Sequence[str] = ()
    ) -> None:
        """Notes one answered request; ``seconds`` from its first byte to the last of the answer."""
        target = request.target
        if self._skip and target.partition(b"?")[0] in self._skip:
            return
        if self._json:
            self._sink.write(self._object(request, status, seconds, client, errors))
            return
        now = int(self._clock())
        if now != self._second:
            self._second = now
            self._stamp = time.strftime("[GIN] %Y/%m/%d - %H:%M:%S", time.localtime(now)).encode()
        if b'"' in target or b"\\" in target or not target.isascii():
            target = quoted(target)
        line = b'%b | %3d | %13b | %15b | %-7b  "%b"\n' % (
            self._stamp, status, elapsed(seconds), client.encode() or request.peer.encode(), request.method, target,
        )  # fmt: skip
        if errors:
            line += error_lines(errors)
        self._sink.write(line)

    def _object(self, request: Request, status: int, seconds: float, client: str, errors: Sequence[str]) -> bytes:
        entry = {
            "time": self._clock(), "status": status, "seconds": round(seconds, 6), "client": client or request.peer,
            "method": request.method.decode("latin-1"), "target": request.target.decode("latin-1"),
            "host": request.host.decode("latin-1"),
        }  # fmt: skip
        if errors:
            entry["errors"] = [e.encode("utf-8", "backslashreplace").decode() for e in errors]
        return _encode(entry) + b"\n"


def elapsed(seconds: float) -> bytes:
    """A duration as Go prints it, rounded to what matters: ``850.25µs``, ``1.204ms``, ``2.5s``, ``1m3s``."""
    if seconds < 0.001:
        return b"%.2f\xc2\xb5s" % (seconds * 1e6)
    if seconds < 1:
        return b"%.3fms" % (seconds * 1e3)
    if seconds < 60:
        return b"%.3fs" % seconds
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return b"%dh%dm%ds" % (hours, minutes, rest) if hours else b"%dm%ds" % (minutes, rest)


def quoted(target: bytes) -> bytes:
    """Without quotes, backslashes and bytes that no log should have."""
    text = target.decode("latin-1").replace("\\", "\\\\").replace('"', '\\"')
    return text.encode("ascii", "backslashreplace")


def error_lines(errors: Sequence[str]) -> bytes:
    """One line for each error, under the line of its request."""
    return b"".join(
        f"Error #{number:02}: {one_line(error)}\n".encode("utf-8", "backslashreplace")
        for number, error in enumerate(errors, 1)
    )
