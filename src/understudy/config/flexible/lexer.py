"""A template's text to tokens: what stands between ``{{`` and ``}}``, and what does not."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

from understudy.config.flexible.failure import TemplateFailure

KEYWORDS = frozenset(("block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"))
_SPACE = " \t\r\n"
_TERMINATORS = frozenset(" \t\r\n.,|:)(")


class Token(NamedTuple):
    """One word of a template.

    ``kind`` is a keyword itself, or text, left, right, space, identifier, field, variable, dot, string, number,
    character, bool, nil, pipe, declare, assign, open, close, comma or end; ``at`` counts characters of the source.
    """

    kind: str
    text: str
    at: int


_ACTION = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<string>"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`)
    |(?P<character>'(?:[^'\\\n]|\\[^\n])+')
    |(?P<declare>:=)|(?P<assign>=)|(?P<pipe>\|)|(?P<open>\()|(?P<close>\))|(?P<comma>,)
    |(?P<number>[+-]?(?:\.?\d[\w.]*(?:(?<=[eEpP])[+-]\d[\w]*)?))
    |(?P<variable>\$\w*)
    |(?P<field>\.[^\W\d]\w*)|(?P<dot>\.)
    |(?P<word>[^\W\d]\w*)""",
    re.X,
)


def line_of(text: str, at: int) -> int:
    """The line of a character, from 1."""
    return text.count("\n", 0, at) + 1


def tokens(text: str, name: str) -> Iterator[Token]:
    """The tokens of a template, with the last one of kind end. Raises TemplateFailure."""
    at = 0
    while True:
        left = text.find("{{", at)
        if left < 0:
            if at < len(text):
                yield Token("text", text[at:], at)
            yield Token("end", "", len(text))
            return
        inside = left + 2
        trims = text[inside:inside + 1] == "-" and text[inside + 1:inside + 2] in _SPACE and inside + 1 < len(text)
        plain = text[at:left].rstrip(_SPACE) if trims else text[at:left]
        if plain:
            yield Token("text", plain, at)
        inside += 2 if trims else 0
        if text.startswith("/*", inside):
            at = _after_comment(text, inside, name)
            continue
        yield Token("left", "{{", left)
        at = yield from _action(text, inside, left, name)


def _after_comment(text: str, at: int, name: str) -> int:
    end = text.find("*/", at)
    if end < 0:
        raise TemplateFailure("unclosed comment", name, line_of(text, at))
    after = _right(text, end + 2)
    if after is None:
        raise TemplateFailure("comment ends before closing delimiter", name, line_of(text, at))
    return after


def _right(text: str, at: int) -> int | None:
    """Where text goes on if an action ends here."""
    if text.startswith("}}", at):
        return at + 2
    if text[at:at + 1] and text[at] in _SPACE and text.startswith("-}}", at + 1):
        after = at + 4
        while after < len(text) and text[after] in _SPACE:
            after += 1
        return after
    return None


def _action(text: str, at: int, left: int, name: str) -> Generator[Token, None, int]:
    """The tokens of one action; returns where text goes on."""
    depth = 0
    while True:
        after = _right(text, at)
        if after is not None:
            if depth:
                raise TemplateFailure("unclosed left paren", name, line_of(text, at))
            yield Token("right", "}}", at)
            return after
        if at >= len(text):
            raise TemplateFailure("unclosed action", name, line_of(text, left))
        found = _ACTION.match(text, at)
        if found is None:
            raise TemplateFailure(_complaint(text, at), name, line_of(text, at))
        kind, word = found.lastgroup or "", found[0]
        if kind == "space":
            word = _short_of_trim(text, at, word)
        elif kind in ("word", "field", "variable"):
            _end_of_word(text, at + len(word), name)
            kind = _word(word) if kind == "word" else kind
        depth += (kind == "open") - (kind == "close")
        if depth < 0:
            raise TemplateFailure("unexpected right paren", name, line_of(text, at))
        yield Token(kind, word, at)
        at += len(word)


def _short_of_trim(text: str, at: int, space: str) -> str:
    """Space without its last character if that belongs to a trim marker."""
    if len(space) > 1 and text.startswith("-}}", at + len(space)):
        return space[:-1]
    return space


def _word(word: str) -> str:
    if word in KEYWORDS:
        return word
    if word in ("true", "false"):
        return "bool"
    return "nil" if word == "nil" else "identifier"


def _end_of_word(text: str, at: int, name: str) -> None:
    if at < len(text) and text[at] not in _TERMINATORS and not text.startswith("}}", at):
        raise TemplateFailure(f"bad character {text[at]!r} after a name", name, line_of(text, at))


def _complaint(text: str, at: int) -> str:
    sign = text[at]
    if sign == '"':
        return "unterminated quoted string"
    if sign == "`":
        return "unterminated raw quoted string"
    if sign == "'":
        return "unterminated character constant; texts stand in double quotes"
    if sign == ":":
        return "expected :="
    if sign in "+-":
        return f"bad number syntax: {text[at:at + 2]!r}"
    return f"unrecognized character in action: {sign!r}"
