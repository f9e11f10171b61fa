"""Which endpoint a path and method belong to. Pure; built once.

The rules are those of the router in KrakenD: static segments win over parameters (with backtracking), a parameter is
one non-empty segment, and a path that misses by a slash, by letter case or by ``//`` and ``..`` is redirected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Generic, TypeVar

from understudy.gateway.pattern import stored_name

T = TypeVar("T")

_STRICT_PARAM = re.compile(r"\{([a-zA-Z\-_0-9]+)\}")
_RELAXED_PARAM = re.compile(r"\{([\w\-.:/]+)\}")

Segment = tuple[str, str | None]
"""Literal text, and the name of the parameter after it (None: there is none)."""


class RouteConflict(ValueError):
    """Two routes cannot stand side by side; the text names both."""


class Found(Generic[T]):
    """A route: what was registered, and the captured values by parameter name."""

    __slots__ = ("params", "route")

    def __init__(self, route: T, params: dict[str, str]) -> None:
        self.route = route
        self.params = params


class Redirect:
    """The path that would have been found."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path


class NotAllowed:
    """The path exists, for these methods only (in order of declaration)."""

    __slots__ = ("methods",)

    def __init__(self, methods: tuple[str, ...]) -> None:
        self.methods = methods


class _Leaf(Generic[T]):
    __slots__ = ("names", "path", "route")

    def __init__(self, path: str, names: tuple[str, ...], route: T) -> None:
        self.path = path
        self.names = names
        self.route = route


class _Node(Generic[T]):
    __slots__ = ("any", "folded", "leaf", "name", "prefixed", "static")

    def __init__(self) -> None:
        self.static: dict[str, _Node[T]] = {}
        self.folded: dict[str, list[tuple[str, _Node[T]]]] = {}
        """The same by casefolded text, so that a miss costs nothing more where there are many names."""
        self.any: _Node[T] | None = None
        self.name = ""
        self.prefixed: tuple[tuple[str, str, _Node[T]], ...] = ()
        """Parameters after literal text (``disable_rest``): text, name, node; the longest text first."""
        self.leaf: _Leaf[T] | None = None

    def child(self, text: str) -> _Node[T]:
        """The node of a static segment, made when it is new."""
        found = self.static.get(text)
        if found is None:
            found = self.static[text] = _Node()
            self.folded.setdefault(text.casefold(), []).append((text, found))
        return found


    def parameter(self, prefix: str, name: str) -> tuple[_Node[T], str]:
        """The node of a parameter after this text, made when it is new, and the name that it has."""
        if not prefix:
            if self.any is None:
                self.any = _Node()
                self.name = name
            return self.any, self.name
        for text, known, node in self.prefixed:
            if text == prefix:
                return node, known
        made: _Node[T] = _Node()
        self.prefixed = tuple(sorted((*self.prefixed, (prefix, name, made)), key=lambda p: -len(p[0])))
        return made, name


class _Tree(Generic[T]):
    """The routes of one method."""

    __slots__ = ("fixed", "root")

    def __init__(self) -> None:
        self.fixed: dict[str, _Leaf[T]] = {}
        self.root: _Node[T] = _Node()

    def add(self, path: str, segments: list[Segment], route: T) -> None:
        node, names = self.root, []
        for text, name in segments:
            if name is None:
                node = node.child(text)
                continue
            node, known = node.parameter(text, name)
            if known != name:
                raise RouteConflict(
                    f"the parameter {{{name}}} of {path} stands where another endpoint has {{{known}}}: "
                    "use one name for the same position"
                )
            names.append(stored_name(name))
        if node.leaf is not None:
            raise RouteConflict(f"{path} is declared twice for the same method")
        node.leaf = _Leaf(path, tuple(names), route)
        if not names:
            self.fixed["/" + "/".join(text for text, _ in segments)] = node.leaf

    def find(self, path: str) -> Found[T] | None:
        leaf = self.fixed.get(path)
        if leaf is not None:
            return Found(leaf.route, {})
        values: list[str] = []
        leaf = _walk(self.root, path.split("/"), 1, values)
        if leaf is None:
            return None
        return Found(leaf.route, dict(zip(leaf.names, values, strict=True)))

    def relaxed(self, path: str) -> str | None:
        """The registered spelling of a path that differs in letter case only; parameters keep the client's text."""
        for spelled in _walk_any_case(self.root, path.split("/"), 1, []):
            return "/" + "/".join(spelled)
        return None


def _walk(node: _Node[T], parts: list[str], at: int, values: list[str]) -> _Leaf[T] | None:
    if at == len(parts):
        return node.leaf
    part = parts[at]
    child = node.static.get(part)
    if child is not None:
        leaf = _walk(child, parts, at + 1, values)
        if leaf is not None:
            return leaf
    for text, _, child in node.prefixed:
        if part.startswith(text) and len(part) > len(text):
            values.append(part[len(text):])
            leaf = _walk(child, parts, at + 1, values)
            if leaf is not None:
                return leaf
            values.pop()
    if node.any is not None and part:
        values.append(part)
        leaf = _walk(node.any, parts, at + 1, values)
        if leaf is not None:
            return leaf
        values.pop()
    return None


def _walk_any_case(node: _Node[T], parts: list[str], at: int, done: list[str]) -> Iterator[list[str]]:
    if at == len(parts):
        if node.leaf is not None:
            yield list(done)
        return
    part = parts[at]
    for text, child in node.folded.get(part.casefold(), ()):
        yield from _walk_any_case(child, parts, at + 1, [*done, text])
    for text, _, child in node.prefixed:
        if len(part) > len(text) and part[:len(text)].casefold() == text.casefold():
            yield from _walk_any_case(child, parts, at + 1, [*done, text + part[len(text):]])
    if node.any is not None and part:
        yield from _walk_any_case(node.any, parts, at + 1, [*done, part])


def segments(path: str, *, relaxed: bool = False) -> list[Segment]:
    """A path in pieces. ``relaxed``: a parameter may follow text, as in ``/v{version}``.

    As in KrakenD, what follows a parameter in its segment becomes part of the parameter's name.
    """
    out: list[Segment] = []
    for part in path.split("/")[1:]:
        match = _RELAXED_PARAM.search(part) if relaxed else _STRICT_PARAM.match(part)
        if match is None:
            out.append((part, None))
        else:
            out.append((part[:match.start()], match[1] + part[match.end():]))
    return out


def clean(path: str) -> str:
    """Without ``//``, ``.`` and ``..``; a final slash stays."""
    out: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if out:
                out.pop()
        elif part not in ("", "."):
            out.append(part)
    cleaned = "/" + "/".join(out)
    return cleaned + "/" if out and path.endswith(("/", "/.")) else cleaned


class Router(Generic[T]):
    """All routes. ``add`` while building, ``find`` per request."""

    def __init__(
        self, *, redirect_slash: bool = True, redirect_fixed: bool = True, method_not_allowed: bool = True,
        relaxed_params: bool = False, remove_extra_slash: bool = False,
    ) -> None:  # fmt: skip
        self._trees: dict[str, _Tree[T]] = {}
        self._redirect_slash = redirect_slash
        self._redirect_fixed = redirect_fixed
        self._method_not_allowed = method_not_allowed
        self._relaxed_params = relaxed_params
        self._remove_extra_slash = remove_extra_slash
        self._below: dict[str, list[tuple[str, T]]] = {}

    def add_below(self, method: str, prefix: str, route: T) -> None:
        """Registers a route for everything that begins with this prefix (which ends with a slash)."""
        self._below.setdefault(method, []).append((prefix, route))

    def add(self, method: str, path: str, route: T) -> None:
        """Registers a route; raises ``RouteConflict``."""
        tree = self._trees.setdefault(method, _Tree())
        tree.add(path, segments(path, relaxed=self._relaxed_params), route)

    def find(self, method: str, path: str) -> Found[T] | Redirect | NotAllowed | None:
        """The route, where it would be, which methods it has, or None: not found."""
        if self._remove_extra_slash and "//" in path:
            path = re.sub("/{2,}", "/", path)
        tree = self._trees.get(method)
        if tree is not None:
            found = tree.find(path)
            if found is not None:
                return found
        for prefix, route in self._below.get(method, ()):
            if path.startswith(prefix):
                return Found(route, {})
            if path == prefix[:-1]:
                return Redirect(prefix)
        if tree is not None:
            other = self._elsewhere(tree, path)
            if other is not None:
                return Redirect(other)
        if self._method_not_allowed:
            methods = self.methods(path)
            if methods:
                return NotAllowed(methods)
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that this path has, in order of declaration."""
        return tuple(m for m, tree in self._trees.items() if tree.find(path) is not None)

    def _elsewhere(self, tree: _Tree[T], path: str) -> str | None:
        if path == "/":
            return None
        if self._redirect_slash:
            other = path[:-1] if path.endswith("/") else path + "/"
            if tree.find(other) is not None:
                return other
        if self._redirect_fixed:
            cleaned = clean(path)
            other = cleaned[:-1] if cleaned.endswith("/") else cleaned + "/"
            for candidate in (cleaned, other):
                spelled = tree.relaxed(candidate) if candidate else None
                if spelled is not None:
                    return spelled
        return None
