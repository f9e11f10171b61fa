"""YAML as data, from its events: no recursion, no aliases (they are bombs), numbers as written. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from understudy.config import yaml12

DEPTH = 100
LONGEST = 256 * 1024
"""Bytes; longer documents are compared as text, because reading them takes too long."""

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)


class Unreadable(ValueError):
    """No YAML, or more of it than we want to read."""


def read(body: bytes) -> Any:
    """One document as data, several as a list of them; raises ``Unreadable``."""
    if len(body) > LONGEST:
        raise Unreadable("too long")
    try:
        events = yaml.parse(body, Loader=_Base)
        documents = [_document(events) for event in events if isinstance(event, yaml.DocumentStartEvent)]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from None
    return documents[0] if len(documents) == 1 else documents


def _document(events: Iterator[Any]) -> Any:
    """The value of one document. Open containers are on a stack, each with the key that waits for its value."""
    root: list[Any] = []
    stack: list[tuple[Any, list[str]]] = [(root, [])]
    for event in events:
        if isinstance(event, yaml.DocumentEndEvent):
            break
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("aliases")
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            made: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            _add(stack[-1], made)
            stack.append((made, []))
            if len(stack) > DEPTH:
                raise Unreadable("nested too deeply")
        elif isinstance(event, yaml.ScalarEvent):
            _add(stack[-1], _scalar(event))
        else:
            stack.pop()
    return root[0] if root else None


def _add(top: tuple[Any, list[str]], value: Any) -> None:
    container, waiting = top
    if isinstance(container, list):
        container.append(value)
    elif waiting:
        container[waiting.pop()] = value
    elif isinstance(value, (dict, list)):
        raise Unreadable("a key that is no scalar")
    else:
        waiting.append(value if isinstance(value, str) else _key(value))


def _key(value: Any) -> str:
    return bytes(value).decode() if isinstance(value, msgspec.Raw) else msgspec.json.encode(value).decode()


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0]:
        return text
    for tag, pattern in yaml12.Loader.yaml_implicit_resolvers.get(text[:1], ()):
        if pattern.match(text):
            return _resolved(tag.rpartition(":")[2], text)
    return text


def _resolved(kind: str, text: str) -> Any:
    if kind == "bool":
        return text.lower() == "true"
    if kind == "null":
        return None
    if kind in ("int", "float"):
        plain = text.replace("_", "")
        if _JSON_NUMBER.fullmatch(plain):
            return int(plain) if kind == "int" and len(plain) < 4000 else msgspec.Raw(plain)
        # Hexadecimal, octal, infinities: rare enough to be compared as they are written.
    return text
