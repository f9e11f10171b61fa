"""Two values in, their differences out: a typed walk, bounded in depth, in values looked at and in what it tells. Pure.

Numbers are compared as numbers, lists by index once what they have in common at both ends is set aside; a list that
holds the same elements in another order is one ``order``, one of another length a ``length`` beside what differs in it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from understudy.compare import numbers, paths
from understudy.compare.outcome import Difference
from understudy.compare.paths import Node
from understudy.compare.rules import Rules, Scope
from understudy.compare.shown import shown

_ABSENT: Any = object()
_COUNTED = 10_000
"""Findings that are told apart from each other when they are only counted."""


class Found(Struct, frozen=True, gc=False):
    """The differences between two values."""

    differences: tuple[Difference, ...]
    more: int
    """Further paths and kinds, over the limit."""
    complete: bool
    """False when there were more values than may be looked at."""


def diff(primary: Any, other: Any, rules: Rules) -> Found:
    """How the other value differs from the primary's. Both nested at most ``lift.DEPTH`` levels."""
    walk = _Walk(rules)
    if not _written_alike(primary, other) and (rules.scope is None or not rules.scope.ignored):
        walk.values(primary, other, paths.ROOT, rules.scope)
    return Found(tuple(walk.found.values()), walk.more, walk.left > 0)


class _Walk:
    """One comparison: what was found so far, and how many values may still be looked at."""

    __slots__ = ("found", "left", "limit", "more", "passed")

    def __init__(self, rules: Rules) -> None:
        self.found: dict[tuple[str, str], Difference] = {}
        self.more = 0
        self.passed: set[tuple[str, str]] = set()
        self.limit = rules.limit
        self.left = rules.nodes

    def values(self, a: Any, b: Any, at: Node, scope: Scope | None) -> None:
        """Two values at the same place; the place counts."""
        kind = type(a)
        if kind is type(b):
            if kind is dict:
                self.objects(a, b, at, scope)
            elif kind is list:
                self.lists(a, b, at, scope)
            elif a != b and not (kind in _NUMBERS and _same_number(a, b, scope)):
                self.tell("value", at, a, b)
        elif kind in _NUMBERS and type(b) in _NUMBERS:
            if not _same_number(a, b, scope):
                self.tell("value", at, a, b)
        else:
            self.tell("type", at, a, b)

    def objects(self, a: dict[str, Any], b: dict[str, Any], at: Node, scope: Scope | None) -> None:
        self.left -= len(a) + len(b)
        if self.left <= 0:
            return
        many = len(a) + len(b) > paths.MANY and len(a.keys() | b.keys()) > paths.MANY
        for key, x in a.items():
            y = b.get(key, _ABSENT)
            kind = type(x)
            if kind is type(y) and (x == y if kind in _SCALARS else not x and not y):
                continue
            below = None if scope is None else scope.key(key)
            if below is not None and below.ignored:
                continue
            node = Node(at, key, many)
            if y is _ABSENT:
                self.tell("missing", node, x, _ABSENT)
            else:
                self.values(x, y, node, below)
        if len(b) > len(a) or a.keys() != b.keys():
            for key, y in b.items():
                if key not in a and not _ignored(scope, key):
                    self.tell("extra", Node(at, key, many), _ABSENT, y)

    def lists(self, a: list[Any], b: list[Any], at: Node, scope: Scope | None) -> None:
        self.left -= max(len(a), len(b))
        if self.left <= 0 or _written_alike(a, b):
            return
        if scope is not None and scope.id_field is not None:
            self.by_key(a, b, at, scope, scope.id_field)
        elif scope is not None and scope.unordered:
            self.unordered(a, b, at, scope)
        elif len(a) == len(b):
            self.ordered(a, b, at, scope)
        else:
            self.unequal(a, b, at, scope)

    def ordered(self, a: list[Any], b: list[Any], at: Node, scope: Scope | None) -> None:
        """Lists of one length: another order is one finding, if it is that and nothing else."""
        differing = [n for n, (x, y) in enumerate(zip(a, b, strict=True)) if x is not y and not _written_alike(x, y)]
        if scope is not None:
            differing = [n for n in differing if not _ignored(scope, n)]
        if not differing:
            return
        if len(differing) > 1:
            first = [self.mark(a[n], _of_index(scope, n)) for n in differing]
            second = [self.mark(b[n], _of_index(scope, n)) for n in differing]
            if first == second:
                return
            if Counter(first) == Counter(second):
                self.tell("order", at, a, b)
                return
            differing = [n for n, x, y in zip(differing, first, second, strict=True) if x != y]
        for n in differing:
            self.element(a[n], b[n], n, at, scope)

    def unequal(self, a: list[Any], b: list[Any], at: Node, scope: Scope | None) -> None:
        """Lists of different lengths: what is the same at both ends is set aside, the rest compared by index."""
        self.tell("length", at, a, b)
        first = [self.mark(x, _of_index(scope, n)) for n, x in enumerate(a)]
        second = [self.mark(y, _of_index(scope, n)) for n, y in enumerate(b)]
        start, most = 0, min(len(a), len(b))
        while start < most and first[start] == second[start]:
            start += 1
        end = 0
        while end < most - start and first[-1 - end] == second[-1 - end]:
            end += 1
        for n in range(start, most - end):
            if first[n] != second[n]:
                self.element(a[n], b[n], n, at, scope)

    def unordered(self, a: list[Any], b: list[Any], at: Node, scope: Scope) -> None:
        """Lists as multisets: what both have is set aside, the rest is paired as well as its order allows."""
        if len(a) != len(b):
            self.tell("length", at, a, b)
        first = self._sorted(a, scope)
        second = self._sorted(b, scope)
        common = Counter(mark for mark, _ in first) & Counter(mark for mark, _ in second)
        for (_, n), (_, m) in zip(_without(first, common), _without(second, common), strict=False):
            self.element(a[n], b[m], n, at, scope)

    def _sorted(self, items: list[Any], scope: Scope) -> list[tuple[str, int]]:
        """Marks and indices; numbers by size, and everything else so that neighbours in size of numbers stay so."""
        below = [scope.index(n) for n in range(len(items))]
        keys = [_rank(x) for x in items]
        marks = [self.mark(x, s) for x, s in zip(items, below, strict=True)]
        rough = [self.mark(x, s, True) for x, s in zip(items, below, strict=True)] if scope.approximate else marks
        order = sorted(range(len(items)), key=lambda n: (keys[n], rough[n], marks[n]))
        return [(marks[n], n) for n in order]

    def by_key(self, a: list[Any], b: list[Any], at: Node, scope: Scope, field: str) -> None:
        """Lists whose elements are matched by a key; their order does not count."""
        first, second = self._keyed(a, field), self._keyed(b, field)
        for key, n in first.items():
            m = second.get(key)
            if m is not None:
                if not _written_alike(a[n], b[m]):
                    self.element(a[n], b[m], n, at, scope)
            elif not _ignored(scope, n):
                self.tell("missing", Node(at, n, False), a[n], _ABSENT)
        for key, m in second.items():
            if key not in first and not _ignored(scope, m):
                self.tell("extra", Node(at, m, False), _ABSENT, b[m])

    def _keyed(self, items: list[Any], field: str) -> dict[tuple[str, int], int]:
        """From the key's value, and how often it came before, to the index."""
        times: Counter[str] = Counter()
        out = {}
        for n, item in enumerate(items):
            mark = self.mark(item.get(field, _ABSENT) if type(item) is dict else _ABSENT, None)
            out[mark, times[mark]] = n
            times[mark] += 1
        return out

    def element(self, a: Any, b: Any, n: int, at: Node, scope: Scope | None) -> None:
        """Two elements of a list."""
        below = None if scope is None else scope.index(n)
        if below is None or not below.ignored:
            self.values(a, b, Node(at, n, False), below)

    def mark(self, value: Any, scope: Scope | None, rough: bool = False) -> str:
        """The same for two values without differences, by the rules, but for tolerances.

        When it is ``rough``, numbers under a tolerance do not count at all.
        """
        kind = type(value)
        if kind is str:
            return '"' + value if len(value) <= 64 and "\0" not in value else "'" + _hash(value)
        if kind in _NUMBERS:
            if rough and scope is not None and scope.tolerance is not None:
                return "~"
            return "#" + (str(value) if kind is int and -_SMALL < value < _SMALL else _canonical_number(value))
        if kind is dict:
            self.left -= len(value)
            return "" if self.left <= 0 else "{" + _hash("\0".join(self._members(value, scope, rough)))
        if kind is list:
            self.left -= len(value)
            return "" if self.left <= 0 else "[" + _hash("\0".join(self._elements(value, scope, rough)))
        return "-" if value is _ABSENT else str(value)

    def _members(self, value: dict[str, Any], scope: Scope | None, rough: bool) -> list[str]:
        if scope is None:
            return [f"{_member(k)}\0{self.mark(value[k], None)}" for k in sorted(value)]
        out = []
        for key in sorted(value):
            below = scope.key(key)
            if below is None or not below.ignored:
                out.append(f"{_member(key)}\0{self.mark(value[key], below, rough)}")
        return out

    def _elements(self, value: list[Any], scope: Scope | None, rough: bool) -> list[str]:
        if scope is None:
            return [self.mark(item, None) for item in value]
        scopes = [scope.index(n) for n in range(len(value))]
        out = [self.mark(x, s, rough) for x, s in zip(value, scopes, strict=True) if s is None or not s.ignored]
        return sorted(out) if scope.unordered or scope.id_field is not None else out

    def tell(self, kind: str, at: Node, a: Any, b: Any) -> None:
        """A difference, unless its path and kind have been told."""
        finding = paths.canonical(at), kind
        if finding in self.found or finding in self.passed:
            return
        if len(self.found) < self.limit:
            first = "" if a is _ABSENT else shown(a)
            second = "" if b is _ABSENT else shown(b)
            self.found[finding] = Difference(finding[0], kind, paths.place(at), first, second)
            return
        self.more += 1
        if len(self.passed) < _COUNTED:
            self.passed.add(finding)


_NUMBERS = frozenset((int, Raw))
_SCALARS = frozenset((str, int, bool, type(None), Raw))


def _same_number(a: int | Raw, b: int | Raw, scope: Scope | None) -> bool:
    if numbers.equal(a, b):
        return True
    return scope is not None and scope.tolerance is not None and numbers.near(a, b, scope.tolerance)


_SMALL = 10**40


def _canonical_number(value: int | Raw) -> str:
    negative, digits, power = numbers.exact(value)
    if isinstance(power, int) and power >= 0 and len(digits) + power <= 40:
        return ("-" if negative else "") + (digits or "0") + "0" * power
    return f"{'-' if negative else ''}{digits}e{power}"


_encode = msgspec.json.Encoder(order="sorted").encode


def _written_alike(a: Any, b: Any) -> bool:
    """Whether both are the same but for the order of keys: a quick yes, in C, that saves a walk."""
    if type(a) is not type(b):
        return False
    if type(a) in _SCALARS:
        return bool(a == b)
    try:
        return len(a) == len(b) and _encode(a) == _encode(b)
    except (ValueError, RecursionError):
        return False


def _ignored(scope: Scope | None, step: str | int) -> bool:
    if scope is None:
        return False
    below = scope.key(step) if isinstance(step, str) else scope.index(step)
    return below is not None and below.ignored


def _of_index(scope: Scope | None, n: int) -> Scope | None:
    return None if scope is None else scope.index(n)


def _without(marked: Sequence[tuple[str, int]], common: Counter[str]) -> list[tuple[str, int]]:
    left = common.copy()
    out = []
    for mark, n in marked:
        if left[mark] > 0:
            left[mark] -= 1
        else:
            out.append((mark, n))
    return out


def _rank(value: Any) -> Any:
    if type(value) in _NUMBERS:
        return (0, *numbers.order(value))
    return (1,)


def _member(key: str) -> str:
    return "." + key if "\0" not in key else "#" + _hash(key)


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
