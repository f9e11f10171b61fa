"""Sprig's functions for defaults, lists, maps, types and JSON."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

from understudy.config.flexible.calling import Function
from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.json_text import json_text
from understudy.config.flexible.texts import text_of
from understudy.config.flexible.values import bounded, kind_name, same, truth, type_name


def floats(value: Any) -> Any:
    """Plain data with every number a float, as Go reads JSON."""
    if isinstance(value, dict):
        return {key: floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [floats(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 1 << 1023 else math.copysign(math.inf, value)
    return value


def _from_json(text: str) -> Any:
    try:
        return floats(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _must_from_json(text: str) -> Any:
    try:
        return floats(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise Refusal(f"this is not JSON: {error}") from None


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if truth(value)), None)


def _dict(*pairs: Any) -> dict[str, Any]:
    return {text_of(pairs[at]): pairs[at + 1] if at + 1 < len(pairs) else "" for at in range(0, len(pairs), 2)}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Refusal(f"a list is needed, not a value of type {type_name(value)}")
    return value


def _slice(value: Any, *bounds: Any) -> list[Any] | None:
    items = _list(value)
    if not items:
        return None
    places = [int(bound) for bound in bounds if isinstance(bound, (int, float))]
    start, end = (*places, *(0, len(items))[len(places):])[:2]
    if not 0 <= start <= end <= len(items):
        raise Refusal(f"slice bounds out of range [{start}:{end}]")
    return items[start:end]


def _unique(items: list[Any]) -> list[Any]:
    out: list[Any] = []
    for item in items[:10_000]:
        if not any(same(item, known) for known in out):
            out.append(item)
    return out


def _without(value: Any, *gone: Any) -> list[Any]:
    return [item for item in _list(value) if not any(same(item, other) for other in gone)]


def _has(needle: Any, value: Any) -> bool:
    return value is not None and any(same(needle, item) for item in _list(value))


def _chunks(size: int, items: list[Any]) -> list[Any]:
    if size < 1:
        raise Refusal("a chunk needs a size above 0")
    return [items[at:at + size] for at in range(0, len(items), size)]


def _set(target: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    target[key] = value
    return target


def _unset(target: dict[str, Any], key: str) -> dict[str, Any]:
    target.pop(key, None)
    return target


def _keys(*maps: dict[str, Any]) -> list[str]:
    return [key for each in maps for key in sorted(each)]


def _merged(target: dict[str, Any], *sources: dict[str, Any], over: bool, level: int = 0) -> dict[str, Any]:
    """Into the first one; what is there stays, unless it is empty or is to be overwritten."""
    if level > 100:
        raise Refusal("the maps are nested too deeply, or contain themselves")
    for source in sources:
        for key, value in source.items():
            known = target.get(key)
            if isinstance(known, dict) and isinstance(value, dict):
                _merged(known, value, over=over, level=level + 1)
            elif value is not None and (not truth(known) or (over and truth(value))):
                target[key] = value
    return target


def _dig(*arguments: Any) -> Any:
    *keys, default, value = arguments
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in keys):
        raise Refusal("dig needs keys, a default and a map")
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return default
        value = value[key]
    return value


def _fail(message: str) -> str:
    raise Refusal(message)


def _concat(*lists: Any) -> list[Any]:
    return [item for each in lists for item in _list(each)]


def _pick(source: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: source[key] for key in keys if key in source}


def _omit(source: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in source.items() if key not in keys}


def _pluck(key: str, *maps: dict[str, Any]) -> list[Any]:
    return [each[key] for each in maps if key in each]


_APPEND = Function("aa", lambda value, item: [*_list(value), item])
_JSON = Function("a", json_text)
_LIST = Function("a*", lambda *items: list(items))

COLLECTIONS = {
    "default": Function("aa*", lambda given, *value: value[0] if value and truth(value[0]) else given),
    "empty": Function("a", lambda value: not truth(value)), "coalesce": Function("a*", _coalesce),
    "all": Function("a*", lambda *values: all(map(truth, values))),
    "any": Function("a*", lambda *values: any(map(truth, values))),
    "ternary": Function("aab", lambda yes, no, test: yes if test else no),
    "fail": Function("s", _fail),
    "fromJson": Function("s", _from_json), "mustFromJson": Function("s", _must_from_json),
    "toJson": _JSON, "mustToJson": _JSON, "marshal": _JSON,
    "toRawJson": Function("a", lambda value: json_text(value, html=False)),
    "toPrettyJson": Function("a", lambda value: json_text(value, indent="  ")),
    "list": _LIST, "tuple": _LIST,
    "first": Function("a", lambda value: next(iter(_list(value)), None)),
    "last": Function("a", lambda value: next(reversed(_list(value)), None)),
    "rest": Function("a", lambda value: _list(value)[1:]), "initial": Function("a", lambda value: _list(value)[:-1]),
    "append": _APPEND, "push": _APPEND, "prepend": Function("aa", lambda value, item: [item, *_list(value)]),
    "concat": Function("a*", _concat), "reverse": Function("a", lambda value: _list(value)[::-1]),
    "compact": Function("a", lambda value: [item for item in _list(value) if truth(item)]),
    "uniq": Function("a", lambda value: _unique(_list(value))), "without": Function("aa*", _without),
    "has": Function("aa", _has), "slice": Function("aa*", _slice), "chunk": Function("il", _chunks),
    "dict": Function("a*", _dict), "get": Function("ms", lambda source, key: source.get(key, "")),
    "set": Function("msa", _set), "unset": Function("ms", _unset),
    "hasKey": Function("ms", lambda source, key: key in source), "keys": Function("m*", _keys),
    "values": Function("m", lambda source: [source[key] for key in sorted(source)]),
    "pick": Function("ms*", _pick), "omit": Function("ms*", _omit), "pluck": Function("sm*", _pluck),
    "merge": Function("mm*", lambda target, *sources: _merged(target, *sources, over=False)),
    "mergeOverwrite": Function("mm*", lambda target, *sources: _merged(target, *sources, over=True)),
    "dig": Function("aaaa*", _dig), "deepCopy": Function("a", lambda value: copy.deepcopy(bounded(value))),
    "deepEqual": Function("aa", lambda a, b: same(bounded(a), bounded(b))),
    "typeOf": Function("a", type_name), "kindOf": Function("a", kind_name),
    "typeIs": Function("sa", lambda name, value: type_name(value) == name),
    "typeIsLike": Function("sa", lambda name, value: type_name(value) in (name, f"*{name}")),
    "kindIs": Function("sa", lambda name, value: kind_name(value) == name),
}
"""Name to function."""
