"""``validation/json-schema``: bodies that do not fit are answered with 400. Pure.

The body is only looked at: what goes on is what came, byte by byte.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from understudy.config.checks import validator
from understudy.encoding.complaint import complaint
from understudy.encoding.json import without_surrogates
from understudy.errors import Rejected
from understudy.gateway.types import Ask
from understudy.http.values import Request

MOST_LINES = 100
"""Violations that are listed in an answer; the search ends there."""

_KINDS: Mapping[type, str] = {
    dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number", type(None): "null",
}  # fmt: skip
_BLANK = " \t\r\n"


def schema_check(schema: Any, *, tell: bool) -> Callable[[Ask, Request], Rejected | None]:
    """The check of request bodies. The violations are worked out only when ``tell`` (the client sees them)."""
    valid = validator(schema)

    def check(ask: Ask, request: Request) -> Rejected | None:
        body = ask.body
        if not body or type(body) is not bytes:
            return Rejected("could not validate an empty body", 400)
        try:
            value = parsed(body)
            if valid.is_valid(value):
                return None
            text = violations(valid, value) if tell else "the body does not fit the schema"
        except Exception as error:  # whatever a body can do to a parser or a validator is the client's fault
            text = str(error) or type(error).__name__
        return Rejected(text, 400)

    return check


def _number_of(text: str) -> float:
    """A number; one that is out of range becomes the nearest, for the validator takes infinity for null."""
    return max(-_LARGEST, min(float(text), _LARGEST))


_LARGEST = sys.float_info.max
_read = msgspec.json.Decoder(float_hook=_number_of).decode


def parsed(body: bytes) -> Any:
    """The one JSON value of a body. Raises ``ValueError`` with Go's words."""
    try:
        return _read(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = body.decode("utf-8", "replace").lstrip(_BLANK)
    try:
        value, end = _tolerant.raw_decode(text)
    except RecursionError:
        raise ValueError("exceeded max depth") from None
    except ValueError as error:
        raise ValueError(complaint(body) or str(error)) from None
    rest = text[end:].lstrip(_BLANK)
    if rest:
        raise ValueError(f"invalid character '{rest[0]}' after top-level value")
    return without_surrogates(value)


def _constant(name: str) -> Any:
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _DIGITS else _number_of(text)


_DIGITS = 4000
_tolerant = json.JSONDecoder(parse_constant=_constant, parse_int=_integer, parse_float=_number_of)
"""For what Go reads and msgspec refuses: broken UTF-8, lone surrogates, numbers of thousands of digits."""


def violations(valid: Any, value: Any) -> str:
    """What is wrong, a line each, in KrakenD's form: ``- at 'JSON POINTER': message``."""
    lines: dict[tuple[str, str], list[str]] = {}
    for number, error in enumerate(valid.iter_errors(value)):
        if number == MOST_LINES:
            break
        place = pointer(error.instance_path)
        if error.kind.name == "required":
            lines.setdefault((place, "required"), []).append(f"'{error.kind.property}'")
        else:
            lines[place, f"{number}"] = [message(error)]
    return "\n".join(f"- at '{place}': {_said(key, texts)}" for (place, key), texts in lines.items())


def _said(key: str, texts: list[str]) -> str:
    if key != "required":
        return texts[0]
    return f"missing propert{'y' if len(texts) == 1 else 'ies'} {', '.join(texts)}"


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def message(error: Any) -> str:
    """One violation in the words of KrakenD's validator; those of ours for rarer keywords."""
    kind, got = error.kind, error.instance
    name: str = kind.name
    if name == "type":
        return f"got {_KINDS.get(type(got), 'number')}, want {' or '.join(kind.types)}"
    if name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        return f"{name}: got {_number(got)}, want {_number(kind.limit)}"
    if name in ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"):
        return f"{name}: got {len(got)}, want {kind.limit}"
    if name == "multipleOf":
        return f"multipleOf: got {_number(got)}, want {_number(kind.multiple_of)}"
    if name == "pattern":
        return f"'{got}' does not match pattern '{kind.pattern}'"
    if name == "additionalProperties":
        return f"additional properties {', '.join(repr(key) for key in kind.unexpected)} not allowed"
    if name in ("enum", "const"):
        wanted = kind.options if name == "enum" else [kind.expected_value]
        return f"value must be {'one of ' if len(wanted) > 1 else ''}{', '.join(map(_shown, wanted))}"
    if name in ("anyOf", "not"):
        return f"{name} failed"
    return str(error.message)


def _number(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _shown(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)
