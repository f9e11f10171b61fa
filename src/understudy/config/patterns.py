"""Regular expressions as KrakenD's components take them (RE2's syntax), matched in time linear in the text. Pure.

Python's own engine backtracks: a pattern such as ``(x+x+)+y`` and thirty letters from a client would hold a worker for
minutes. The engine here is the one of the JSON schema library (Rust's ``regex``), which reads JavaScript's spelling:
what RE2 spells differently is translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Search = Callable[[str], bool]
"""Whether the pattern occurs in the text."""

_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t ", "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-\/:-@\[-`\{-~",
    "space": r"\t\n\v\f\r ", "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_TOKEN = re.compile(
    r"\\Q(?P<quoted>.*?)(?:\\E|\Z)|\\(?P<script>[pP])(?P<letter>[A-Z])|\\x\{(?P<hex>[0-9a-fA-F]{1,6})\}|\[:(?P<named>[a-z]+):\]"
    r"|(?P<begin>\\A)|(?P<end>\\z)|(?P<bell>\\a)|(?P<group>\(\?P<)|\\.",
    re.DOTALL,
)
_DOT = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:[a-z]+:\]|[^\]\\])*\]|(\.)", re.DOTALL)
_FLAGS = re.compile(r"\(\?([ims]+)\)")
_META = re.compile(r"[\\^$.*+?()[\]{}|/-]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def searching(pattern: str) -> Search:
    """The function that looks for a pattern. Raises ``ValueError`` when it is none, or needs backtracking."""
    return any_of([pattern])


def any_of(patterns: list[str]) -> Search:
    """The function that looks for any of some patterns; every one of them is looked at when it is made."""
    import jsonschema_rs

    schema = {"anyOf": [{"pattern": translated(pattern)} for pattern in patterns]} if patterns else False
    try:
        valid = jsonschema_rs.Draft7Validator(schema, pattern_options=jsonschema_rs.RegexOptions()).is_valid
    except ValueError:
        wrong = next((p for p in patterns if not _accepted(p)), patterns[0])
        raise ValueError(f'"{wrong}" is no regular expression of RE2\'s kind') from None

    def search(text: str) -> bool:
        found: bool = valid(text if text.isascii() else _SURROGATES.sub("\ufffd", text))
        return found

    return search


def _accepted(pattern: str) -> bool:
    import jsonschema_rs

    try:
        jsonschema_rs.Draft7Validator({"pattern": translated(pattern)}, pattern_options=jsonschema_rs.RegexOptions())
    except ValueError:
        return False
    return True


def translated(pattern: str) -> str:
    r"""RE2's spelling to JavaScript's, where they differ: ``(?i)x``, ``(?P<n>x)``, ``\z``, ``[[:alpha:]]``."""
    flags = _FLAGS.match(pattern)
    if flags:
        rest = pattern[flags.end() :]
        if "s" in flags[1]:
            rest = _DOT.sub(lambda found: r"[\s\S]" if found[1] else found[0], rest)
        return f"(?{flags[1].replace('s', '') or 's'}:{translated(rest)})"
    return _TOKEN.sub(_spelled, pattern)


def _spelled(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind == "quoted":
        return _META.sub(r"\\\g<0>", found["quoted"])
    if kind == "letter":
        return f"\\{found['script']}{{{found['letter']}}}"
    if kind == "hex":
        code = int(found["hex"], 16)
        return _META.sub(r"\\\g<0>", chr(code)) if code < 0x110000 and not 0xD800 <= code < 0xE000 else found[0]
    if kind == "named":
        return _CLASSES.get(found["named"], found[0])
    words: dict[str | None, str] = {"begin": "^", "end": "$", "bell": r"\x07", "group": "(?<"}
    return words.get(kind, found[0])


def translated_schema(schema: Any) -> Any:
    """A JSON schema whose patterns are in JavaScript's spelling; what is data in it stays as it is."""
    if isinstance(schema, list):
        return [translated_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "pattern" and isinstance(value, str):
            out[key] = translated(value)
        elif key == "patternProperties" and isinstance(value, dict):
            out[key] = {translated(name): translated_schema(item) for name, item in value.items()}
        else:
            out[key] = value if key in ("enum", "const", "default", "examples") else translated_schema(value)
    return out
