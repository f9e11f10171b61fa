"""Values as JSON, written as Go writes it: keys in order, no exponent where none is needed, ``<`` escaped if wanted."""

from __future__ import annotations

import json
import math
from typing import Any

from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.printing import plain_decimal, shortest
from understudy.config.flexible.values import MISSING, bounded

_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_LINES = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029"})


def json_text(value: Any, *, html: bool = True, indent: str = "") -> str:
    """``html`` escapes <, > and &, as Go does unless it is told not to. Raises Refusal for what JSON cannot hold."""
    return _written(bounded(value), html, indent, "\n")


def _written(value: Any, html: bool, indent: str, line: str) -> str:
    if value is None or value is MISSING:
        return "null"
    if isinstance(value, str):
        return _text(value, html)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (dict, list)):
        return _nested(value, html, indent, line)
    return str(value)


def _nested(value: dict[str, Any] | list[Any], html: bool, indent: str, line: str) -> str:
    inner = line + indent
    if isinstance(value, dict):
        colon = ": " if indent else ":"
        parts = [f"{_text(key, html)}{colon}{_written(value[key], html, indent, inner)}" for key in sorted(value)]
    else:
        parts = [_written(item, html, indent, inner) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    if not indent or not parts:
        return f"{opening}{','.join(parts)}{closing}"
    return f"{opening}{inner}{(',' + inner).join(parts)}{line}{closing}"


def _text(value: str, html: bool) -> str:
    clean = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = json.dumps(clean, ensure_ascii=False).translate(_LINES)
    return text.translate(_HTML) if html else text


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise Refusal(f"JSON has no number {value}")
    digits, exponent = shortest(value)
    sign = "-" if math.copysign(1, value) < 0 else ""
    if -6 <= exponent < 21:
        return sign + plain_decimal(digits, exponent)
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}".replace("e-0", "e-")
