"""Every key of ours: ``understudy/service`` at the root and ``understudy/shadow`` on shadow backends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from understudy.config.kinds import ANY, Kind, Wrong, meant, shown
from understudy.config.namespaces import NEEDED
from understudy.config.notes import Known, Table
from understudy.config.strict import (
    FLAG,
    HEADER_NAME,
    HEADER_NAMES,
    HEADER_VALUES,
    LIST,
    PATTERN,
    PATTERNS,
    SIZE,
    SOME_TEXT,
    choice,
    number,
    span,
    whole,
)


def _workers(value: Any) -> int | str:
    if value == "auto":
        return "auto"
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1024:
        return value
    raise Wrong(f'must be a whole number from 1 to 1024, or "auto", not {shown(value)}')


def _switch(what: str) -> Kind:
    """``true``, ``false``, or an object that says more."""

    def read(value: Any) -> Any:
        if isinstance(value, (bool, Mapping)):
            return value
        raise Wrong(f"must be true, false or an object {what}, not {shown(value)}")

    return Kind(read, {})


def _of(value: Any) -> int | str:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Wrong(f'must be a group, an index of the backend list, or "response", not {shown(value)}')


STICKY = re.compile(r"(header|cookie|query|param|jwt):(.+)|client_ip", re.ASCII)


def _sticky(value: Any) -> str:
    if isinstance(value, str) and STICKY.fullmatch(value):
        return value
    raise Wrong("must be client_ip, or header:NAME, cookie:NAME, query:NAME, param:NAME or jwt:CLAIM, "
                f"not {shown(value)}")


def _match(value: Any) -> Any:
    if isinstance(value, Mapping) or (isinstance(value, str) and value):
        return value
    raise Wrong(f"must be an object of conditions, or one expression, not {shown(value)}")


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/{}-]{0,99}")


def _name(value: Any) -> str:
    if isinstance(value, str) and NAME.fullmatch(value):
        return value
    raise Wrong("must be a name of letters, digits, dots, slashes and dashes, at most 100 characters, "
                f"not {shown(value)}")


def _methods(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(m, str) and m.isalpha() for m in value) and value:
        return tuple(m.upper() for m in value)
    raise Wrong(f'must be a list of methods such as ["GET", "HEAD"], not {shown(value)}')


def _numbers(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise Wrong(f"must be an object of JSON paths and numbers, not {shown(value)}")
    out = {}
    for key, item in value.items():
        if isinstance(item, bool) or not isinstance(item, (int, float)) or not 0 <= item < 1e308:
            raise Wrong(f"must be a number of at least 0, not {shown(item)}", key)
        out[key] = float(item)
    return out


def _words(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Wrong(f"must be an object of JSON paths and key names, not {shown(value)}")
    for key, item in value.items():
        if not isinstance(item, str) or not item:
            raise Wrong(f"must be the name of a key, not {shown(item)}", key)
    return dict(value)


def _port(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 65535:
        return value
    raise Wrong(f"must be a port from 0 to 65535, not {shown(value)}")


def _left_out(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Wrong(f'must be a list of namespaces such as ["auth/validator"], not {shown(value)}')
    for index, name in enumerate(value):
        if not isinstance(name, str) or name not in NEEDED:
            hint = meant(name, sorted(NEEDED)) if isinstance(name, str) else ""
            raise Wrong("must name components without which a file would not run, such as auth/validator, not "
                        f"{shown(name)}{hint}", index)
    return tuple(value)


_SERVER = re.compile(r"(?:[^@/]*@)?(?:\[[^\]]*\]|[^/:?@]*)(?::\d{1,5})?(?:/[^?]*)?(?:\?.*)?")


def _store(value: Any) -> str:
    """A file, or a database's URL; it may hold a password, so no message shows it."""
    forms = "write a file's name, sqlite:///FILE or postgresql://USER@HOST/NAME"
    if not isinstance(value, str) or not value:
        raise Wrong(f"must be a text that is not empty, not {shown(value)}")
    name, url, rest = value.partition("://")
    kind = name.partition("+")[0]
    if not url:
        return value
    if kind == "sqlite":
        if not rest.startswith("/") or rest in ("/", "/:memory:"):
            raise Wrong("needs a file, because several processes use it: sqlite:///FILE")
    elif kind not in ("postgresql", "postgres"):
        raise Wrong(f'cannot be of the kind "{kind[:20]}"; {forms}')
    elif not _SERVER.fullmatch(rest):
        raise Wrong(f"is no URL that can be read; {forms}, a / as %2F in a password")
    return value


_PORT = Kind(_port, {"type": "integer", "minimum": 0, "maximum": 65535})
_LEVEL = choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

SERVICE: Table = {
    "workers": Known(Kind(_workers, {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 1024}, {"const": "auto"}]}),
                     'Processes that serve users; "auto" is one for each CPU.'),
    "mirrors": Known(whole(1, 64), "Processes that send copies."),
    "mirror_nice": Known(whole(0, 19), "How much mirrors step back for everything else: nice, 0 to 19."),
    "admin_address": Known(SOME_TEXT, "Address of the admin side."),
    "admin_port": Known(_PORT, "Port of the admin side; when absent the default one, or a free one when it is taken."),
    "admin_token": Known(SOME_TEXT, "Needed for changes and, on an address that is not loopback, for reading."),
    "admin_disabled": Known(FLAG, "No admin side at all."),
    "listen_unix": Known(SOME_TEXT, "Also serve clients on this UNIX socket."),
    "log_level": Known(_LEVEL, "What is logged: this level and above."),
    "log_format": Known(choice("text", "json"), "How lines are written."),
    "access_log": Known(FLAG, "One line for each request."),
    "max_body_bytes": Known(SIZE, "Larger request bodies are refused (413); no limit when absent."),
    "max_target_bytes": Known(SIZE, "Longer request targets are refused (414)."),
    "max_header_fields": Known(whole(1, 100_000), "More header fields are refused (431)."),
    "head_timeout": Known(span(0, open_low=True), "How long a client may take for its header section (408)."),
    "body_timeout": Known(span(0, open_low=True), "How long an upload or download may make no progress."),
    "idle_timeout": Known(span(0, open_low=True), "When idle client connections are closed."),
    "max_connections": Known(whole(0), "Client connections of one worker; 0 is no limit."),
    "max_connections_per_host": Known(whole(0), "Connections of one worker to one backend host; 0 is no limit."),
    "max_response_head_bytes": Known(SIZE, "Longer header sections of backends are failures."),
    "max_response_bytes": Known(SIZE, "Longer answers that must be decoded are failures; no limit when absent."),
    "link_bytes": Known(SIZE, "What a worker may hold for the mirror; over it copies are dropped and counted."),
    "mirror_memory_bytes": Known(SIZE, "What a mirror may hold in bodies; over it copies are dropped and counted."),
    "settings_writable": Known(FLAG, "Shadows may be changed at run time."),
    "explain_header": Known(FLAG, "Tell in X-Understudy-Copies which shadows got a copy."),
    "run_without": Known(Kind(_left_out, {"type": "array", "items": {"enum": sorted(NEEDED)}}),
                         "Components of the file that are not supported here and are taken care of elsewhere."),
    "store": Known(Kind(_store, SOME_TEXT.schema), "Where evidence is kept: a file, or a database URL."),
}

SHADOW: Table = {
    "name": Known(Kind(_name, {"type": "string", "pattern": f"^{NAME.pattern}$"}),
                  "What people and the admin side call it; made from path and index when absent."),
    "timeout": Known(span(-1e9), "How long a copy may take; the same as proxy.shadow_timeout."),
    "of": Known(Kind(_of, {"type": ["string", "integer"]}),
                'Which regular backend it understudies: its group, its index, or "response".'),
    "role": Known(choice("candidate", "control"), "A new version, or a second copy of the old one."),
    "percent": Known(number(0, 100, step=0.0001), "Share of eligible requests that are copied."),
    "sticky_by": Known(Kind(_sticky, {"type": "string", "pattern": f"^({STICKY.pattern})$"}),
                       "Same value, same decision."),
    "match": Known(Kind(_match, {"type": ["object", "string"]}),
                   "Copy only what fits: an object of conditions, or one CEL expression of the request."),
    "start": Known(choice("with", "after"), "Send the copy with the primary's request, or after its answer."),
    "host_header": Known(SOME_TEXT, "Host header of the copy."),
    "headers": Known(ANY, "Changes on the copy: {set: {NAME: VALUE}, remove: [NAME]}."),
    "credentials": Known(HEADER_NAMES, "Credential headers that may go along; all that are forwarded when absent."),
    "mark": Known(HEADER_NAME, "Header that marks the copy; marked requests are never copied again."),
    "max_body": Known(SIZE, "Copies with larger bodies, on either side, are given up."),
    "max_in_flight": Known(whole(1, 1_000_000), "Copies at once."),
    "max_rate": Known(number(0, open_low=True), "Copies a second."),
    "amplify": Known(whole(1, 100), "Copies for each request."),
    "breaker": Known(_switch("with enabled, failures, pause"), "Stop after failures in a row, probe, come back."),
    "guard": Known(_switch("with enabled, latency_ratio, error_rise, lag, pause"),
                   "Step back when the primary or the gateway is in trouble."),
    "compare": Known(_switch("of rules"), "Rules for the comparison of answers."),
}

HEADERS: Table = {
    "set": Known(HEADER_VALUES, "Set these headers."),
    "remove": Known(HEADER_NAMES, "Remove these headers."),
}

MATCH: Table = {
    "methods": Known(Kind(_methods, {"type": "array", "items": {"type": "string"}, "minItems": 1}), "One of these."),
    "headers": Known(PATTERNS, "A header's value matches; regular expressions, searched."),
    "query": Known(PATTERNS, "A query parameter matches; regular expressions, searched."),
    "path": Known(PATTERN, "The path matches; a regular expression, searched."),
}

BREAKER: Table = {
    "enabled": Known(FLAG, "Off when false."),
    "failures": Known(whole(1, 1_000_000), "Failures in a row that open it."),
    "pause": Known(span(0, open_low=True), "How long it stays open before it probes."),
}

GUARD: Table = {
    "enabled": Known(FLAG, "Off when false."),
    "latency_ratio": Known(number(1, open_low=True), "Step back when the primary is so many times slower than usual."),
    "error_rise": Known(number(0, 1, open_low=True), "Step back when the primary's share of errors rises by this."),
    "lag": Known(span(0, open_low=True), "Step back when a worker's event loop lags this much."),
    "pause": Known(span(0, open_low=True), "How long each step back lasts at least."),
}

COMPARE: Table = {
    "enabled": Known(FLAG, "Off when false."),
    "ignore": Known(LIST, "JSON paths that do not count."),
    "unordered": Known(LIST, "JSON paths of lists whose order does not count."),
    "id_field": Known(Kind(_words, {"type": "object", "additionalProperties": {"type": "string"}}),
                      "Lists whose items are matched by a key: {PATH: KEY}."),
    "tolerance": Known(Kind(_numbers, {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}),
                       "Differences of numbers that do not count: {PATH: NUMBER}."),
    "headers": Known(HEADER_NAMES, "Headers that count."),
    "max_body": Known(SIZE, "Larger bodies are compared by digest only."),
    "resample": Known(number(0, 1), "Share of safe requests that ask the primary twice, to measure noise."),
    "cached": Known(FLAG, "Compare answers of the primary that came from a cache."),
}

NESTED: Mapping[str, Table] = {"headers": HEADERS, "match": MATCH, "breaker": BREAKER, "guard": GUARD,
                               "compare": COMPARE}
"""Keys of SHADOW whose value may be an object, with its keys."""

__all__ = ["BREAKER", "COMPARE", "GUARD", "HEADERS", "MATCH", "NESTED", "SERVICE", "SHADOW", "STICKY"]
