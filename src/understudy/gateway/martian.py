"""``modifier/martian``: what a backend is asked, and what it answers, changed by a tree of modifiers. Pure.

The modifiers work on ``Outgoing`` and ``Incoming``; ``gateway/modified.py`` makes these of asks and answers.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from understudy.config.martian import REQUEST, RESPONSE
from understudy.config.model import Modifier
from understudy.config.patterns import searching
from understudy.gateway.escape import encode_query, parse_query
from understudy.http.stream import Stream
from understudy.http.values import Pair, Pairs, canonical

_HOST = b"Host"
_PORTS = {"http": 80, "https": 443}


class Outgoing:
    """What is about to be sent to a backend. ``path`` is escaped, ``query`` raw; ``host`` is the URL's."""

    def __init__(
        self, url: tuple[str, str, str, str], authority: bytes, headers: Sequence[Pair], body: bytes | Stream
    ) -> None:
        self.scheme, self.host, self.path, self.query = url
        self.authority = authority
        """The Host field, which does not follow the URL."""
        self.headers: Pairs = list(headers)
        self.body = body
        self.replaced = False
        """Whether the body is another one."""
        self.skipped = False
        """Whether nobody is asked: the answer is made here."""

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"{self.scheme}://{self.host}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def port(self) -> int:
        """The port that the URL names, or its scheme's."""
        name, colon, port = self.host.rpartition(":")
        return int(port) if colon and port.isdigit() and not name.endswith(":") else _PORTS[self.scheme]

    def values(self, name: bytes) -> list[bytes]:
        """All values of a header."""
        return [self.authority] if name == _HOST else [value for known, value in self.headers if known == name]

    def set(self, name: bytes, value: bytes) -> None:
        """The header with this one value."""
        if name == _HOST:
            self.authority = value
        else:
            self.headers = [*(pair for pair in self.headers if pair[0] != name), (name, value)]


class Incoming:
    """What a backend has answered, and what it was asked."""

    def __init__(self, asked: Outgoing, status: int, headers: Sequence[Pair], body: bytes | Stream) -> None:
        self.asked = asked
        self.status = status
        self.headers: Pairs = list(headers)
        self.body = body
        self.replaced = False
        self.file: tuple[str, str] | None = None
        """Folder and path of the file that is the answer."""

    def values(self, name: bytes) -> list[bytes]:
        """All values of a header."""
        return [value for known, value in self.headers if known == name]

    def set(self, name: bytes, value: bytes) -> None:
        """The header with this one value."""
        self.headers = [*(pair for pair in self.headers if pair[0] != name), (name, value)]


Message = Outgoing | Incoming
Change = Callable[[Message], None]
Test = Callable[[Message], bool]


def asked(message: Message) -> Outgoing:
    """The request that a message is, or answers."""
    return message if isinstance(message, Outgoing) else message.asked


def change_of(modifier: Modifier | None, scope: str) -> Change | None:
    """What a tree does to messages of one scope; None when it does nothing to them."""
    if modifier is None or scope not in modifier.scopes:
        return None
    if modifier.kind.endswith("Group"):
        steps = [step for step in (change_of(inner, scope) for inner in modifier.inner) if step is not None]
        return _all_of(steps) if steps else None
    if modifier.kind.endswith("Filter"):
        fitting, other = change_of(modifier.inner[0], scope), change_of(modifier.otherwise, scope)
        return _either(_TESTS[modifier.kind](modifier.values), fitting, other) if fitting or other else None
    return _CHANGES[modifier.kind](modifier.values)


def changes_of(modifier: Modifier) -> tuple[Change | None, Change | None]:
    """What a tree does to requests, and to answers."""
    return change_of(modifier, REQUEST), change_of(modifier, RESPONSE)


def _all_of(steps: Sequence[Change]) -> Change:
    def change(message: Message) -> None:
        for step in steps:
            step(message)

    return change


def _either(fits: Test, then: Change | None, otherwise: Change | None) -> Change:
    def change(message: Message) -> None:
        chosen = then if fits(message) else otherwise
        if chosen is not None:
            chosen(message)

    return change


def _name(values: Any, key: str, default: str = "") -> bytes:
    return canonical((values.get(key) or default).encode("latin-1", "replace"))


def _text(values: Any, key: str) -> bytes:
    return values.get(key, "").encode()  # type: ignore[no-any-return]


# ------------------------------------------------------------- changes


def _header(values: Any) -> Change:
    name, value = _name(values, "name"), _text(values, "value")
    return lambda message: message.set(name, value)


def _append(values: Any) -> Change:
    name, value = _name(values, "name"), _text(values, "value")
    if name == _HOST:
        return lambda message: message.set(name, value)
    return lambda message: message.headers.append((name, value))


def _copy(values: Any) -> Change:
    source, target = _name(values, "from"), _name(values, "to")
    return lambda message: message.set(target, (message.values(source) or [b""])[0])


def _blacklist(values: Any) -> Change:
    names = frozenset(canonical(name.encode("latin-1", "replace")) for name in values.get("names", ()))

    def change(message: Message) -> None:
        message.headers = [pair for pair in message.headers if pair[0] not in names]

    return change


def _id(values: Any) -> Change:
    name = _name(values, "header", "X-Krakend-Id")

    def change(message: Message) -> None:
        if not (message.values(name) or [b""])[0]:
            message.set(name, str(uuid.uuid4()).encode())

    return change


def _body(values: Any) -> Change:
    kind, body = _text(values, "contentType"), values.get("body", b"")

    def change(message: Message) -> None:
        message.set(b"Content-Type", kind)
        message.headers = [pair for pair in message.headers if pair[0] != b"Content-Encoding"]
        message.body, message.replaced = body, True

    return change


def _cookie(values: Any) -> Change:
    name, value = values["name"], values.get("value", "")
    value = f'"{value}"' if " " in value or "," in value else value
    crumb = f"{name}={value}".encode()
    whole = f"{name}={value}{_attributes(values)}".encode()

    def change(message: Message) -> None:
        if isinstance(message, Incoming):
            message.headers.append((b"Set-Cookie", whole))
        else:
            message.set(b"Cookie", b"; ".join([*message.values(b"Cookie"), crumb]))

    return change


def _attributes(values: Any) -> str:
    """A cookie's attributes, in Go's order."""
    out = [f"; Path={values['path']}"] if values.get("path") else []
    if values.get("domain"):
        out.append(f"; Domain={values['domain'].removeprefix('.')}")
    expires: datetime | None = values.get("expires")
    if expires is not None and expires.year >= 1601:
        out.append("; Expires=" + format_datetime(expires.astimezone(UTC), usegmt=True))
    age = values.get("maxAge", 0)
    if age:
        out.append(f"; Max-Age={max(age, 0)}")
    out += ["; HttpOnly"] if values.get("httpOnly") else []
    out += ["; Secure"] if values.get("secure") else []
    return "".join(out)


def _url(values: Any) -> Change:
    scheme, host, path, query = (values.get(key, "") for key in ("scheme", "host", "path", "query"))
    escaped = quote(path, safe="$&+,/:;=@") if path else ""
    escaped = escaped if not escaped or escaped.startswith("/") else "/" + escaped

    def change(message: Message) -> None:
        out = asked(message)
        out.scheme, out.host = scheme or out.scheme, host or out.host
        out.path, out.query = escaped or out.path, query or out.query

    return change


def _query(values: Any) -> Change:
    name, value = values.get("name", ""), values.get("value", "")

    def change(message: Message) -> None:
        out = asked(message)
        pairs = [pair for pair in parse_query(out.query.encode()) if pair[0] != name]
        out.query = encode_query([*pairs, (name, value)])

    return change


def _port(values: Any) -> Change:
    def change(message: Message) -> None:
        out = asked(message)
        bare = out.host[: -len(str(out.port)) - 1] if out.host.endswith(f":{out.port}") else out.host
        port = _PORTS[out.scheme] if values.get("defaultForScheme") else values.get("port", 0)
        out.host = bare if values.get("remove") else f"{bare}:{port}"

    return change


def _stash(values: Any) -> Change:
    name = _name(values, "headerName")
    return lambda message: message.set(name, asked(message).url.encode("ascii", "replace"))


def _static(values: Any) -> Change:
    folder, places = values.get("rootPath", ""), values.get("explicitPaths", {})

    def change(message: Message) -> None:
        if isinstance(message, Incoming):
            path = message.asked.path
            message.file = (folder, places.get(path, path))
        else:
            message.skipped = True

    return change


def _status(values: Any) -> Change:
    status = values.get("statusCode", 200)

    def change(message: Message) -> None:
        if isinstance(message, Incoming):
            message.status = status

    return change


_CHANGES: dict[str, Callable[[Any], Change]] = {
    "header.Modifier": _header, "header.Append": _append, "header.Copy": _copy, "header.Blacklist": _blacklist,
    "header.Id": _id, "body.Modifier": _body, "cookie.Modifier": _cookie, "url.Modifier": _url,
    "querystring.Modifier": _query, "port.Modifier": _port, "stash.Modifier": _stash, "static.Modifier": _static,
    "status.Modifier": _status,
}  # fmt: skip


# ------------------------------------------------------------- conditions


def _has_header(values: Any) -> Test:
    name, value = _name(values, "name"), _text(values, "value")
    return lambda message: value in message.values(name)


def _header_fits(values: Any) -> Test:
    name, search = _name(values, "header"), searching(values.get("regex", ""))
    return lambda message: search((message.values(name) or [b""])[0].decode("utf-8", "replace"))


def _has_cookie(values: Any) -> Test:
    name, value = values.get("name", "").encode(), _text(values, "value")

    def fits(message: Message) -> bool:
        lines = message.values(b"Set-Cookie" if isinstance(message, Incoming) else b"Cookie")
        if isinstance(message, Incoming):
            crumbs = [line.partition(b";")[0] for line in lines]
        else:
            crumbs = [crumb for line in lines for crumb in line.split(b";")]
        pairs = [crumb.strip().partition(b"=")[::2] for crumb in crumbs]
        return any(known == name and (not value or got.strip(b'"') == value) for known, got in pairs)

    return fits


def _url_is(values: Any) -> Test:
    scheme, host, path, query = (values.get(key, "") for key in ("scheme", "host", "path", "query"))
    escaped = quote(path, safe="$&+,/:;=@")

    def fits(message: Message) -> bool:
        out = asked(message)
        return (
            (not scheme or scheme == out.scheme)
            and (not host or host_fits(out.host, host))
            and (not path or escaped == out.path)
            and (not query or query == out.query)
        )

    return fits


def host_fits(host: str, wanted: str) -> bool:
    """Whether a host is the wanted one, in which ``*`` stands for what is left of a label."""
    labels, wishes = host.split("."), wanted.split(".")
    return len(labels) == len(wishes) and all(map(_label_fits, labels, wishes))


def _label_fits(label: str, wish: str) -> bool:
    head, star, tail = wish.partition("*")
    return label.startswith(head) and label.endswith(tail) and len(label) >= len(wish) - 1 if star else label == wish


def _url_fits(values: Any) -> Test:
    search = searching(values.get("regex", ""))
    return lambda message: search(asked(message).url)


def _has_query(values: Any) -> Test:
    name, value = values.get("name", ""), values.get("value", "")

    def fits(message: Message) -> bool:
        pairs = parse_query(asked(message).query.encode())
        return any(known == name and (not value or got == value) for known, got in pairs)

    return fits


def _port_is(values: Any) -> Test:
    port = values.get("port", 0)
    return lambda message: asked(message).port == port


_TESTS: dict[str, Callable[[Any], Test]] = {
    "header.Filter": _has_header, "header.RegexFilter": _header_fits, "cookie.Filter": _has_cookie,
    "url.Filter": _url_is, "url.RegexFilter": _url_fits, "querystring.Filter": _has_query, "port.Filter": _port_is,
}  # fmt: skip
