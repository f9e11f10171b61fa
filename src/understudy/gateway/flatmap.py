"""``flatmap_filter``: move, delete and append inside data, by dotted paths with ``*`` for every element. Pure.

Data is changed in place: it belongs to one answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from understudy.config.model import FlatmapOp
from understudy.gateway.types import Ask, Proxy, Reply

Path = tuple[str, ...]
_GONE = object()


def apply(operations: Sequence[FlatmapOp], data: dict[str, Any]) -> dict[str, Any] | None:
    """All operations in order."""
    for operation in operations:
        if operation.type == "del":
            for path in operation.args:
                _delete(data, path)
        elif operation.type == "move":
            _move(data, operation.args[0], operation.args[1])
        else:
            _append(data, operation.args[0], operation.args[1])
    return data


def _index(node: list[Any], key: str) -> int | None:
    return int(key) if key.isdigit() and int(key) < len(node) else None


def _places(node: Any, path: Path, found: Path = ()) -> Iterator[Path]:
    """The concrete paths that a path with stars stands for, where something is."""
    if not path:
        yield found
        return
    key, rest = path[0], path[1:]
    if isinstance(node, dict):
        if key == "*":
            for name in list(node):
                yield from _places(node[name], rest, (*found, name))
        elif key in node:
            yield from _places(node[key], rest, (*found, key))
    elif isinstance(node, list):
        if key == "*":
            for i, item in enumerate(node):
                yield from _places(item, rest, (*found, str(i)))
        else:
            at = _index(node, key)
            if at is not None:
                yield from _places(node[at], rest, (*found, key))


def _parent(data: Any, path: Path) -> Any:
    node = data
    for key in path[:-1]:
        if isinstance(node, dict):
            node = node.get(key, _GONE)
        elif isinstance(node, list):
            at = _index(node, key)
            node = node[at] if at is not None else _GONE
        else:
            return _GONE
    return node


def _take(data: Any, path: Path) -> Any:
    """Removes what is at a concrete path and returns it."""
    node, key = _parent(data, path), path[-1]
    if isinstance(node, dict):
        return node.pop(key, _GONE)
    if isinstance(node, list):
        at = _index(node, key)
        return node.pop(at) if at is not None else _GONE
    return _GONE


def _delete(data: Any, path: Path) -> None:
    # From the back, so that indexes of one list stay right while it shrinks.
    for place in reversed(list(_places(data, path))):
        _take(data, place)


def _put(data: Any, path: Path, value: Any) -> None:
    node = data
    for key in path[:-1]:
        if isinstance(node, list):
            at = _index(node, key)
            if at is None:
                return
            node = node[at]
        elif isinstance(node, dict):
            child = node.get(key)
            if not isinstance(child, (dict, list)):
                child = node[key] = {}
            node = child
        else:
            return
    if isinstance(node, dict):
        node[path[-1]] = value
    elif isinstance(node, list):
        at = _index(node, path[-1])
        if at is not None:
            node[at] = value


def _move(data: Any, source: Path, target: Path) -> None:
    stars = [i for i, key in enumerate(source) if key == "*"]
    for place in list(_places(data, source)):
        matched = iter([place[i] for i in stars])
        concrete = tuple(next(matched, "0") if key == "*" else key for key in target)
        value = _take(data, place)
        if value is not _GONE:
            _put(data, concrete, value)


def _append(data: Any, source: Path, target: Path) -> None:
    for into in list(_places(data, target)):
        node = _parent(data, into)
        at = node[into[-1]] if isinstance(node, dict) else node[int(into[-1])]
        if not isinstance(at, list):
            continue
        for place in list(_places(data, source)):
            holder = _parent(data, place)
            value = holder[place[-1]] if isinstance(holder, dict) else holder[int(place[-1])]
            if isinstance(value, list) and value is not at:
                _take(data, place)
                at.extend(value)
        return


def with_flatmap(proxy: Proxy, operations: Sequence[FlatmapOp]) -> Proxy:
    """The proxy with the operations applied to merged data; with any failed part it stays as it is (KrakenD)."""

    async def wrapped(ask: Ask) -> Reply | None:
        reply = await proxy(ask)
        if reply is not None and reply.data is not None and not reply.errors:
            reply.data = apply(operations, reply.data)
        return reply

    return wrapped
