"""The patterns in which rules name places in answers: read, or refused with a reason. Pure.

``$.items[*].price`` is a place in a body; ``[3]`` one index, ``*`` any key or a part of one (``$.*_at``), ``{*}`` any
key, ``["any name"]`` a key that is no word, ``..`` any number of steps (``$..id``). Outside bodies there are
``$status``, ``$header.NAME``, and ``$body`` for a whole one.
"""

from __future__ import annotations

import json
import re

STATUS = "$status"
BODY = "$body"
HEADER = "$header."


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
            raise ValueError(f'cannot be read from "{text[at : at + 20]}" on: after "$" write .name, ["any name"], '
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
