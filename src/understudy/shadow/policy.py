"""Is this request copied to this shadow? Pure: what was decided before is the only thing that counts.

A share is a whole number of millionths, so 0.0001 percent is one. Without ``sticky_by`` requests are counted: of any
run of N requests with the share p, N*p are chosen, rounded down or up. Every worker counts its own stream, so with
several workers the whole is off by less than one request for each worker. With ``sticky_by`` the key decides alone, by
a hash that is the same in every process, for every shadow and after every restart: who is chosen at 5 percent is
chosen at 10 percent as well, and for the other shadows too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b

from understudy.config.model import Match, Shadow
from understudy.gateway.escape import parse_query
from understudy.gateway.types import Ask
from understudy.http.values import Request, canonical
from understudy.shadow.accounting import FULL

KeyOf = Callable[[Ask, Request], str | bytes | None]
"""From a request to the key that decides; None when it has none."""
Condition = Callable[[Ask, Request], bool]
Compile = Callable[[str], Condition]
"""From the text of an expression to a condition; raises ``ValueError``."""

_HASH_KEY = b"understudy shadow share"


def units(percent: float) -> int:
    """A percentage in millionths."""
    return max(0, min(FULL, round(percent * (FULL // 100))))


def position(key: str | bytes) -> int:
    """Where a key stands among all keys: 0 to 999999, evenly spread, the same everywhere and for ever."""
    data = key.encode("utf-8", "surrogateescape") if isinstance(key, str) else key
    digest = blake2b(data, digest_size=8, key=_HASH_KEY).digest()
    return int.from_bytes(digest, "big") * FULL >> 64


class Share:
    """The exact counter: ``take`` says for each request in turn whether it is chosen."""

    __slots__ = ("_error",)

    def __init__(self) -> None:
        self._error = 0

    def take(self, share: int) -> bool:
        """The next request, at this share in millionths."""
        error = self._error + share
        if error >= FULL:
            self._error = error - FULL
            return True
        self._error = error
        return False


class Policy:
    """The decisions for one shadow.

    ``change`` changes ``share`` (millionths), ``paused``, and ``throttle``, which is what the guard lets through of the
    share. ``lets_all`` says that there is nothing to decide but the size of the body. ``compile`` makes conditions of
    expressions.
    """

    __slots__ = ("_condition", "_counter", "_dead", "_key", "_narrowed", "lets_all", "max_body", "paused", "share",
                 "throttle")  # fmt: skip

    def __init__(self, shadow: Shadow, compile: Compile | None = None) -> None:
        self.share = units(shadow.percent)
        self.throttle = FULL
        self.paused = False
        self.max_body = shadow.max_body
        self._dead = shadow.timeout <= 0
        self._key = key_of(shadow.sticky_by) if shadow.sticky_by else None
        self._condition = condition_of(shadow.match, compile)
        self._counter = Share()
        self._narrowed = Share()
        self.lets_all = False
        self.change()

    def change(
        self, *, share: int | None = None, paused: bool | None = None, throttle: int | None = None
    ) -> None:
        """From the next request on; None leaves a thing as it is."""
        self.share = self.share if share is None else share
        self.paused = self.paused if paused is None else paused
        self.throttle = self.throttle if throttle is None else throttle
        whole = self.share == FULL and self.throttle == FULL
        self.lets_all = whole and not self.paused and not self._dead and self._condition is None

    def decide(self, ask: Ask, request: Request, size: int) -> str | None:
        """Why there is no copy, or None when there is one. ``size`` is the body's, as far as it is known."""
        if self._dead:
            return "no_timeout"
        if self.paused:
            return "paused"
        condition = self._condition
        if condition is not None and not condition(ask, request):
            return "match"
        share = self.share
        if share < FULL:
            if self._key is None:
                if not self._counter.take(share):
                    return "percent"
            else:
                key = self._key(ask, request)
                if key is None:
                    return "no_key"
                if position(key) >= share:
                    return "percent"
        if size > self.max_body:
            return "body_too_large"
        if self.throttle < FULL and not self._narrowed.take(self.throttle):
            return "guard"
        return None


# ------------------------------------------------------------- keys


def key_of(source: str) -> KeyOf:
    """The function for a source: ``client_ip``, or ``header:NAME``, ``cookie:``, ``query:``, ``param:``, ``jwt:``."""
    kind, _, name = source.partition(":")
    if kind == "client_ip":
        return lambda ask, request: request.client or request.peer or None
    return _KEYS[kind](name)


def _header_key(name: str) -> KeyOf:
    header = canonical(name.encode("latin-1"))
    return lambda ask, request: request.header(header) or None


def _cookie_key(name: str) -> KeyOf:
    wanted = name.encode("latin-1")

    def key(ask: Ask, request: Request) -> bytes | None:
        for header, value in request.headers:
            if header == b"Cookie":
                for part in value.split(b";"):
                    cookie, _, content = part.strip().partition(b"=")
                    if cookie == wanted and content:
                        return content
        return None

    return key


def _query_key(name: str) -> KeyOf:
    def key(ask: Ask, request: Request) -> str | None:
        for item, value in query_of(request):
            if item == name and value:
                return value
        return None

    return key


def _param_key(name: str) -> KeyOf:
    param = name[:1].upper() + name[1:]
    return lambda ask, request: ask.params.get(param) or None


def _claim_key(name: str) -> KeyOf:
    path = name.split(".")

    def key(ask: Ask, request: Request) -> str | None:
        value = ask.notes.get("jwt") if ask.notes is not None else None
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        return None if value is None or value == "" else str(value)

    return key


_KEYS: Mapping[str, Callable[[str], KeyOf]] = {
    "header": _header_key,
    "cookie": _cookie_key,
    "query": _query_key,
    "param": _param_key,
    "jwt": _claim_key,
}


def query_of(request: Request) -> Sequence[tuple[str, str]]:
    """The client's query pairs, decoded, whether they are forwarded or not."""
    _, mark, query = request.target.partition(b"?")
    return parse_query(query) if mark else ()


# ------------------------------------------------------------- conditions


def condition_of(match: Match, compile: Compile | None = None) -> Condition | None:
    """One function for all conditions; None when there are none. Raises ``ValueError`` for a bad pattern."""
    conditions: list[Condition] = []
    if match.methods:
        conditions.append(_method_is(match.methods))
    if match.path is not None:
        conditions.append(_path_fits(match.path))
    conditions.extend(_header_fits(name, pattern) for name, pattern in match.headers.items())
    conditions.extend(_query_fits(name, pattern) for name, pattern in match.query.items())
    if match.expression is not None:
        if compile is None:
            raise ValueError('"match" as an expression needs CEL, which this version does not have')
        conditions.append(compile(match.expression))
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    every = tuple(conditions)
    return lambda ask, request: all(condition(ask, request) for condition in every)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f'"{text}" is no regular expression: {error}') from error


def _method_is(methods: Sequence[str]) -> Condition:
    wanted = frozenset(m.upper().encode() for m in methods)
    return lambda ask, request: request.method in wanted


def _path_fits(pattern: str) -> Condition:
    search = _pattern(pattern).search
    return lambda ask, request: search(ask.path) is not None


def _header_fits(name: str, pattern: str) -> Condition:
    header, search = canonical(name.encode("latin-1")), _pattern(pattern).search
    return lambda ask, request: any(n == header and search(v.decode("latin-1")) for n, v in request.headers)


def _query_fits(name: str, pattern: str) -> Condition:
    search = _pattern(pattern).search
    return lambda ask, request: any(n == name and search(v) for n, v in query_of(request))
