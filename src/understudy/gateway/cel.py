"""``validation/cel``: expressions that must be true of a request, or of what came back.

KrakenD looks at an expression before when it contains ``req``, after when it contains ``resp``: with only the variables
of that moment, so one that names both is evaluated twice. Whatever goes wrong in an expression means that it is not
true. Regular expressions run in linear time (Rust's engine); an expression whose nested loops would take more than
``MOST_STEPS`` steps with the data at hand is not run, and not true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from understudy.config import cel
from understudy.config.model import Backend, CelCheck
from understudy.encoding.json import number_text
from understudy.errors import Rejected
from understudy.gateway.answers import Convert
from understudy.gateway.backend import sieve
from understudy.gateway.escape import parse_query
from understudy.gateway.pattern import unescaped
from understudy.gateway.types import Admit, Ask, Proxy, Reply
from understudy.http.stream import Stream
from understudy.http.upstream import Answer
from understudy.http.values import Pair, Request

MOST_STEPS = 1_000_000
"""Some 200 ns each: what an expression may take of a worker at the very most is a fifth of a second."""

Values = Mapping[str, Callable[[], Any]]
"""The variables of one moment; each is made only for an expression that names it."""
Texts = dict[str, list[str]]


class Expression:
    """One expression, compiled. Raises ``ValueError`` when it is none."""

    def __init__(self, text: str) -> None:
        program = cel.program(text)
        self._execute = program.execute
        self._names = tuple(program.variables())
        self._loops = cel.loops(text)
        self._written = text.count(",") + 1

    def holds(self, values: Values) -> bool:
        """Whether it is true of these variables; an error, or another value than true, is not."""
        try:
            known = {name: values[name]() for name in self._names if name in values}
            if self._loops and (elements(known) + self._written) ** self._loops > MOST_STEPS:
                return False
            return self._execute(known) is True
        except BaseException as error:
            if not cel.is_failure(error):
                raise
            return False


def elements(value: Any) -> int:
    """How many things loops over a value can meet."""
    if isinstance(value, dict):
        return len(value) + sum(map(elements, value.values()))
    if isinstance(value, list):
        return len(value) + sum(map(elements, value))
    return 0


class Checks:
    """The expressions of one place that are looked at in one moment, in order."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._expressions = tuple(Expression(text) for text in texts)

    def refusal(self, values: Values) -> Rejected | None:
        """The first that does not hold, in KrakenD's words."""
        for number, expression in enumerate(self._expressions):
            if not expression.holds(values):
                return Rejected(f"request aborted by evaluator #{number}")
        return None


def before(checks: Sequence[CelCheck]) -> Checks | None:
    """Those that are looked at on requests; None when there are none."""
    texts = [check.text for check in checks if check.before]
    return Checks(texts) if texts else None


def after(checks: Sequence[CelCheck]) -> Checks | None:
    """Those that are looked at on answers; None when there are none."""
    texts = [check.text for check in checks if check.after]
    return Checks(texts) if texts else None


# ------------------------------------------------------------- variables


def now() -> str:
    """The time in RFC 3339's form, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def request_values(
    method: str, path: str, params: Mapping[str, str], headers: Sequence[Pair], query: Sequence[tuple[str, str]]
) -> Values:
    """The variables of a request."""
    return {
        "req_method": lambda: method,
        "req_path": lambda: _clean(path),
        "req_params": lambda: {name: _clean(value) for name, value in params.items()},
        "req_headers": lambda: _by_name(headers),
        "req_querystring": lambda: _query(query),
        "now": now,
    }


def ask_values(ask: Ask) -> Values:
    """The variables of what an endpoint asks: only what it forwards can be seen."""
    return request_values(ask.method, ask.path, ask.params, ask.headers, ask.query)


def reply_values(reply: Reply | None) -> Values:
    """The variables of what came back. Numbers of the data are texts, as in KrakenD."""
    known = reply if reply is not None else Reply()
    return {
        "resp_completed": lambda: known.complete,
        "resp_metadata_status": lambda: known.status,
        "resp_metadata_headers": lambda: _by_name(known.headers),
        "resp_data": lambda: as_texts(known.data or {}),
        "now": now,
    }


def as_texts(value: Any) -> Any:
    """Decoded data with its numbers as they were written."""
    if isinstance(value, dict):
        return {_clean(key): as_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_texts(item) for item in value]
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool) or value is None:
        return value
    return number_text(value)


def _by_name(headers: Sequence[Pair]) -> Texts:
    out: Texts = {}
    for name, value in headers:
        out.setdefault(name.decode("latin-1"), []).append(value.decode("utf-8", "replace"))
    return out


def _query(pairs: Sequence[tuple[str, str]]) -> Texts:
    out: Texts = {}
    for name, value in pairs:
        out.setdefault(_clean(name), []).append(_clean(value))
    return out


_SURROGATES = re.compile("[\ud800-\udfff]")


def _clean(text: str) -> str:
    """Without what stands for broken UTF-8, which the library does not take."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


# ------------------------------------------------------------- where they are looked at


def request_check(checks: Checks) -> Callable[[Ask, Request], Rejected | None]:
    """The check of an endpoint's requests."""
    return lambda ask, request: checks.refusal(ask_values(ask))


def admission(backend: Backend) -> Admit | None:
    """A backend's own check of what it is asked: with its method, its path, and only what it gets."""
    checks = before(backend.cel)
    if checks is None:
        return None
    path, kept = unescaped(backend.url_pattern), sieve(backend.input_headers)
    listed = frozenset(backend.input_query_strings)

    def admit(ask: Ask) -> Rejected | None:
        query = [pair for pair in ask.query if pair[0] in listed] if listed else ask.query
        headers = ask.headers if kept is None else kept(ask.headers)
        return checks.refusal(request_values(backend.method, path(ask.params), ask.params, headers, query))

    return admit


def with_admission(proxy: Proxy, admit: Admit) -> Proxy:
    """The proxy behind a backend's own check."""

    async def admitted(ask: Ask) -> Reply | None:
        refusal = admit(ask)
        if refusal is not None:
            raise refusal
        return await proxy(ask)

    return admitted


def with_checked_replies(convert: Convert, checks: Checks) -> Convert:
    """The conversion with checks of what it makes."""

    def converted(answer: Answer, ask: Ask) -> Reply:
        reply = convert(answer, ask)
        pass_reply(reply, checks)
        return reply

    return converted


def with_reply_checks(proxy: Proxy, checks: Checks) -> Proxy:
    """The proxy with checks of its replies; a reply that comes with errors is not looked at, as in KrakenD."""

    async def checked(ask: Ask) -> Reply | None:
        reply = await proxy(ask)
        if reply is None or not reply.errors:
            pass_reply(reply, checks)
        return reply

    return checked


def pass_reply(reply: Reply | None, checks: Checks) -> None:
    """Raises ``Rejected`` when a reply does not pass; what still arrives of it is thrown away."""
    refusal = checks.refusal(reply_values(reply))
    if refusal is None:
        return
    if reply is not None:
        if isinstance(reply.body, Stream):
            reply.body.discard()
        if reply.tunnel is not None:
            reply.tunnel.cut()
    raise refusal


def condition(text: str) -> Callable[[Ask, Request], bool]:
    """``understudy/shadow.match`` as an expression. Raises ``ValueError`` when it is none that can be used.

    As with the other conditions, all headers and query parameters of the client can be seen, forwarded or not.
    """
    wrong = cel.match_problem(text)
    if wrong is not None:
        raise ValueError(wrong)
    expression = Expression(text)

    def holds(ask: Ask, request: Request) -> bool:
        query = parse_query(request.target.partition(b"?")[2])
        values = request_values(ask.method, ask.path, ask.params, request.headers, query)
        claims = (ask.notes or {}).get("jwt")
        return expression.holds({**values, "JWT": lambda: claims} if claims is not None else values)

    return holds
