"""What of an exchange may be kept: credentials never, and nothing that the rules hide. Pure; before anything is stored.

What cannot be looked into (compressed in a way we do not know, binary, nested too deeply) is kept by its digest as
soon as there is a rule that might have hidden something in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import Raw, Struct

from understudy.compare import numbers
from understudy.compare.lift import header, lift
from understudy.compare.rules import Rules, Scope
from understudy.config.model import CompareRules
from understudy.exchange import Answer, Asked, Exchange, Failure, Observation
from understudy.http.values import Pair, canonical
from understudy.shadow.headers import CREDENTIALS, harmless

HIDDEN = "***"
Bodies = Literal["off", "digest", "full"]

_SECRET = re.compile(r"passw|secret|token|credential|api_?key|authorization|cookie|^pass$|^pwd$", re.IGNORECASE)
_IN_URL = re.compile(r"([?&][^=&\s]*(?:token|secret|passw|key|auth|sig)[^=&\s]*=)[^&\s]*", re.IGNORECASE)
_LONGEST = 8 * 1024 * 1024


class Redaction(Struct, frozen=True, kw_only=True):
    """The rules."""

    headers: tuple[str, ...] = ()
    """Headers whose values are hidden; well-known credentials are left out anyway."""
    paths: tuple[str, ...] = ()
    """Patterns, as in rules of comparison, of what is hidden in bodies."""
    patterns: tuple[str, ...] = ()
    """Regular expressions: what they find is hidden, wherever it stands."""
    secret_names: bool = True
    """Whether the values of what is called password, token, … are hidden too."""
    bodies: Bodies = "full"


class Kept(Struct, frozen=True, kw_only=True):
    """An exchange as it may be stored."""

    exchange: Exchange
    digests: dict[str, str] = {}
    """SHA-256 of the bodies that are not kept, by side: ask, primary, candidate, control."""


class Redactor:
    """The rules, compiled. Raises ValueError, with a sentence, for one that cannot be read."""

    def __init__(self, rules: Redaction, secrets: frozenset[bytes] = CREDENTIALS) -> None:
        self._bodies = rules.bodies
        self._secrets = secrets
        self._hidden = frozenset(canonical(name.encode("latin-1", "replace")) for name in rules.headers)
        self._scope = Rules(CompareRules(ignore=rules.paths)).scope
        self._patterns = [_compiled(text) for text in rules.patterns]
        self._names = rules.secret_names

    def redacted(self, exchange: Exchange) -> Kept:
        """What may be kept of an exchange."""
        digests: dict[str, str] = {}
        ask = exchange.ask
        body = self._body(ask.headers, ask.body, "ask", digests)
        control = exchange.control
        return Kept(exchange=Exchange(
            exchange.id, exchange.endpoint, exchange.shadow, exchange.at,
            Asked(ask.method, self._text(ask.path), [self._parameter(*p) for p in ask.query],
                  self._headers(ask.headers, body is not ask.body), body or b""),
            self._side(exchange.primary, "primary", digests),
            self._side(exchange.candidate, "candidate", digests),
            None if control is None else self._side(control, "control", digests),
        ), digests=digests)  # fmt: skip

    def _side(self, side: Observation, name: str, digests: dict[str, str]) -> Observation:
        if isinstance(side, Failure):
            return Failure(side.kind, self._text(side.text), side.seconds)
        body = None if side.body is None else self._body(side.headers, side.body, name, digests)
        headers = self._headers(side.headers, body is not side.body)
        return Answer(side.status, headers, body, side.size, side.seconds)

    def _headers(self, headers: Sequence[Pair], changed: bool) -> list[Pair]:
        out = []
        for name, value in harmless(headers, self._secrets):
            if canonical(name) in self._hidden:
                value = HIDDEN.encode()
            elif canonical(name) in self._secrets or (changed and name.lower() == b"content-encoding"):
                continue
            elif self._names or self._patterns:
                value = self._text(value.decode("latin-1")).encode("latin-1", "replace")
            out.append((name, value))
        return out

    def _parameter(self, name: str, value: str) -> tuple[str, str]:
        return name, HIDDEN if self._is_secret(name) else self._text(value)

    def _is_secret(self, name: str) -> bool:
        return self._names and _SECRET.search(name) is not None

    def _text(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.sub(HIDDEN, text)
        return _IN_URL.sub(rf"\1{HIDDEN}", text) if self._names and "=" in text else text

    def _body(self, headers: Sequence[Pair], body: bytes, side: str, digests: dict[str, str]) -> bytes | None:
        if not body:
            return body
        kept = None if self._bodies != "full" else self._inside(headers, body)
        if kept is None and self._bodies != "off":
            digests[side] = hashlib.sha256(body).hexdigest()
        return kept

    def _inside(self, headers: Sequence[Pair], body: bytes) -> bytes | None:
        """The body, with what is hidden replaced; None when nobody can tell what is in it."""
        content = lift(headers, body, _LONGEST)
        if content.kind == "json":
            data, changed = self._value(content.data, self._scope)
            return msgspec.json.encode(data) if changed else body
        if self._scope is not None:
            return None
        if content.kind == "text" and b"form-urlencoded" in header(headers, b"content-type"):
            return self._form(content.data)
        if content.kind in ("text", "xml", "yaml") and not header(headers, b"content-encoding"):
            text = body.decode("utf-8", "surrogateescape")
            plain = text
            for pattern in self._patterns:
                plain = pattern.sub(HIDDEN, plain)
            return body if plain == text else plain.encode("utf-8", "surrogateescape")
        return None if self._patterns else body

    def _form(self, body: bytes) -> bytes:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        kept = [self._parameter(*pair) for pair in pairs]
        return body if kept == pairs else urlencode(kept).encode()

    def _value(self, value: Any, scope: Scope | None) -> tuple[Any, bool]:
        """A value of JSON data without what is hidden, and whether anything was."""
        if scope is not None and scope.ignored:
            return HIDDEN, True
        if isinstance(value, dict):
            return self._object(value, scope)
        if isinstance(value, list):
            items = [self._value(item, None if scope is None else scope.index(n)) for n, item in enumerate(value)]
            return [item for item, _ in items], any(changed for _, changed in items)
        if isinstance(value, str):
            text = self._text(value)
            return text, text != value
        if self._patterns and isinstance(value, (int, Raw)) and not isinstance(value, bool):
            text = numbers.text(value)
            return (HIDDEN, True) if any(p.search(text) for p in self._patterns) else (value, False)
        return value, False

    def _object(self, value: dict[str, Any], scope: Scope | None) -> tuple[Any, bool]:
        out, any_changed = {}, False
        for key, item in value.items():
            if self._is_secret(key) and item not in (None, "", True, False):
                kept, changed = HIDDEN, True
            else:
                kept, changed = self._value(item, None if scope is None else scope.key(key))
            name = self._text(key)
            out[name] = kept
            any_changed = any_changed or changed or name != key
        return out, any_changed


def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f'The pattern "{text}" is no regular expression: {error}.') from None
