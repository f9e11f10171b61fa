"""Canonical paths: which place in an answer, whatever its index, and whatever its key where keys are data. Pure.

``$.items[*].price`` is a place in a body, ``$status`` the status, ``$header.content-type`` a header, ``$body`` a body
that is no data. ``[*]`` is any index, and ``{*}`` any key of an object that has more than ``MANY`` of them. What they
are written in is a part of the language of ``config.rule_paths``, so that a path can be used as a rule as it is.
"""

from __future__ import annotations

import hashlib
import json
import re

MANY = 64
"""An object with more keys, on both sides together, is taken for a map: its keys are data."""
LONGEST = 400
"""Characters of a path; a longer one is cut and gets a digest."""

_PLAIN = re.compile(r"[^\W\d][\w-]*")
_KEY = 80


class Node:
    """A place in a body, as a chain to the root; made for every container that is looked into, so kept small."""

    __slots__ = ("key", "many", "parent")

    def __init__(self, parent: Node | None, key: str | int, many: bool) -> None:
        self.parent = parent
        self.key = key
        self.many = many
        """Whether ``key`` is one of very many, so that the canonical path has ``{*}`` for it."""


ROOT = Node(None, "$", False)


def canonical(node: Node) -> str:
    """The path with wildcards for indices and for keys that are data."""
    return _text(node, exact=False)


def place(node: Node) -> str:
    """The path with its indices and keys."""
    return _text(node, exact=True)


def _text(node: Node, exact: bool) -> str:
    parts: list[str] = []
    at: Node | None = node
    while at is not None and at.parent is not None:
        if isinstance(at.key, int):
            parts.append(f"[{at.key}]" if exact else "[*]")
        elif at.many and not exact:
            parts.append("{*}")
        else:
            parts.append(named(at.key))
        at = at.parent
    return bounded("$" + "".join(reversed(parts)))


def named(key: str) -> str:
    """One key as a step of a path: ``.name``, or quoted when it is no plain word."""
    if len(key) > _KEY:
        key = f"{key[:_KEY]}…{_digest(key)}"
    return "." + key if _PLAIN.fullmatch(key) else f"[{json.dumps(key)}]"


def bounded(path: str) -> str:
    """A path that is never longer than ``LONGEST``, and still its own."""
    return path if len(path) <= LONGEST else f"{path[: LONGEST - 9]}…{_digest(path)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
