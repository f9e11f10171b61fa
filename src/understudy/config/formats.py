"""A file's bytes to plain data, by the name's ending: JSON, YAML or TOML. Nothing is imported that is not needed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Format = Literal["json", "yaml", "toml"]


class SyntaxProblem(Exception):
    """The text is not what its name promises. ``offset`` counts bytes; ``line`` and ``column`` count from 1."""

    def __init__(self, message: str, offset: int = -1, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.offset = offset
        self.line = line
        self.column = column


def format_of(name: str) -> Format:
    """By the ending, as in KrakenD: ``.yml`` and ``.yaml``, ``.toml``, and JSON for everything else."""
    lower = name.lower()
    if lower.endswith((".yaml", ".yml")):
        return "yaml"
    return "toml" if lower.endswith(".toml") else "json"


def parse(text: bytes, kind: Format) -> Any:
    """Plain data: dict with text keys, list, str, int, float, bool, None. Raises SyntaxProblem."""
    try:
        if kind == "json":
            return _json(text)
        return _yaml(text) if kind == "yaml" else _toml(text)
    except RecursionError:
        raise SyntaxProblem("the values are nested too deeply") from None


def _json(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        message, offset = _json_reason(str(error), text)
        raise SyntaxProblem(message, offset) from None
    except UnicodeDecodeError as error:
        raise SyntaxProblem("the text is not UTF-8", error.start) from None


def _json_reason(reason: str, text: bytes) -> tuple[str, int]:
    head, _, tail = reason.rpartition(" (byte ")
    offset = int(tail.rstrip(")")) if tail.rstrip(")").isdigit() else len(text)
    if not text.strip():
        return "the file is empty", 0
    if not head:
        return ("the text ends too early; a bracket, brace or quote is not closed" if "truncated" in reason
                else reason), offset
    at, before = text[offset:offset + 1], text[:offset].rstrip()[-1:]
    if offset == 0 and text[:3] == b"\xef\xbb\xbf":
        return "the file begins with a byte order mark; save it as UTF-8 without one", 0
    if at == b"/" or at == b"#":
        return "JSON has no comments; remove it, or use a key that begins with #", offset
    if at in (b"}", b"]") and before == b",":
        return "there is a comma too much before the closing bracket", offset
    if at == b"'":
        return "JSON texts stand in double quotes", offset
    return head.removeprefix("JSON is malformed: "), offset


def _yaml(text: bytes) -> Any:
    import yaml

    from understudy.config.yaml12 import loader

    try:
        return plain(yaml.load(text, loader()))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = ", ".join(part for part in (error.context, error.problem) if part) or "the text is not YAML"
        raise SyntaxProblem(why, line=mark.line + 1 if mark else 0, column=mark.column + 1 if mark else 0) from None
    except (yaml.YAMLError, ValueError, OverflowError, UnicodeDecodeError) as error:
        raise SyntaxProblem(f"the text is not YAML: {str(error).splitlines()[0]}") from None


def _toml(text: bytes) -> Any:
    import re
    import tomllib

    try:
        return plain(tomllib.loads(text.decode()))
    except UnicodeDecodeError as error:
        raise SyntaxProblem("the text is not UTF-8", error.start) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", str(error), re.S)
        if found:
            raise SyntaxProblem(found[1], line=int(found[2]), column=int(found[3])) from None
        raise SyntaxProblem(re.sub(r" \(at end of document\)$", " at the end", str(error)),
                            line=text.count(b"\n") + 1) from None


def plain(value: Any, seen: dict[int, Any] | None = None) -> Any:
    """The same as JSON would have it: keys are text, dates are text. Shared parts stay shared; cycles are refused."""
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    seen = {} if seen is None else seen
    known = seen.get(id(value))
    if known is not None:
        if known is seen:
            raise SyntaxProblem("a value contains itself")
        return known
    seen[id(value)] = seen
    made: Any
    if isinstance(value, Mapping):
        made = {_key(key): plain(item, seen) for key, item in value.items()}
    elif isinstance(value, (list, tuple, set)):
        made = [plain(item, seen) for item in value]
    else:
        made = value.isoformat() if hasattr(value, "isoformat") else str(value)
    seen[id(value)] = made
    return made


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
