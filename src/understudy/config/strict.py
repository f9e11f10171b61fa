"""Strict kinds: for keys of ours, and for components whose values KrakenD takes as they are or not at all."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from understudy.config.kinds import DURATION_PATTERN, Kind, Wrong, meant, no_duration, read_duration, shown


def _strict_text(value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    raise Wrong(f"must be a text that is not empty, not {shown(value)}")


def _plain_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise Wrong(f"must be a text, not {shown(value)}")


def _strict_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    hint = f"; write {value.lower()} without quotes" if str(value).lower() in ("true", "false") else ""
    raise Wrong(f"must be true or false, not {shown(value)}{hint}")


def _strict_texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Wrong(f"must be a list of texts, not {shown(value)}")
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise Wrong(f"must be a text, not {shown(item)}", index)
    return tuple(value)


def _strict_integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    raise Wrong(f"must be a whole number, not {shown(value)}")


def _strict_duration(value: Any) -> float:
    return read_duration(value) if isinstance(value, str) else no_duration(value)


SOME_TEXT = Kind(_strict_text, {"type": "string", "minLength": 1})
PLAIN_TEXT = Kind(_plain_text, {"type": "string"})
FLAG = Kind(_strict_boolean, {"type": "boolean"})
LIST = Kind(_strict_texts, {"type": "array", "items": {"type": "string"}})
WHOLE = Kind(_strict_integer, {"type": "integer"})
TIME = Kind(_strict_duration, {"type": "string", "pattern": DURATION_PATTERN})


def whole(low: int, high: int | None = None, what: str = "a whole number") -> Kind:
    """A whole number between ``low`` and ``high``, both included."""
    span = f"from {low} to {high}" if high is not None else f"of at least {low}"

    def read(value: Any) -> int:
        try:
            number = _strict_integer(value)
        except Wrong:
            raise Wrong(f"must be {what} {span}, not {shown(value)}") from None
        if number < low or (high is not None and number > high):
            raise Wrong(f"must be {what} {span}, not {number}")
        return number

    schema: dict[str, Any] = {"type": "integer", "minimum": low}
    return Kind(read, schema if high is None else {**schema, "maximum": high})


def number(low: float, high: float | None = None, *, open_low: bool = False, step: float | None = None) -> Kind:
    """A number between ``low`` (excluded when ``open_low``) and ``high``, in steps of ``step``."""
    span = f"from {low:g} to {high:g}" if high is not None else f"{'above' if open_low else 'of at least'} {low:g}"

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise Wrong(f"must be a number {span}, not {shown(value)}")
        if value < low or (open_low and value <= low) or (high is not None and value > high):
            raise Wrong(f"must be a number {span}, not {shown(value)}")
        if step is not None and abs(round(value / step) * step - value) > step * 1e-6:
            raise Wrong(f"must be a number {span} in steps of {step:g}, not {shown(value)}")
        return float(value)

    schema: dict[str, Any] = {"type": "number", "exclusiveMinimum" if open_low else "minimum": low}
    return Kind(read, schema if high is None else {**schema, "maximum": high})


def span(low: float, *, open_low: bool = False) -> Kind:
    """A duration text of at least (or more than) ``low`` seconds."""

    def read(value: Any) -> float:
        seconds = _strict_duration(value)
        if seconds < low or (open_low and seconds <= low):
            raise Wrong(f"must be {'longer than' if open_low else 'at least'} {low:g}s, not {value}")
        return seconds

    return Kind(read, TIME.schema)


def choice(*words: str) -> Kind:
    """One of these words, exactly as written."""

    def read(value: Any) -> str:
        if isinstance(value, str) and value in words:
            return value
        listed = ", ".join(f'"{word}"' for word in words)
        raise Wrong(f"must be one of {listed}, not {shown(value)}{meant(value, words)}")

    return Kind(read, {"enum": list(words)})


_SIZE = re.compile(r"(\d+)\s*([kMG]i?)?B?", re.ASCII)
_FACTOR = {None: 1, "k": 1000, "M": 10**6, "G": 10**9, "ki": 1024, "Ki": 1024, "Mi": 2**20, "Gi": 2**30}


def _size(value: Any) -> int:
    if isinstance(value, str):
        found = _SIZE.fullmatch(value.replace("K", "k"))
        if found is None:
            raise Wrong(f'must be a number of bytes or a size such as "64KiB" or "1MiB", not {shown(value)}')
        return int(found[1]) * _FACTOR[found[2]]
    number = value if isinstance(value, int) and not isinstance(value, bool) else -1
    if not 0 <= number < 2**63:
        raise Wrong(f'must be a number of bytes or a size such as "64KiB" or "1MiB", not {shown(value)}')
    return number


_SIZE_TEXT = {"type": "string", "pattern": "^[0-9]+ ?([kKMG]i?)?B?$"}
SIZE = Kind(_size, {"anyOf": [{"type": "integer", "minimum": 0}, _SIZE_TEXT]})

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def _header_name(value: Any) -> str:
    if isinstance(value, str) and _TOKEN.fullmatch(value):
        return canonical_name(value)
    raise Wrong(f"must be the name of a header, not {shown(value)}")


def is_token(text: str) -> bool:
    """Whether a text can be the name of a header, or a method."""
    return _TOKEN.fullmatch(text) is not None


def canonical_name(name: str) -> str:
    """``x-y-z`` to ``X-Y-Z``, the way Go writes header names; a text that is no header name stays as it is."""
    if not _TOKEN.fullmatch(name):
        return name
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


HEADER_NAME = Kind(_header_name, {"type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"})


def _header_names(value: Any) -> tuple[str, ...]:
    out = []
    for index, item in enumerate(_strict_texts(value)):
        try:
            out.append(_header_name(item))
        except Wrong as wrong:
            raise Wrong(str(wrong), index) from None
    return tuple(out)


def _header_values(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        raise Wrong(f"must be an object of header names and texts, not {shown(value)}")
    out = []
    for key, item in value.items():
        if not _TOKEN.fullmatch(key):
            raise Wrong("must be the name of a header", key)
        if not isinstance(item, str) or any(ord(c) < 32 and c != "\t" for c in item) or "\x7f" in item:
            raise Wrong(f"must be a text without control characters, not {shown(item)}", key)
        out.append((canonical_name(key), item))
    return tuple(out)


HEADER_NAMES = Kind(_header_names, {"type": "array", "items": HEADER_NAME.schema})
HEADER_VALUES = Kind(_header_values, {"type": "object", "additionalProperties": {"type": "string"}})


def _pattern(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong(f"must be a regular expression, not {shown(value)}")
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise Wrong(f"is not a regular expression: {error}; write a backslash before signs that mean themselves"
                    ) from None
    return value


def _patterns(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Wrong(f"must be an object of names and regular expressions, not {shown(value)}")
    out = {}
    for key, item in value.items():
        try:
            out[key] = _pattern(item)
        except Wrong as wrong:
            raise Wrong(str(wrong), key) from None
    return out


PATTERN = Kind(_pattern, {"type": "string", "format": "regex"})
PATTERNS = Kind(_patterns, {"type": "object", "additionalProperties": {"type": "string", "format": "regex"}})
