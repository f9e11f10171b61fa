"""Where in the text a path of keys and indexes stands. Only asked when there is a problem to report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from json import JSONDecoder
from typing import Any

from understudy.config.formats import Format
from understudy.config.problems import Key

Path = tuple[Key, ...]
Place = tuple[int, int]
"""Line and column, from 1; columns count characters."""


def line_and_column(text: bytes, offset: int) -> Place:
    """Of a byte in a text."""
    before = text[:max(offset, 0)]
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8", "replace")) + 1


def locate(text: bytes, kind: Format, paths: Iterable[Path]) -> dict[Path, tuple[Place, Place]]:
    """For each path: the places of its key and of its value (the same in lists); of its nearest parent if unknown."""
    wanted: dict[Path, tuple[Place, Place] | None] = {}
    for path in paths:
        for length in range(len(path) + 1):
            wanted.setdefault(path[:length], None)
    source = {"json": _json, "yaml": _yaml, "toml": _toml}[kind]
    try:
        for path, places in source(text):
            if path in wanted:
                wanted[path] = places
    except (RecursionError, ValueError):
        pass
    out = {}
    for path in wanted:
        cut = path
        while cut and wanted[cut] is None:
            cut = cut[:-1]
        out[path] = wanted[cut] or ((1, 1), (1, 1))
    return out


_TOKEN = re.compile(r'[ \t\r\n]*(?:([{}\[\],:])|(")|([^\s{}\[\],:"]+))')


def _json(data: bytes) -> Iterator[tuple[Path, tuple[Place, Place]]]:
    """Every member of a valid JSON text, without recursion; a repeated key comes again, so the last one counts."""
    text = data.decode("utf-8", "replace")
    lines = _Lines(text)
    read = JSONDecoder(strict=False).raw_decode
    path: list[Key] = []
    kinds: list[str] = []
    key: Place | None = None
    position = 0
    while True:
        token = _TOKEN.match(text, position)
        if token is None:
            return
        sign = token[1]
        start = token.start(token.lastindex or 0)
        position = token.end()
        if sign in ("}", "]"):
            kinds.pop()
            path.pop()
            continue
        if sign in (",", ":"):
            if sign == "," and kinds[-1] == "[":
                path[-1] = int(path[-1]) + 1
            continue
        if token[2]:
            word, position = read(text, start)
            if kinds and kinds[-1] == "{" and key is None:
                path[-1] = word
                key = lines.place(start)
                continue
        here = lines.place(start)
        yield tuple(path), (key or here, here)
        key = None
        if sign:
            kinds.append(sign)
            path.append(0 if sign == "[" else "")


class _Lines:
    """Character offsets to lines and columns, for offsets that only grow."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line = 1
        self.start = 0
        self.seen = 0

    def place(self, offset: int) -> Place:
        new = self.text.count("\n", self.seen, offset)
        if new:
            self.line += new
            self.start = self.text.rfind("\n", 0, offset) + 1
        self.seen = offset
        return self.line, offset - self.start + 1


def _yaml(data: bytes) -> Iterator[tuple[Path, tuple[Place, Place]]]:
    import yaml

    from understudy.config.yaml12 import loader

    try:
        root: Any = yaml.compose(data, loader())
    except yaml.YAMLError:
        return
    budget = 1_000_000
    stack: list[tuple[Path, Place | None, Any, int]] = [((), None, root, 0)]
    while stack and budget:
        path, key, node, depth = stack.pop()
        budget -= 1
        if node is None or depth > 200:
            continue
        here = node.start_mark.line + 1, node.start_mark.column + 1
        yield path, (key or here, here)
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                mark = name.start_mark
                stack.append(((*path, str(name.value)), (mark.line + 1, mark.column + 1), value, depth + 1))
        elif isinstance(node, yaml.SequenceNode):
            stack.extend(((*path, index), None, value, depth + 1) for index, value in enumerate(node.value))


_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(#.*)?$")
_BARE = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([A-Za-z0-9_-]+))\s*(\.|=|$)')


def _toml(data: bytes) -> Iterator[tuple[Path, tuple[Place, Place]]]:
    """Tables and keys by line; what stands inside a value has the place of its key."""
    counts: dict[Path, int] = {}
    base: Path = ()
    yield (), ((1, 1), (1, 1))
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        place = number, len(line) - len(line.lstrip()) + 1
        header = _HEADER.match(line)
        if header:
            keys = _dotted(header[2])
            if not keys:
                continue
            base = _resolve(tuple(keys[:-1]), counts)
            full: Path = (*base, keys[-1])
            yield full, (place, place)
            if header[1] == "[[":
                counts[full] = counts.get(full, -1) + 1
                full = (*full, counts[full])
                yield full, (place, place)
            base = _resolve_last(full, counts)
            continue
        words = _dotted(line)
        if words and "=" in line:
            path = (*base, *words)
            yield path, (place, place)


def _resolve(keys: Path, counts: Mapping[Path, int]) -> Path:
    path: Path = ()
    for key in keys:
        path = (*path, key)
        if path in counts:
            path = (*path, counts[path])
    return path


def _resolve_last(path: Path, counts: Mapping[Path, int]) -> Path:
    return (*path, counts[path]) if path in counts else path


def _dotted(text: str) -> list[Key]:
    keys: list[Key] = []
    position = 0
    while True:
        found = _BARE.match(text, position)
        if found is None:
            return []
        keys.append(next(part for part in found.groups()[:3] if part is not None))
        position = found.end()
        if found[4] != ".":
            return keys
