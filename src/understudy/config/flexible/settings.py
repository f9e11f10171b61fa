"""Settings files to the data of a template: each file is a variable named after it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from understudy.config.flexible.data import floats
from understudy.config.formats import SyntaxProblem, format_of, parse
from understudy.config.kinds import shown
from understudy.config.places import line_and_column

ENDINGS = (".json", ".yaml", ".yml", ".toml", ".env")
"""What is read, in this order: of two files with one name the first counts."""


class Settings(NamedTuple):
    """Values by name, and sentences.

    ``failures`` are about files that stop the gateway, as in KrakenD; ``warnings`` are about files that KrakenD's
    community edition would not read at all.
    """

    values: dict[str, Any]
    failures: tuple[str, ...]
    warnings: tuple[str, ...]


def read_settings(files: Iterable[tuple[str, bytes]]) -> Settings:
    """Of names and contents. Numbers are floats, whatever the format."""
    values: dict[str, Any] = {}
    failures: list[str] = []
    warnings: list[str] = []
    known = [(name, text) for name, text in files if name.endswith(ENDINGS)]
    for name, text in sorted(known, key=lambda pair: (_rank(pair[0]), pair[0])):
        stem, _, ending = name.rpartition(".")
        foreign = ending != "json"
        if stem in values:
            warnings.append(f'the settings file "{name}" is ignored: another file of that name goes before it.')
            continue
        try:
            values[stem] = _values(name, text)
        except SyntaxProblem as problem:
            if foreign:
                warnings.append(f'the settings file "{name}" is ignored: {_placed(problem, text)}.')
            else:
                failures.append(f"{name}: {_placed(problem, text)}")
            continue
        if foreign:
            warnings.append(f'the settings file "{name}" is read here; KrakenD\'s community edition reads only JSON.')
    return Settings(values, tuple(failures), tuple(warnings))


def _rank(name: str) -> int:
    return next(rank for rank, ending in enumerate(ENDINGS) if name.endswith(ending))


def _values(name: str, text: bytes) -> dict[str, Any]:
    root = _assigned(text) if name.endswith(".env") else parse(text, format_of(name))
    if not isinstance(root, dict):
        raise SyntaxProblem(f"settings must be an object, not {shown(root)}", 0)
    made = floats(root)
    assert isinstance(made, dict)
    return made


_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)", re.ASCII)


def _assigned(text: bytes) -> dict[str, str]:
    """``NAME=value`` lines; ``#`` begins a comment line, quotes around a value are taken off."""
    out = {}
    try:
        lines = text.decode().splitlines()
    except UnicodeDecodeError as error:
        raise SyntaxProblem("the text is not UTF-8", error.start) from None
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        found = _ASSIGNMENT.fullmatch(line)
        if found is None:
            raise SyntaxProblem("a line must be NAME=value", line=number, column=1)
        value = found[2]
        quoted = len(value) > 1 and value[0] in "\"'" and value[0] == value[-1]
        out[found[1]] = value[1:-1] if quoted else value
    return out


def _placed(problem: SyntaxProblem, text: bytes) -> str:
    line = line_and_column(text, problem.offset)[0] if problem.offset >= 0 else problem.line
    return f"line {line}: {problem}" if line else str(problem)
