"""The kinds of values that keys take: how a value becomes ours, what is refused, and its JSON schema.

A kind is a function that returns the value, or raises ``Wrong`` with the end of a sentence that begins with the key.
Here are KrakenD's own kinds: weakly typed, as in KrakenD ("8080" is 8080, one value is a list of one). Keys of ours,
and components that KrakenD does not convert, are strict: see ``strict``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from understudy.config.durations import parse_duration


class Wrong(Exception):
    """A value that its key cannot take. ``str()`` ends the sentence "KEY …"; ``at`` is the place inside the value."""

    def __init__(self, message: str, *at: str | int) -> None:
        super().__init__(message)
        self.at = at


class Kind(Struct, frozen=True):
    """What a key takes: a reading function, and a JSON schema for editors and ``check --lint``."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]


def shown(value: object) -> str:
    """A value as people see it in the file, cut to a readable length."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, str):
        return f'the text "{value if len(value) <= 60 else value[:57] + "..."}"'
    if isinstance(value, (int, float)):
        try:
            text = repr(value)
        except ValueError:
            return "a very large number"
        return text if len(text) <= 60 else "a very large number"
    if isinstance(value, Mapping):
        return "an object" if value else "an empty object"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    return f"a {type(value).__name__}"


def meant(word: object, known: tuple[str, ...] | list[str]) -> str:
    """``; did you mean "x"?`` when one of the known words is near, else nothing."""
    if not isinstance(word, str) or not known or len(word) > 100:
        return ""
    from difflib import get_close_matches

    lower = {k.lower(): k for k in known}
    found = get_close_matches(word.lower(), list(lower), 1, 0.7)
    return f'; did you mean "{lower[found[0]]}"?' if found else ""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (int, float)):
        return format(value, "g") if isinstance(value, float) else shown(value)
    raise Wrong(f"must be a text, not {shown(value)}")


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return value
        raise Wrong(f"is out of range: {shown(value)}")
    if isinstance(value, float):
        if math.isfinite(value) and abs(value) < 2**63:
            return int(value)
        raise Wrong(f"is out of range: {shown(value)}")
    if isinstance(value, str):
        return _integer_of_text(value)
    raise Wrong(f"must be a whole number, not {shown(value)}")


def _integer_of_text(text: str) -> int:
    if not text:
        return 0
    body = text.lstrip("+-")
    octal = len(body) > 1 and body[0] == "0" and body[1:].isdigit() and len(text) - len(body) <= 1
    try:
        number = int(text, 8) if octal else int(text, 0)
    except ValueError:
        raise Wrong(f"must be a whole number, not {shown(text)}") from None
    if text != text.strip() or not -(2**63) <= number < 2**63:
        raise Wrong(f"must be a whole number, not {shown(text)}")
    return number


_TRUE, _FALSE = frozenset(("1", "t", "T", "TRUE", "true", "True")), frozenset(("", "0", "f", "F", "FALSE", "false",
                                                                            "False"))


def _boolean(value: Any) -> bool:
    if isinstance(value, (bool, int, float)):
        return bool(value)
    if isinstance(value, str):
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
    raise Wrong(f"must be true or false, not {shown(value)}")


def read_duration(value: Any) -> float:
    """Seconds: a Go duration, or (as in Go) a number of nanoseconds."""
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError as error:
            raise Wrong(f"cannot be read: {error}") from None
    return _integer(value) / 1e9 if isinstance(value, (bool, int, float)) else no_duration(value)


def no_duration(value: Any) -> float:
    """Refuse a value that is neither text nor number."""
    raise Wrong(f'must be a duration such as "300ms" or "2s", not {shown(value)}')


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        out = []
        for index, item in enumerate(value):
            try:
                out.append(item if isinstance(item, str) else "" if item is None else _text(item))
            except Wrong as wrong:
                raise Wrong(str(wrong), index) from None
        return tuple(out)
    if value == {}:
        return ()
    if isinstance(value, Mapping):
        raise Wrong(f"must be a list of texts, not {shown(value)}")
    return (_text(value),)


def _mapping(value: Any) -> dict[str, str]:
    if isinstance(value, list) and all(isinstance(part, Mapping) for part in value):
        value = {key: item for part in value for key, item in part.items()}
    if not isinstance(value, Mapping):
        raise Wrong(f"must be an object of texts, not {shown(value)}")
    out = {}
    for key, item in value.items():
        try:
            out[key] = "" if item is None else _text(item)
        except Wrong as wrong:
            raise Wrong(str(wrong), key) from None
    return out


def _integers(value: Any) -> tuple[int, ...]:
    items = value if isinstance(value, list) else [] if value == {} else [value]
    out = []
    for index, item in enumerate(items):
        try:
            out.append(0 if item is None else _integer(item))
        except Wrong as wrong:
            raise Wrong(str(wrong), index) from None
    return tuple(out)


def _objects(value: Any) -> list[Any]:
    """A list of objects; the items are read elsewhere, with their own tables."""
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping):
        return [value] if value else []
    raise Wrong(f"must be a list of objects, not {shown(value)}")


def _object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    if value == []:
        return {}
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        return value[0]
    raise Wrong(f"must be an object, not {shown(value)}")


DURATION_PATTERN = r"^-?[0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h)([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))*$|^0$"

TEXT = Kind(_text, {"type": "string"})
INTEGER = Kind(_integer, {"type": "integer"})
BOOLEAN = Kind(_boolean, {"type": "boolean"})
DURATION = Kind(read_duration, {"type": "string", "pattern": DURATION_PATTERN})
TEXTS = Kind(_texts, {"type": "array", "items": {"type": "string"}})
INTEGERS = Kind(_integers, {"type": "array", "items": {"type": "integer"}})
MAPPING = Kind(_mapping, {"type": "object", "additionalProperties": {"type": "string"}})
OBJECT = Kind(_object, {"type": "object"})
OBJECTS = Kind(_objects, {"type": "array", "items": {"type": "object"}})
ANY = Kind(lambda value: value, {})
