"""The log: one line for each event, as text for people or as JSON for programs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from understudy.config.model import Service

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
Format = Literal["text", "json"]


class LogSettings(Struct, frozen=True):
    """What is logged, and how."""

    level: str = "INFO"
    format: Format = "text"
    prefix: str = "UNDERSTUDY"


def settings_of(service: Service, *, debug: bool = False) -> LogSettings:
    """The settings of a configuration; ``debug`` (``run -d``) logs everything."""
    process = service.process
    return LogSettings("DEBUG" if debug else process.log_level, process.log_format)


class Lines(Protocol):
    """Where lines go."""

    def write(self, line: bytes) -> None:
        """Takes one line."""


class Log:
    """Writes events of one process. Fields are shown after the message; None is left out."""

    def __init__(
        self, sink: Lines, settings: LogSettings | None = None, *, source: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        settings = settings or LogSettings()
        self._sink = sink
        self._lowest = LEVELS.index(settings.level)
        self._form = json_line if settings.format == "json" else text_line
        self._prefix = settings.prefix
        self._source = source
        self._clock = clock

    def enabled(self, level: str) -> bool:
        """Whether lines of this level are written."""
        return LEVELS.index(level) >= self._lowest

    def debug(self, message: str, **fields: Any) -> None:
        """For whoever looks for a fault."""
        self._write(0, message, fields)

    def info(self, message: str, **fields: Any) -> None:
        """What happens in a day's work."""
        self._write(1, message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        """What somebody should look at."""
        self._write(2, message, fields)

    def error(self, message: str, **fields: Any) -> None:
        """What went wrong."""
        self._write(3, message, fields)

    def critical(self, message: str, **fields: Any) -> None:
        """What ends the service."""
        self._write(4, message, fields)

    def _write(self, level: int, message: str, fields: Mapping[str, Any]) -> None:
        if level >= self._lowest:
            self._sink.write(self._form(self._clock(), LEVELS[level], self._prefix, self._source, message, fields))


def text_line(
    at: float, level: str, prefix: str, source: str, message: str, fields: Mapping[str, Any]
) -> bytes:
    """``2026/01/02 15:04:05 UNDERSTUDY INFO: [worker 0] message key=value``, in local time, always one line."""
    stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(at))
    who = f"[{source}] " if source else ""
    more = "".join(f" {key}={_word(value)}" for key, value in fields.items() if value is not None)
    text = f"{stamp} {prefix} {level}: {who}{message}{more}"
    return one_line(text).encode("utf-8", "backslashreplace") + b"\n"


def json_line(
    at: float, level: str, prefix: str, source: str, message: str, fields: Mapping[str, Any]
) -> bytes:
    """The same as an object: time (RFC 3339, UTC), level, message, source, and the fields."""
    whole, part = divmod(int(at * 1000), 1000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{part:03}Z"
    entry = {"time": stamp, "level": level, "message": _clean(message)}
    if source:
        entry["source"] = source
    for key, value in fields.items():
        if value is not None and key not in entry:
            entry[key] = _clean(value) if isinstance(value, str) else value
    return msgspec.json.encode(entry, enc_hook=repr) + b"\n"


_BREAKS = {c: f"\\x{c:02x}" for c in (*range(32), 127)} | {9: "\\t", 10: "\\n", 13: "\\r"}


def one_line(text: str) -> str:
    """Control characters made visible: what strangers send can neither start a line nor colour a terminal."""
    return text if text.isprintable() else text.translate(_BREAKS)


def _word(value: Any) -> str:
    text = str(value)
    return msgspec.json.encode(_clean(text)).decode() if not text or " " in text or '"' in text else text


def _clean(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
