"""What a backend's manipulation keys do to its data: target, allow or deny, mapping, group. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from understudy.config.model import Backend
from understudy.gateway import flatmap

Data = dict[str, Any]
Reshape = Callable[[Data], Data | None]


def formatter(backend: Backend) -> Reshape | None:
    """The steps of this backend in KrakenD's order; None when there are none.

    With flatmap operations allow, deny and mapping are ignored, as in KrakenD.
    """
    steps: list[Reshape] = []
    if backend.target:
        path = tuple(backend.target.split("."))
        steps.append(lambda data: target(data, path))
    if backend.flatmap or backend.flatmap_replaces:
        operations = backend.flatmap
        steps.append(lambda data: flatmap.apply(operations, data))
    else:
        if backend.allow:
            allowed = tuple(tuple(a.split(".")) for a in backend.allow)
            steps.append(lambda data: allow(data, allowed))
        elif backend.deny:
            denied = tuple(tuple(d.split(".")) for d in backend.deny)
            steps.append(lambda data: deny(data, denied))
        if backend.mapping:
            renames = {old: new.partition(".")[0] for old, new in backend.mapping.items()}
            steps.append(lambda data: rename(data, renames))
    if backend.group:
        name = backend.group
        steps.append(lambda data: {name: data})
    if not steps:
        return None
    if len(steps) == 1:
        return steps[0]

    def reshape(data: Data) -> Data | None:
        result: Data | None = data
        for step in steps:
            if result is None:
                return None
            result = step(result)
        return result

    return reshape


def target(data: Data, path: Sequence[str]) -> Data:
    """The object at a path; ``{}`` when there is none."""
    node: Any = data
    for key in path:
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def allow(data: Data, paths: Sequence[Sequence[str]]) -> Data:
    """Only what is listed; of two overlapping paths the later one decides."""
    out: Data = {}
    for path in paths:
        node: Any = data
        for key in path:
            if not isinstance(node, dict) or key not in node:
                break
            node = node[key]
        else:
            _put(out, path, node)
    return out


def _put(out: Data, path: Sequence[str], value: Any) -> None:
    for key in path[:-1]:
        child = out.get(key)
        if type(child) is not _Kept:
            # Nothing yet, or a whole object that an earlier path let through: the later path decides.
            child = out[key] = _Kept()
        out = child
    out[path[-1]] = value


class _Kept(dict[str, Any]):
    """An object of which only some keys are let through."""


def deny(data: Data, paths: Sequence[Sequence[str]]) -> Data:
    """Without what is listed; emptied parents stay."""
    for path in paths:
        node: Any = data
        for key in path[:-1]:
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node.pop(path[-1], None)
    return data


def rename(data: Data, names: Mapping[str, str]) -> Data:
    """Top-level keys under their new names; missing ones are ignored."""
    for old, new in names.items():
        if old in data:
            data[new] = data.pop(old)
    return data
