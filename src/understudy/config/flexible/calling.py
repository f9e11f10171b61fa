"""How templates call functions: what each takes, checked as Go checks it, and how large its result may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.values import MISSING, type_name

LARGEST = 16 * 1024 * 1024
"""Characters of a text, or members of a list, that a function may return."""

_WANTED: dict[str, tuple[type | tuple[type, ...], str]] = {
    "s": (str, "string"), "i": (int, "int"), "b": (bool, "bool"), "l": (list, "list"),
    "m": (dict, "map[string]interface {}"),
}


class Function:
    """A function and what it takes.

    That is a letter per argument, of s (text), i (int), b (bool), l (list), m (map) and a (anything); a
    ``*`` at the end lets the last one come any number of times.
    """

    __slots__ = ("_call", "_kinds", "_last")

    def __init__(self, kinds: str, call: Callable[..., Any]) -> None:
        self._call = call
        self._last = kinds[-2] if kinds.endswith("*") else ""
        self._kinds = kinds[:-2] if self._last else kinds

    def __call__(self, values: Sequence[Any]) -> Any:
        """The result. Raises Refusal for arguments that do not fit."""
        least = len(self._kinds)
        if len(values) < least or (len(values) > least and not self._last):
            raise Refusal(f"wrong number of args: want {'at least ' if self._last else ''}{least} got {len(values)}")
        kinds = self._kinds + self._last * (len(values) - least)
        try:
            made = self._call(*(_fitting(kind, value) for kind, value in zip(kinds, values, strict=True)))
        except (OverflowError, RecursionError, MemoryError):
            raise Refusal("the result is too large") from None
        if isinstance(made, (str, list, dict)) and len(made) > LARGEST:
            raise Refusal("the result is too large")
        return made


def _fitting(kind: str, value: Any) -> Any:
    if kind == "m" and value is MISSING:
        return {}
    value = None if value is MISSING else value
    if kind == "a":
        return value
    wanted, name = _WANTED[kind]
    if isinstance(value, wanted) and not (kind == "i" and isinstance(value, bool)):
        return value
    if value is None:
        raise Refusal(f"invalid value; expected {name}; the value is missing, give it a default")
    advice = "; numbers of settings are floats: use (int …)" if kind == "i" and isinstance(value, float) else ""
    advice = "; use (toString …)" if kind == "s" else advice
    raise Refusal(f"wrong type for value; expected {name}; got {type_name(value)}{advice}")
