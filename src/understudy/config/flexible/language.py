"""The functions of Go's own template language."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

from understudy.config.flexible.calling import Function
from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.printing import formatted, joined, shown
from understudy.config.flexible.values import bounded, equal, less, truth, type_name


def _eq(first: Any, *others: Any) -> bool:
    if not others:
        raise Refusal("missing argument for comparison")
    return any(equal(first, other) for other in others)


def _index(value: Any, *keys: Any) -> Any:
    if value is None:
        raise Refusal("index of untyped nil")
    for key in keys:
        if value is None:
            raise Refusal("index of untyped nil")
        if isinstance(value, dict):
            if not isinstance(key, str):
                raise Refusal(f"value has type {type_name(key)}; should be string")
            value = value.get(key)
        elif isinstance(value, (list, str)):
            at = _position(key, len(value) - 1)
            value = value[at] if isinstance(value, list) else _octets(value)[at]
        else:
            raise Refusal(f"can't index item of type {type_name(value)}")
    return value


def _position(key: Any, last: int) -> int:
    if not isinstance(key, int) or isinstance(key, bool):
        raise Refusal(f"cannot index slice/array with type {type_name(key)}"
                      f"{'; numbers of settings are floats: use (int …)' if isinstance(key, float) else ''}")
    if not 0 <= key <= last:
        raise Refusal(f"index out of range: {key}")
    return key


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(_octets(value))
    if isinstance(value, (list, dict)):
        return len(value)
    raise Refusal("len of nil pointer" if value is None else f"len of type {type_name(value)}")


def _print(*values: Any) -> str:
    return joined([bounded(value) for value in values])


def _println(*values: Any) -> str:
    return " ".join(shown(bounded(value)) for value in values) + "\n"


def _printf(pattern: str, *values: Any) -> str:
    return formatted(pattern, [bounded(value) for value in values])


def _escaped(*values: Any) -> str:
    """What ``html`` and its companions begin with."""
    return _print(*("<no value>" if value is None else value for value in values))


_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "\0": "\ufffd"})
_SCRIPT = str.maketrans({"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026",
                         "=": "\\u003D", **{chr(n): f"\\u{n:04X}" for n in range(32)}})


def _both(*_: Any) -> Any:
    """``and`` and ``or`` are evaluated where they stand, since they do not want all of their arguments."""
    raise Refusal("cannot be called from here")


LANGUAGE = {
    "and": Function("a*", _both), "or": Function("a*", _both),
    "not": Function("a", lambda value: not truth(value)),
    "eq": Function("aa*", _eq), "ne": Function("aa", lambda a, b: not equal(a, b)),
    "lt": Function("aa", less), "le": Function("aa", lambda a, b: less(a, b) or equal(a, b)),
    "gt": Function("aa", lambda a, b: not less(a, b) and not equal(a, b)),
    "ge": Function("aa", lambda a, b: not less(a, b)),
    "index": Function("aa*", _index), "len": Function("a", _length),
    "print": Function("a*", _print), "println": Function("a*", _println), "printf": Function("sa*", _printf),
    "html": Function("a*", lambda *values: _escaped(*values).translate(_HTML)),
    "js": Function("a*", lambda *values: _escaped(*values).translate(_SCRIPT)),
    "urlquery": Function("a*", lambda *values: quote_plus(_octets(_escaped(*values)), safe="")),
}
