"""Collecting problems while reading on, and reading one object by its table of keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from understudy.config.kinds import Kind, Wrong, meant, shown
from understudy.config.lenient import converted
from understudy.config.problems import Key, Problem

Path = tuple[Key, ...]
COMMENT = frozenset("@$_#")
"""A key that begins with one of these is a comment, as in KrakenD's schema."""
WEAK = "weak_type"
"""Code of warnings about converted values; those of the environment are always texts, and get none."""


class Known(Struct, frozen=True):
    """A key: what it takes, one line for people, and a note when it has no effect."""

    kind: Kind
    doc: str
    no_effect: str = ""
    """Why the key does nothing here; non-empty makes a warning wherever the key is used."""
    below_zero: str = "it counts as 0"
    """What a number or duration below zero means; empty where it is right, or is judged elsewhere."""


Table = Mapping[str, Known]


class Notes:
    """The problems found so far. Reading goes on after each, so that all of them are reported at once."""

    def __init__(self, run_without: frozenset[str] = frozenset()) -> None:
        self.problems: list[Problem] = []
        self.run_without = run_without
        """Namespaces that the file itself says can be left out."""

    def error(self, path: Path, message: str, code: str = "value") -> None:
        """Something that keeps the configuration from running."""
        self.problems.append(Problem(path=path, message=message, code=code))

    def warn(self, path: Path, message: str, code: str = "value") -> None:
        """Something allowed that is ignored, dangerous, or different from KrakenD."""
        self.problems.append(Problem(path=path, message=message, severity="warning", code=code))

    def failed(self, tolerated: Collection[str] = ()) -> bool:
        """Whether any error was found whose code is not among these."""
        return any(p.severity == "error" and p.code not in tolerated for p in self.problems)


def read_section(section: Mapping[str, Any], table: Table, path: Path, notes: Notes) -> dict[str, Any]:
    """The known keys of an object, converted; keys match without regard to case, as in KrakenD; null is absent.

    Wrong values are errors. Unknown keys are warnings, and so are keys that have no effect and converted values.
    """
    out: dict[str, Any] = {}
    for key, value in section.items():
        name = key
        known = table.get(key)
        if known is None:
            name = key.lower()
            known = table.get(name)
            if known is None:
                if key[:1] not in COMMENT:
                    _unknown(key, table, path, notes)
                continue
            if name in section:
                continue
        if known.no_effect:
            notes.warn((*path, key), f'"{key}" has no effect: {known.no_effect}.', "no_effect")
        if value is not None:
            try:
                out[name] = known.kind.read(value)
            except Wrong as wrong:
                notes.error((*path, key, *wrong.at), f'"{key}" {wrong}.', "type")
                continue
            _question(key, value, out[name], known, (*path, key), notes)
    return out


def _question(key: str, value: Any, made: Any, known: Known, path: Path, notes: Notes) -> None:
    """Say what KrakenD takes without a word."""
    weak = converted(value, made, known.kind)
    if weak is not None and not known.no_effect:
        notes.warn(path, f'"{key}" {weak}.', WEAK)
    if isinstance(made, (int, float)) and made < 0 and known.below_zero:
        notes.warn(path, f'"{key}" is {shown(value)}, which is below zero: {known.below_zero}; write 0 or more.',
                   "below_zero")


def read_strict(section: object, table: Table, path: Path, notes: Notes) -> dict[str, Any]:
    """The same for an object of ours: keys match exactly, an unknown key is an error, and null is a wrong value."""
    if not isinstance(section, Mapping):
        notes.error(path, f'"{path[-1]}" must be an object, not {shown(section)}.', "type")
        return {}
    out: dict[str, Any] = {}
    for key, value in section.items():
        known = table.get(key)
        if known is None:
            if key[:1] not in COMMENT:
                notes.error((*path, key), _stranger(key, table, "not known"), "unknown_key")
            continue
        try:
            out[key] = known.kind.read(value)
        except Wrong as wrong:
            notes.error((*path, key, *wrong.at), f'"{key}" {wrong}.', "type")
    return out


def read_lenient(section: object, table: Table, path: Path, notes: Notes) -> dict[str, Any]:
    """The same for a component's block, in which KrakenD ignores what it cannot use: every problem is a warning."""
    if not isinstance(section, Mapping):
        notes.warn(path, f'"{path[-1]}" is ignored: it must be an object, not {shown(section)}.', "ignored")
        return {}
    out: dict[str, Any] = {}
    for key, value in section.items():
        known = table.get(key)
        if known is None:
            if key[:1] not in COMMENT:
                _unknown(key, table, path, notes)
            continue
        if known.no_effect:
            notes.warn((*path, key), f'"{key}" has no effect: {known.no_effect}.', "no_effect")
        if value is not None:
            try:
                out[key] = known.kind.read(value)
            except Wrong as wrong:
                notes.warn((*path, key, *wrong.at), f'"{key}" is ignored, as in KrakenD: it {wrong}.', "ignored")
    return out


_RENAMED = {"headers_to_pass": "input_headers", "querystring_params": "input_query_strings", "whitelist": "allow",
            "blacklist": "deny", "backends": "backend", "hosts": "host", "max_shutdown_wait": "max_shutdown_wait_time"}


def _stranger(key: str, table: Table, what: str) -> str:
    new = _RENAMED.get(key.lower())
    hint = f'; did you mean "{new}"?' if new in table else meant(key, list(table))
    return f'the key "{key}" is {what}{hint or "; remove it, or begin its name with # to keep it as a comment."}'


def _unknown(key: str, table: Table, path: Path, notes: Notes) -> None:
    notes.warn((*path, key), _stranger(key, table, "not known and is ignored"), "unknown_key")
