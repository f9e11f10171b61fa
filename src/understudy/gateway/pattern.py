"""``url_pattern``: a text with ``{placeholders}``, compiled once, filled per request. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from understudy.gateway import escape

_PLACEHOLDER = re.compile(r"\{([\w\-.:/]+)\}", re.ASCII)
"""Other braces are text, such as those of JSON in a query."""
_SAFE = re.compile(r"[A-Za-z0-9\-_.~]*\Z").match

Fill = Callable[[Mapping[str, str]], str]


def stored_name(name: str) -> str:
    """A parameter's name as it is stored: first letter upper-cased (``id`` becomes ``Id``)."""
    return name[:1].upper() + name[1:]


def internal_form(pattern: str) -> str:
    """The pattern as KrakenD prints it in errors: ``/users/{{.Id}}``."""
    return _PLACEHOLDER.sub(lambda m: "{{." + stored_name(m[1]) + "}}", pattern)


def compiled(pattern: str) -> Fill:
    """A function from parameters to the request-target (path and literal query, escaped).

    Values go in as they are, then the whole is escaped as Go escapes it. A placeholder without a value stays
    literally ``{{.Name}}``, as in KrakenD. The function raises ``EscapeError`` when the result is no URL.
    """
    pieces = _PLACEHOLDER.split(pattern)
    texts, names = pieces[::2], [stored_name(n) for n in pieces[1::2]]
    if not names:
        fixed = escape.target(texts[0])
        return lambda params: fixed
    simple = all(escape.target(t) == t for t in texts)
    if len(names) == 1:
        before, after, name = texts[0], texts[1], names[0]

        def fill_one(params: Mapping[str, str]) -> str:
            value = params.get(name)
            if simple and value is not None and _SAFE(value):
                return before + value + after
            return escape.target(before + (literal(name) if value is None else value) + after)

        return fill_one

    def fill(params: Mapping[str, str]) -> str:
        out, safe = [texts[0]], simple
        for name, text in zip(names, texts[1:], strict=True):
            value = params.get(name)
            if value is None:
                value, safe = literal(name), False
            elif safe and not _SAFE(value):
                safe = False
            out += (value, text)
        joined = "".join(out)
        return joined if safe else escape.target(joined)

    return fill


def unescaped(pattern: str) -> Fill:
    """The same without escaping: how KrakenD's expressions see a backend's path. Never raises."""
    pieces = _PLACEHOLDER.split(pattern)
    names = [stored_name(n) for n in pieces[1::2]]

    def fill(params: Mapping[str, str]) -> str:
        values = [params.get(name, literal(name)) for name in names]
        return "".join(text + value for text, value in zip(pieces[::2], [*values, ""], strict=True))

    return fill


def literal(name: str) -> str:
    """What an unfilled placeholder looks like on the wire, before escaping."""
    return "{{." + name + "}}"
