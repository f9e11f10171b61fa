"""Go's way to escape URLs, which is what backends of a KrakenD see. Pure.

Rules from the documentation of Go's net/url and from recorded answers of KrakenD.
"""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus, unquote_to_bytes

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BAD_ESCAPE_BYTES = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_VALID_PATH = re.compile(r"[A-Za-z0-9\-_.~!$&'()*+,;=:@/\[\]%]*\Z")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9\-_.~$&+,;=:@/]*\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PATH_SAFE = "$&+,/:;=@"


class EscapeError(ValueError):
    """The text holds a percent sign that begins no escape, or a control character."""


def decode_path(path: bytes) -> str:
    """The path that is routed: percent-decoded once. Raises ``EscapeError``."""
    if b"%" not in path:
        return path.decode("utf-8", "surrogateescape")
    if _BAD_ESCAPE_BYTES.search(path):
        raise EscapeError("malformed percent escape in the path")
    return unquote_to_bytes(path).decode("utf-8", "surrogateescape")


def decode_once_more(text: str) -> str:
    """Percent-decodes a captured value again; raises ``EscapeError`` with Go's text."""
    bad = _BAD_ESCAPE.search(text)
    if bad:
        raise EscapeError(f'invalid URL escape "{text[bad.start() : bad.start() + 3]}"')
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def escape_path(path: str) -> str:
    """A decoded or half-decoded path as it goes on the wire: unchanged when valid, else decoded and escaped anew."""
    if _PLAIN_PATH.match(path):
        return path
    if _BAD_ESCAPE.search(path):
        raise EscapeError("invalid URL escape in the backend's path")
    if _VALID_PATH.match(path):
        return path
    return quote(unquote_to_bytes(path.encode("utf-8", "surrogateescape")), safe=_PATH_SAFE)


def target(text: str) -> str:
    """A composed path and query as a request-target: the fragment is cut, the path escaped, blanks in the query too."""
    if _PLAIN_PATH.match(text):
        return text
    if _CONTROL.search(text):
        raise EscapeError("invalid control character in URL")
    path, mark, query = text.partition("#")[0].partition("?")
    path = escape_path(path)
    if not mark:
        return path
    return path + "?" + quote(query.encode("utf-8", "surrogateescape"), safe="!\"$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def parse_query(query: bytes) -> list[tuple[str, str]]:
    """Decoded pairs in order; pairs with a semicolon or a bad escape are dropped, as Go drops them."""
    pairs = []
    for part in query.split(b"&"):
        if not part or b";" in part:
            continue
        if b"%" in part and _BAD_ESCAPE_BYTES.search(part):
            continue
        key, _, value = part.partition(b"=")
        pairs.append((_unquote_plus(key), _unquote_plus(value)))
    return pairs


def _unquote_plus(text: bytes) -> str:
    if b"+" in text:
        text = text.replace(b"+", b" ")
    if b"%" in text:
        text = unquote_to_bytes(text)
    return text.decode("utf-8", "surrogateescape")


def encode_query(pairs: list[tuple[str, str]]) -> str:
    """Pairs sorted by key (values of one key keep their order), escaped as Go's ``url.Values`` does."""
    ordered = sorted(pairs, key=lambda pair: pair[0]) if len(pairs) > 1 else pairs
    return "&".join(f"{_quote(k)}={_quote(v)}" for k, v in ordered)


def _quote(text: str) -> str:
    return quote_plus(text, errors="surrogateescape")
