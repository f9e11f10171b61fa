"""``modifier/martian``: a tree of modifiers, read and checked.

One mistake anywhere switches all of the block off, as in KrakenD; values that could never be sent are errors.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from understudy.config.components import Block
from understudy.config.kinds import ANY, Kind, Wrong, meant, shown
from understudy.config.model import Modifier
from understudy.config.notes import Known, Notes, Path, Table, read_lenient
from understudy.config.patterns import searching
from understudy.config.strict import FLAG, LIST, PLAIN_TEXT, WHOLE

REQUEST, RESPONSE = "request", "response"
BOTH = frozenset((REQUEST, RESPONSE))
_ASKED = frozenset((REQUEST,))
_ANSWERED = frozenset((RESPONSE,))


def _base64(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Wrong(f"must be a text in base64, not {shown(value)}") from None


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Wrong(f'must be a time such as "2026-04-12T23:20:50Z", not {shown(value)}') from None
    if moment.tzinfo is None:
        raise Wrong(f'must be a time with its zone, such as "2026-04-12T23:20:50Z", not {shown(value)}')
    return moment


def _pattern(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong(f"must be a regular expression, not {shown(value)}")
    try:
        searching(value)
    except ValueError as error:
        raise Wrong(f"must be a regular expression: {error}") from None
    return value


def _texts(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values()):
        return dict(value)
    raise Wrong(f"must be an object of paths and file names, not {shown(value)}")


BASE64 = Kind(_base64, {"type": "string", "contentEncoding": "base64"})
MOMENT = Kind(_moment, {"type": "string", "format": "date-time"})
RE2 = Kind(_pattern, {"type": "string", "format": "regex"})
FILES = Kind(_texts, {"type": "object", "additionalProperties": {"type": "string"}})

_SCOPE = {"scope": Known(LIST, 'Where it works: "request", "response"; wherever it can when absent.')}
_INSIDE = {"modifier": Known(ANY, "What is done when it fits.")}
_ELSE = {"else": Known(ANY, "What is done when it does not fit.")}
_FIELD = {"name": Known(PLAIN_TEXT, "The header."), "value": Known(PLAIN_TEXT, "Its value.")}
_PORT = Known(WHOLE, "A port.")

KINDS: Mapping[str, tuple[Table, frozenset[str]]] = {
    "fifo.Group": ({"modifiers": Known(ANY, "Modifiers, one after the other."), **_SCOPE,
                    "aggregateErrors": Known(FLAG, "Go on after an error.", "modifiers do not fail here")}, BOTH),
    "priority.Group": ({"modifiers": Known(ANY, "List of {priority, modifier}; the highest goes first."), **_SCOPE},
                       BOTH),
    "header.Modifier": ({**_FIELD, **_SCOPE}, BOTH),
    "header.Append": ({**_FIELD, **_SCOPE}, BOTH),
    "header.Copy": ({"from": Known(PLAIN_TEXT, "The header that is copied."),
                     "to": Known(PLAIN_TEXT, "The header that gets its value."), **_SCOPE}, BOTH),
    "header.Blacklist": ({"names": Known(LIST, "Headers that are removed."), **_SCOPE}, BOTH),
    "header.Filter": ({**_FIELD, **_INSIDE, **_ELSE, **_SCOPE}, BOTH),
    "header.RegexFilter": ({"header": Known(PLAIN_TEXT, "The header."), "regex": Known(RE2, "Searched in its value."),
                            **_INSIDE, **_SCOPE}, BOTH),
    "header.Id": ({"header": Known(PLAIN_TEXT, "Gets a UUID when it is not there; X-Krakend-Id."), **_SCOPE}, _ASKED),
    "body.Modifier": ({"contentType": Known(PLAIN_TEXT, "Content-Type of the new body."),
                       "body": Known(BASE64, "The new body, in base64."), **_SCOPE}, BOTH),
    "cookie.Modifier": ({
        "name": Known(PLAIN_TEXT, "The cookie."), "value": Known(PLAIN_TEXT, "Its value."),
        "path": Known(PLAIN_TEXT, "Its path."), "domain": Known(PLAIN_TEXT, "Its domain."),
        "expires": Known(MOMENT, "When it ends (RFC 3339)."), "secure": Known(FLAG, "Only over TLS."),
        "httpOnly": Known(FLAG, "Not for scripts."), "maxAge": Known(WHOLE, "Seconds that it lives."), **_SCOPE}, BOTH),
    "cookie.Filter": ({"name": Known(PLAIN_TEXT, "The cookie."), "value": Known(PLAIN_TEXT, "Any when empty."),
                       **_INSIDE, **_ELSE, **_SCOPE}, BOTH),
    "url.Modifier": ({"scheme": Known(PLAIN_TEXT, "http or https."), "host": Known(PLAIN_TEXT, "Where it is sent."),
                      "path": Known(PLAIN_TEXT, "The path."), "query": Known(PLAIN_TEXT, "All of the query."),
                      **_SCOPE}, _ASKED),
    "url.Filter": ({"scheme": Known(PLAIN_TEXT, "http or https."), "host": Known(PLAIN_TEXT, "* is any label."),
                    "path": Known(PLAIN_TEXT, "The whole path."), "query": Known(PLAIN_TEXT, "The whole query."),
                    **_INSIDE, **_ELSE, **_SCOPE}, BOTH),
    "url.RegexFilter": ({"regex": Known(RE2, "Searched in the URL."), **_INSIDE, **_ELSE, **_SCOPE}, BOTH),
    "querystring.Modifier": ({"name": Known(PLAIN_TEXT, "The parameter."), "value": Known(PLAIN_TEXT, "Its value."),
                              **_SCOPE}, _ASKED),
    "querystring.Filter": ({"name": Known(PLAIN_TEXT, "The parameter."), "value": Known(PLAIN_TEXT, "Any when empty."),
                            **_INSIDE, **_ELSE, **_SCOPE}, BOTH),
    "port.Modifier": ({"port": _PORT, "defaultForScheme": Known(FLAG, "80 or 443, by scheme."),
                       "remove": Known(FLAG, "Name no port."), **_SCOPE}, _ASKED),
    "port.Filter": ({"port": _PORT, **_INSIDE, **_ELSE, **_SCOPE}, BOTH),
    "stash.Modifier": ({"headerName": Known(PLAIN_TEXT, "The header that gets the URL."), **_SCOPE}, _ASKED),
    "static.Modifier": ({"rootPath": Known(PLAIN_TEXT, "The folder whose files are the answers."),
                         "explicitPaths": Known(FILES, "Files for paths, below rootPath."), **_SCOPE}, BOTH),
    "status.Modifier": ({"statusCode": Known(WHOLE, "The status."), **_SCOPE}, _ANSWERED),
}
"""Every modifier: its keys, and on which messages it works."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NAMED = {"header.Modifier": ("name",), "header.Append": ("name",), "header.Copy": ("from", "to"),
          "stash.Modifier": ("headerName",), "cookie.Modifier": ("name",)}  # fmt: skip
_SENT = {"header.Modifier": ("value",), "header.Append": ("value",), "body.Modifier": ("contentType",),
         "cookie.Modifier": ("value", "path", "domain")}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class _Useless(Exception):
    """A modifier that KrakenD cannot read; ``path`` is the place."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def read_martian(block: Block | None, path: Path, notes: Notes) -> Modifier | None:
    """``modifier/martian``; None when it does nothing."""
    if block is None:
        return None
    name, section = block
    inside = Notes()
    try:
        modifier = _modifier(section, (*path, name), inside)
    except _Useless as error:
        notes.warn(error.path, f'{error}. As in KrakenD, all of "{name}" is off: nothing is changed. Correct it, or '
                               "remove it.", "ignored")
        return None
    notes.problems.extend(inside.problems)
    return modifier


def _modifier(item: Any, path: Path, notes: Notes) -> Modifier:
    if not isinstance(item, Mapping) or len(item) != 1:
        what = f"an object of {len(item)} keys" if isinstance(item, Mapping) else shown(item)
        raise _Useless(path, f"there must be an object with the name of one modifier as its only key, not {what}")
    ((kind, section),) = item.items()
    place = (*path, kind)
    if kind not in KINDS:
        raise _Useless(place, f'"{kind}" is no modifier{meant(kind, list(KINDS)).rstrip("?")}')
    table, works_on = KINDS[kind]
    inside = Notes()
    values = read_lenient(section, table, place, inside)
    for problem in inside.problems:
        if problem.code == "ignored":
            message = problem.message.removesuffix(".").replace(" is ignored, as in KrakenD: it", "")
            raise _Useless(problem.path, message)
    notes.problems.extend(inside.problems)
    _check_sent(kind, values, place, notes)
    scopes = _scopes(values.pop("scope", None), works_on, kind, (*place, "scope"))
    otherwise = _modifier(values.pop("else"), (*place, "else"), notes) if "else" in values else None
    return Modifier(kind, values, scopes, _inner(kind, values, place, notes), otherwise)


def _scopes(listed: tuple[str, ...] | None, works_on: frozenset[str], kind: str, path: Path) -> frozenset[str]:
    if listed is None:
        return works_on
    for index, scope in enumerate(listed):
        if scope not in works_on:
            can = " or ".join(f'"{word}"' for word in sorted(works_on))
            raise _Useless((*path, index), f'"{scope}" is no scope of {kind}, which works on {can}')
    return frozenset(listed)


def _inner(kind: str, values: dict[str, Any], path: Path, notes: Notes) -> tuple[Modifier, ...]:
    """What is inside, taken out of the values."""
    if kind.endswith("Filter"):
        return (_modifier(values.pop("modifier", None), (*path, "modifier"), notes),)
    if not kind.endswith("Group"):
        return ()
    place = (*path, "modifiers")
    items = values.pop("modifiers", [])
    if not isinstance(items, list):
        raise _Useless(place, f'"modifiers" must be a list, not {shown(items)}')
    if kind == "fifo.Group":
        return tuple(_modifier(item, (*place, index), notes) for index, item in enumerate(items))
    return _by_priority(items, place, notes)


def _by_priority(items: list[Any], path: Path, notes: Notes) -> tuple[Modifier, ...]:
    """The highest first; of equal ones the later one, as in KrakenD."""
    found: list[tuple[int, int, Modifier]] = []
    for index, item in enumerate(items):
        place = (*path, index)
        if not isinstance(item, Mapping):
            raise _Useless(place, f'there must be an object with "priority" and "modifier", not {shown(item)}')
        for key in item:
            if key not in ("priority", "modifier"):
                hint = meant(key, ["priority", "modifier"]) or "."
                notes.warn((*place, key), f'the key "{key}" is not known and is ignored{hint}', "unknown_key")
        priority = item.get("priority", 0)
        if isinstance(priority, bool) or not isinstance(priority, int):
            raise _Useless((*place, "priority"), f'"priority" must be a whole number, not {shown(priority)}')
        found.append((priority, index, _modifier(item.get("modifier"), (*place, "modifier"), notes)))
    return tuple(modifier for _, _, modifier in sorted(found, key=lambda entry: entry[:2], reverse=True))


def _check_sent(kind: str, values: Mapping[str, Any], path: Path, notes: Notes) -> None:
    """Names and values that no header can have: with them every request would fail."""
    for key in _NAMED.get(kind, ()):
        name = values.get(key, "")
        if not _TOKEN.fullmatch(name):
            place = (*path, key) if key in values else path
            notes.error(place, f'"{key}" of {kind} must be the name of a {kind.partition(".")[0]} field, not '
                               f"{shown(name)}: every request would fail.", "header")
    for key in _SENT.get(kind, ()):
        if _CONTROL.search(values.get(key, "")):
            notes.error((*path, key), f'"{key}" of {kind} must be a text without control characters, not '
                                      f"{shown(values[key])}: every request would fail.", "header")
    scheme = values.get("scheme", "")
    if kind == "url.Modifier" and scheme not in ("", "http", "https"):
        notes.error((*path, "scheme"), f'"scheme" must be http or https, not {shown(scheme)}: every request would '
                                       "fail.", "value")
    status = values.get("statusCode", 200)
    if not 200 <= status <= 599:
        notes.error((*path, "statusCode"), f'"statusCode" must be from 200 to 599, not {status}.', "value")
    if not 0 <= values.get("port", 0) <= 65535:
        notes.error((*path, "port"), f'"port" must be from 0 to 65535, not {values["port"]}.', "value")
