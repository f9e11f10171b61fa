"""The rules of a comparison, compiled: which paths do not count, and how the others are compared. Pure.

All patterns are followed at once while a body is walked: a ``Scope`` says what the rules mean at one place, and leads
to the scopes of the places below. Scopes are made when they are first needed, and kept.
"""

from __future__ import annotations

from msgspec import Struct

from understudy.config import rule_paths
from understudy.config.model import CompareRules
from understudy.config.rule_paths import Descend, Index, Key, Pattern

LIMIT = 100
"""Differences of one exchange that are told; the rest is counted."""
NODES = 200_000
"""Values that are looked at for one pair of bodies, at most."""
_KEPT_SCOPES = 2000
_KEPT_KEYS = 200


class _Rule(Struct, frozen=True):
    pattern: Pattern
    ignore: bool = False
    unordered: bool = False
    id_field: str | None = None
    tolerance: float | None = None


class Scope:
    """What the rules mean at one place of a body."""

    __slots__ = ("_book", "_indices", "_keys", "_positions", "approximate", "id_field", "ignored", "tolerance",
                 "unordered")  # fmt: skip

    def __init__(self, book: _Book, positions: frozenset[tuple[int, int]], tolerance: float | None) -> None:
        self._book = book
        self._positions = positions
        self._keys: dict[str, Scope | None] = {}
        self._indices: dict[int, Scope | None] = {}
        done = [book.rules[n] for n, at in sorted(positions) if at == len(book.rules[n].pattern)]
        self.ignored = any(r.ignore for r in done)
        self.unordered = any(r.unordered for r in done)
        self.id_field = next((r.id_field for r in done if r.id_field is not None), None)
        self.approximate = book.approximate
        """Whether any rule is about tolerance."""
        self.tolerance = next((r.tolerance for r in done if r.tolerance is not None), tolerance)
        """For the numbers here and below."""

    def key(self, name: str) -> Scope | None:
        """The scope of a key's value; None where no rule reaches."""
        try:
            return self._keys[name]
        except KeyError:
            made = self._book.after(self._positions, name, self.tolerance)
            if len(self._keys) < _KEPT_KEYS:
                self._keys[name] = made
            return made

    def index(self, number: int) -> Scope | None:
        """The scope of an element."""
        number = min(number, self._book.beyond)
        try:
            return self._indices[number]
        except KeyError:
            made = self._book.after(self._positions, number, self.tolerance)
            if len(self._indices) < _KEPT_KEYS:
                self._indices[number] = made
            return made


class _Book:
    """The rules and the scopes made from them so far."""

    __slots__ = ("approximate", "beyond", "rules", "scopes")

    def __init__(self, rules: tuple[_Rule, ...]) -> None:
        self.rules = rules
        self.scopes: dict[tuple[frozenset[tuple[int, int]], float | None], Scope] = {}
        self.approximate = any(r.tolerance is not None for r in rules)
        named = [s.number for r in rules for s in r.pattern if isinstance(s, Index) and s.number is not None]
        self.beyond = max(named, default=-1) + 1
        """From here on, all indices mean the same to the rules."""

    def at(self, positions: frozenset[tuple[int, int]], tolerance: float | None) -> Scope | None:
        """The scope for these positions in the patterns."""
        if not positions and tolerance is None:
            return None
        known = self.scopes.get((positions, tolerance))
        if known is None:
            known = Scope(self, positions, tolerance)
            if len(self.scopes) < _KEPT_SCOPES:
                self.scopes[positions, tolerance] = known
        return known

    def after(self, positions: frozenset[tuple[int, int]], step: str | int, tolerance: float | None) -> Scope | None:
        """The scope one step further down."""
        found: set[tuple[int, int]] = set()
        for rule, at in positions:
            pattern = self.rules[rule].pattern
            if at == len(pattern):
                continue
            wanted = pattern[at]
            if isinstance(wanted, Descend):
                found.add((rule, at))
            elif isinstance(step, str):
                if isinstance(wanted, Key) and wanted.takes(step):
                    found.add((rule, at + 1))
            elif isinstance(wanted, Index) and wanted.number in (None, step):
                found.add((rule, at + 1))
        return self.at(self.closed(found), tolerance)

    def closed(self, positions: set[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        """The positions, and those behind a ``..`` that may stand for nothing."""
        for rule, at in tuple(positions):
            pattern = self.rules[rule].pattern
            if at < len(pattern) and isinstance(pattern[at], Descend):
                positions.add((rule, at + 1))
        return frozenset(positions)


class Rules:
    """The rules of one shadow's comparison."""

    __slots__ = ("headers", "ignore_body", "ignore_status", "limit", "max_body", "nodes", "scope")

    def __init__(self, given: CompareRules, *, limit: int = LIMIT, nodes: int = NODES) -> None:
        """Raises ValueError with a sentence for a path that cannot be read."""
        outside = frozenset(p.lower() for p in given.ignore if rule_paths.outside_bodies(p))
        self.ignore_status = rule_paths.STATUS in outside
        self.ignore_body = rule_paths.BODY in outside
        ignored = {p.removeprefix(rule_paths.HEADER) for p in outside}
        self.headers = tuple(dict.fromkeys(n.lower() for n in given.headers if n.lower() not in ignored))
        """Names, in lower case."""
        self.max_body = given.max_body
        self.limit = limit
        self.nodes = nodes
        book = _Book(tuple(_compiled(given)))
        self.scope = book.at(book.closed({(n, 0) for n in range(len(book.rules))}), None)
        """At the root of a body; None when there are no rules for bodies."""
        self.ignore_body |= self.scope is not None and self.scope.ignored


def _compiled(given: CompareRules) -> list[_Rule]:
    rules = [_Rule(_read(p), ignore=True) for p in given.ignore if not rule_paths.outside_bodies(p)]
    rules += [_Rule(_read(p), unordered=True) for p in given.unordered]
    rules += [_Rule(_read(p), id_field=key) for p, key in given.id_field.items()]
    rules += [_Rule(_read(p), tolerance=number) for p, number in given.tolerance.items()]
    return rules


def _read(text: str) -> Pattern:
    try:
        return rule_paths.pattern(text)
    except ValueError as error:
        raise ValueError(f'The path "{text}" {error}.') from None
