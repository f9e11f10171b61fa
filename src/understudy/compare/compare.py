"""One exchange and the rules in, what it says out: statuses first, then headers, then bodies. Pure and total.

Bodies are compared only when both sides succeeded with the same status: an error page that differs from an answer is
no finding about the answer. A failure is an observation like any other; beside an answer it is another ``$status``.
"""

from __future__ import annotations

from understudy.compare import paths
from understudy.compare.diff import diff
from understudy.compare.lift import Content, header, lift
from understudy.compare.outcome import Compared, Difference, Outcome, Seen
from understudy.compare.rules import Rules
from understudy.compare.shown import cut, digest, shown
from understudy.config import rule_paths
from understudy.exchange import Answer, Exchange, Failure, Observation

_EQUAL = Compared()
_SERVER_ERROR = 500


def outcome(exchange: Exchange, rules: Rules) -> Outcome:
    """The exchange, compared."""
    primary = _Primary(exchange.primary, rules, exchange.ask.method)
    control = exchange.control
    return Outcome(
        primary=seen(exchange.primary),
        candidate=seen(exchange.candidate),
        compared=primary.against(exchange.candidate),
        control=None if control is None else seen(control),
        noise=None if control is None else primary.against(control),
    )


def seen(side: Observation) -> Seen:
    """One side without its body."""
    if isinstance(side, Failure):
        return Seen(0, side.kind, True, side.seconds)
    return Seen(side.status, "", side.status >= _SERVER_ERROR, side.seconds)


class _Primary:
    """The primary's side: its body is decoded once, however many others are compared with it."""

    __slots__ = ("_content", "bodiless", "rules", "side")

    def __init__(self, side: Observation, rules: Rules, method: str) -> None:
        self.side = side
        self.rules = rules
        self.bodiless = method.upper() == "HEAD"
        self._content: Content | None = None

    def against(self, other: Observation) -> Compared:
        """The other side, compared with this one."""
        side, rules = self.side, self.rules
        if isinstance(side, Failure) or isinstance(other, Failure):
            return _failed(side, other, rules)
        if side.status != other.status:
            if rules.ignore_status:
                return Compared((), 0, "status")
            return Compared((_value(rule_paths.STATUS, str(side.status), str(other.status)),), 0, "status")
        found = _headers(side, other, rules) if rules.headers else ()
        if not 200 <= side.status < 300:
            return Compared(found, 0, "status")
        if self.bodiless or side.status == 204 or rules.ignore_body:
            return Compared(found) if found else _EQUAL
        return self._bodies(side, other, found)

    def _bodies(self, side: Answer, other: Answer, found: tuple[Difference, ...]) -> Compared:
        a, b = side.body, other.body
        if a is None or b is None:
            return Compared(found, 0, "too_large")
        if a == b and (not a or _encoding(side) == _encoding(other)):
            return Compared(found) if found else _EQUAL
        limit = self.rules.max_body
        if (len(a) > limit or len(b) > limit) and not _encoding(side) and not _encoding(other):
            return Compared((*found, _opaque("body", a, b)), 0, "differs")
        if self._content is None:
            self._content = lift(side.headers, a, limit)
        return _contents(self._content, lift(other.headers, b, limit), self.rules, found)


def _contents(a: Content, b: Content, rules: Rules, found: tuple[Difference, ...]) -> Compared:
    if a.kind == "too_large" or b.kind == "too_large":
        return Compared(found, 0, "too_large")
    if a.kind == "unreadable" and b.kind == "unreadable":
        return Compared(found, 0, "undecodable")
    if a.kind != b.kind:
        return Compared((*found, _other_kind(a, b)), 0, "differs")
    if a.is_data:
        walked = diff(a.data, b.data, rules)
        if not walked.differences:
            return Compared(found, walked.more, "equal" if walked.complete else "too_large")
        kept = walked.differences[: max(0, rules.limit - len(found))]
        more = walked.more + len(walked.differences) - len(kept)
        return Compared((*found, *kept), more, "differs")
    if a.data == b.data:
        return Compared(found)
    return Compared((*found, _opaque(a.kind, a.data, b.data)), 0, "differs")


def _failed(side: Observation, other: Observation, rules: Rules) -> Compared:
    """A side without an answer. Two failures are no difference, whatever their kinds: the user had no answer."""
    if (isinstance(side, Failure) and isinstance(other, Failure)) or rules.ignore_status:
        return Compared((), 0, "failed")
    return Compared((_value(rule_paths.STATUS, _status(side), _status(other)),), 0, "failed")


def _status(side: Observation) -> str:
    return shown(side.kind) if isinstance(side, Failure) else str(side.status)


def _headers(side: Answer, other: Answer, rules: Rules) -> tuple[Difference, ...]:
    found = []
    for name in rules.headers:
        key = name.encode("latin-1", "replace")
        a, b = header(side.headers, key), header(other.headers, key)
        if a == b or (key == b"content-type" and _plain(a) == _plain(b)):
            continue
        kind = "missing" if not b else "extra" if not a else "value"
        path = paths.bounded(rule_paths.HEADER + name)
        found.append(Difference(path, kind, path, _text(a), _text(b)))
    return tuple(found[: rules.limit])


def _plain(value: bytes) -> bytes:
    """A content type without what means nothing: case, blanks and quotes."""
    return value.lower().translate(None, b' \t"')


def _encoding(side: Answer) -> bytes:
    return header(side.headers, b"content-encoding").lower().strip()


def _text(value: bytes) -> str:
    return shown(value.decode("utf-8", "replace")) if value else ""


def _value(path: str, a: str, b: str) -> Difference:
    return Difference(path, "value", path, cut(a), cut(b))


def _opaque(what: str, a: bytes, b: bytes) -> Difference:
    return _value(rule_paths.BODY, digest(what, a), digest(what, b))


def _other_kind(a: Content, b: Content) -> Difference:
    kind = "missing" if b.kind == "empty" else "extra" if a.kind == "empty" else "type"
    return Difference(rule_paths.BODY, kind, rule_paths.BODY, _described(a), _described(b))


def _described(content: Content) -> str:
    if content.kind == "empty":
        return ""
    if content.is_data:
        return shown(content.data)
    return shown(content.kind) if content.kind == "unreadable" else digest(content.kind, content.data)
