"""What KrakenD takes although it is hardly meant: weak types and values below zero, said in sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.config.kinds import Kind, shown


def exact(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value has the type that its schema says; 3.0 is an integer, a boolean is none.

    Items count too, but for objects, which are judged where they are read.
    """
    kind = schema.get("type")
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return whole and not isinstance(value, bool)
    if kind == "array":
        items = schema.get("items", {})
        return isinstance(value, list) and (items.get("type") == "object" or all(exact(v, items) for v in value))
    if kind == "object":
        inner = schema.get("additionalProperties", {})
        return isinstance(value, Mapping) and all(exact(item, inner) for item in value.values())
    return True


def converted(value: Any, made: Any, kind: Kind) -> str | None:
    """The end of a sentence about a value of another type that KrakenD converts; None when nothing was converted."""
    if exact(value, kind.schema):
        return None
    if isinstance(made, float):
        return (f"is {shown(value)}, which counts as nanoseconds, as in KrakenD; write a text with a unit, such as "
                '"300ms" or "2s"')  # fmt: skip
    if isinstance(made, tuple):
        whole = "must be a list; as in KrakenD, one value counts as a list of one"
        return f"{whole}; write a list" if not isinstance(value, list) else (
            "has items of another type, which are converted, as in KrakenD; write them as they are meant")  # fmt: skip
    if isinstance(made, (list, Mapping)):
        return f"is {shown(value)}, which is converted, as in KrakenD; write {_plainly(kind)}"
    return f"is {shown(value)}, which counts as {shown(made)}, as in KrakenD; write {_plainly(kind)}"


def _plainly(kind: Kind) -> str:
    return {"string": "a text", "integer": "a whole number without quotes", "boolean": "true or false without quotes",
            "array": "a list", "object": "an object of texts"}[kind.schema["type"]]  # fmt: skip
