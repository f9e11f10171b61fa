"""Paths into answers: the canonical ones of differences, and the patterns that rules are written in. Pure.

``$.items[*].price`` is a place in a body, ``$status`` the status, ``$header.content-type`` a header, ``$body`` a body
that is no data. In a canonical path ``[*]`` is any index, and ``{*}`` any key of an object that has more than
``MANY`` of them. A pattern may also have ``*`` within a name, an index (``[3]``), and ``..`` for any depth.
"""

from __future__ import annotations

import hashlib
import json
import re

STATUS = "$status"
BODY = "$body"
HEADER = "$header."
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


class Key:
    """A step of a pattern: a key with this name, or (``*``) any that fits."""

    __slots__ = ("fits", "name")

    def __init__(self, name: str, quoted: bool = False) -> None:
        self.name = name
        self.fits = None if quoted or "*" not in name else \
            re.compile("".join(".*" if c == "*" else re.escape(c) for c in name), re.DOTALL).fullmatch

    def takes(self, key: str) -> bool:
        """Whether this is the key."""
        return key == self.name if self.fits is None else self.fits(key) is not None


class Index:
    """A step of a pattern: this element of a list, or any."""

    __slots__ = ("number",)

    def __init__(self, number: int | None) -> None:
        self.number = number


class Descend:
    """A step of a pattern: any number of steps."""

    __slots__ = ()


Step = Key | Index | Descend
Pattern = tuple[Step, ...]

_STEP = re.compile(
    r"""(?P<deep>\.\.)(?=[^.\[{])     # ..name
      | \.(?=[^.\[{])                 # .name
      | \[\s*(?P<any>\*)\s*\]         # [*]
      | \[\s*(?P<index>\d{1,9})\s*\]  # [3]
      | \[\s*(?P<quoted>"(?:[^"\\]|\\.)*"|'[^'\\]*')\s*\]
      | (?P<map>\{\*\})
    """, re.VERBOSE)  # fmt: skip
_NAME = re.compile(r"[^.\[\]{}\s\"']+")
_MOST_STEPS = 64
_MOST_DESCENTS = 4


def pattern(text: str) -> Pattern:
    """A pattern's steps; raises ValueError with the end of a sentence that begins with the pattern."""
    if not text.startswith("$"):
        raise ValueError(f'must begin with "$", as in "$.{text.lstrip("./") or "name"}"')
    steps: list[Step] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise ValueError(f'cannot be read from "{text[at : at + 20]}" on: after "$" come .name, ["any name"], '
                             "[*], [3], {*} and ..name")
        at = found.end()
        if found["deep"]:
            steps.append(Descend())
        if found["any"] or found["index"]:
            steps.append(Index(int(found["index"]) if found["index"] else None))
        elif found["map"]:
            steps.append(Key("*"))
        elif found["quoted"]:
            steps.append(Key(_unquoted(found["quoted"]), quoted=True))
        else:
            name = _NAME.match(text, at)
            if name is None:
                raise ValueError(f'has no name after "{text[:at]}"')
            steps.append(Key(name.group()))
            at = name.end()
    if len(steps) > _MOST_STEPS or sum(isinstance(s, Descend) for s in steps) > _MOST_DESCENTS:
        raise ValueError(f'may have at most {_MOST_STEPS} steps, and ".." at most {_MOST_DESCENTS} times')
    return tuple(steps)


def _unquoted(text: str) -> str:
    if text[0] == "'":
        return text[1:-1]
    try:
        return str(json.loads(text))
    except ValueError:
        raise ValueError(f"has a quoted name that is no JSON text: {text}") from None


def outside_bodies(text: str) -> bool:
    """Whether the text names the status, a header, or a whole body."""
    return text in (STATUS, BODY) or (text.startswith(HEADER) and len(text) > len(HEADER))


def wrong_pattern(text: str, *, outside: bool = False) -> str | None:
    """Why this cannot be a rule's path, as the end of a sentence; ``outside`` bodies, status and headers may be one."""
    if outside_bodies(text):
        return None if outside else 'must lead into a body, as in "$.items"'
    try:
        pattern(text)
    except ValueError as error:
        return str(error)
    return None
