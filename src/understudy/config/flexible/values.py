"""What values are to a template: which of them are true, what Go calls their types, and how they compare."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from understudy.config.flexible.failure import Refusal


class _Missing:
    """Nothing at all: what an absent key is, unlike ``None``, which is a value that a file wrote as null."""

    def __repr__(self) -> str:
        return "<no value>"


MISSING = _Missing()


def truth(value: Any) -> bool:
    """Empty texts, lists and maps, zero, false and nothing are false."""
    return value is not MISSING and bool(value)


def type_name(value: Any) -> str:
    """As Go writes it."""
    if value is None or value is MISSING:
        return "<nil>"
    for kind, name in ((bool, "bool"), (int, "int"), (float, "float64"), (str, "string"), (list, "[]interface {}"),
                       (dict, "map[string]interface {}"), (datetime, "time.Time")):
        if isinstance(value, kind):
            return name
    return type(value).__name__


def kind_name(value: Any) -> str:
    """The kind of the type: slice, map and so on."""
    if value is None or value is MISSING:
        return "invalid"
    return {"[]interface {}": "slice", "map[string]interface {}": "map", "time.Time": "struct"}.get(
        type_name(value), type_name(value))


def _basic(value: Any) -> str:
    name = type_name(value)
    return name if name in ("bool", "int", "float64", "string") else ""


def equal(first: Any, second: Any) -> bool:
    """As ``eq``. Raises Refusal for values that do not compare, such as an int and a number of a settings file."""
    one, two = _basic(first), _basic(second)
    none = [value is None or value is MISSING for value in (first, second)]
    if one != two:
        if any(none):
            return False
        raise Refusal(f"incompatible types for comparison: {type_name(first)} and {type_name(second)}"
                      f"{_advice(one, two)}")
    if one:
        return bool(first == second)
    if any(none):
        return all(none)
    raise Refusal(f"non-comparable types {type_name(first)} and {type_name(second)}")


def less(first: Any, second: Any) -> bool:
    """As ``lt``. Raises Refusal."""
    one, two = _basic(first), _basic(second)
    if not one or not two or one == two == "bool":
        raise Refusal(f"invalid type for comparison: {type_name(first if one in ('', 'bool') else second)}")
    if one != two:
        raise Refusal(f"incompatible types for comparison: {type_name(first)} and {type_name(second)}"
                      f"{_advice(one, two)}")
    return bool(first < second)


def _advice(one: str, two: str) -> str:
    return "; numbers of settings are floats: write 8080.0, or (int .x)" if {one, two} == {"int", "float64"} else ""


MEMBERS = 1_000_000
"""How many values a list or map may hold, all levels counted, to be printed."""
CHARACTERS = 32 * 1024 * 1024
"""How long their texts may be together."""
DEEPEST = 100
"""How deep lists and maps may stand in each other."""


def bounded(value: Any) -> Any:
    """The same value. Raises Refusal if it holds too much to be printed, as a value that contains itself does."""
    level = [value]
    members = characters = 0
    for _ in range(DEEPEST):
        level = [item for item in level if isinstance(item, (list, dict))]
        if not level:
            return value
        members += sum(map(len, level))
        if members > MEMBERS:
            break
        level = [item for held in level for item in (held.values() if isinstance(held, dict) else held)]
        characters += sum(len(item) for item in level if isinstance(item, str))
        if characters > CHARACTERS:
            break
    raise Refusal("the value is too large, too deep, or contains itself")


def same(first: Any, second: Any) -> bool:
    """Deeply equal, types too: true is not 1, and 1 is not 1.0."""
    if type(first) is not type(second):
        return False
    if isinstance(first, list):
        return len(first) == len(second) and all(same(a, b) for a, b in zip(first, second, strict=True))
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    return bool(first == second)


def wrapped(number: int) -> int:
    """A 64 bit integer, as Go's arithmetic leaves it."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)
