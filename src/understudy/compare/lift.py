"""An answer's bytes to what they mean: data where they are JSON, XML or YAML, else text or bytes. Pure and total.

Whatever comes in, a ``Content`` comes out: what cannot be read says so by its kind.
"""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import xmltodict
from msgspec import Struct

from understudy.compare import yaml
from understudy.http.values import Pair

DEPTH = 100
"""Data that is nested more deeply is compared as text."""

Kind = Literal["json", "xml", "yaml", "text", "binary", "empty", "unreadable", "too_large"]


class Content(Struct, frozen=True, gc=False):
    """A body, decoded."""

    kind: Kind
    data: Any = b""
    """For json, xml and yaml the data, with numbers that have a fraction or exponent inside ``msgspec.Raw``; else the
    decompressed bytes (of text: as UTF-8)."""

    @property
    def is_data(self) -> bool:
        """Whether it has paths."""
        return self.kind in ("json", "xml", "yaml")


EMPTY = Content("empty")


def header(headers: Sequence[Pair], name: bytes) -> bytes:
    """All values of a header, in lower case as it is asked for; empty when it is absent."""
    found = [value for key, value in headers if key.lower() == name]
    return b", ".join(found)


def lift(headers: Sequence[Pair], body: bytes, limit: int) -> Content:
    """What the body means; at most ``limit`` bytes after decompression."""
    if not body:
        return EMPTY
    encoding = header(headers, b"content-encoding")
    if encoding:
        plain = decompressed(body, encoding, limit)
        if isinstance(plain, Content):
            return plain
        body = plain
        if not body:
            return EMPTY
    if len(body) > limit:
        return Content("too_large")
    media, charset = _media(header(headers, b"content-type"))
    read = _READERS.get(_format(media, body))
    if read is not None:
        content = read(_as_utf8(body, charset) if charset else body)
        if content is not None:
            return content
    return _text(body, charset, media)


def decompressed(body: bytes, encoding: bytes, limit: int) -> bytes | Content:
    """The body without its content encodings, or why not."""
    names = [name.strip() for name in encoding.lower().split(b",")]
    if len(names) > 3:
        return Content("unreadable")
    for name in reversed(names):
        if name in (b"gzip", b"x-gzip"):
            windows: tuple[int, ...] = (31,)
        elif name == b"deflate":
            windows = (15, -15)
        elif name in (b"identity", b""):
            continue
        else:
            return Content("unreadable")
        inflated = next((out for w in windows if (out := _inflated(body, w, limit)) is not None), None)
        if inflated is None:
            return Content("unreadable")
        if len(inflated) > limit:
            return Content("too_large")
        body = inflated
    return body


def _inflated(body: bytes, window: int, limit: int) -> bytes | None:
    """All members; one byte more than the limit when it is exceeded, None when the bytes are broken or cut."""
    out: list[bytes] = []
    size = 0
    while body:
        engine = zlib.decompressobj(window)
        try:
            part = engine.decompress(body, limit - size + 1)
        except zlib.error:
            return None
        out.append(part)
        size += len(part)
        if size > limit:
            break
        if not engine.eof or len(out) > _MOST_MEMBERS:
            return None
        body = engine.unused_data
    return b"".join(out)


_MOST_MEMBERS = 1000

_TEXT_CODECS = ("utf", "iso8859", "cp125", "ascii", "latin", "koi8", "gb", "big5", "shift_jis", "euc_")


def _media(value: bytes) -> tuple[str, str]:
    """Media type and charset (the name of a codec for text, empty for UTF-8), in lower case."""
    media, _, rest = value.decode("latin-1").lower().partition(";")
    _, found, charset = rest.partition("charset=")
    if not found:
        return media.strip(), ""
    try:
        name = codecs.lookup(charset.partition(";")[0].strip(" \"'")[:40]).name
    except (LookupError, ValueError):
        return media.strip(), ""
    known = name.startswith(_TEXT_CODECS) and name not in ("utf-7", "utf-8")
    return media.strip(), name if known else ""


def _format(media: str, body: bytes) -> str:
    if media.endswith("json"):
        return "json"
    if media in ("application/xml", "text/xml") or media.endswith("+xml"):
        return "xml"
    if media.endswith("yaml"):
        return "yaml"
    if media in ("", "text/plain", "application/octet-stream") and body.lstrip()[:1] in (b"{", b"["):
        return "json"
    return ""


def _as_utf8(body: bytes, charset: str) -> bytes:
    try:
        return body.decode(charset, "replace").encode("utf-8", "replace")
    except (UnicodeError, LookupError, ValueError):
        return body


def _text(body: bytes, charset: str, media: str) -> Content:
    if charset:
        return Content("text", _as_utf8(body, charset))
    if media.startswith(("image/", "audio/", "video/")):
        return Content("binary", body)
    try:
        body.decode()
    except UnicodeDecodeError:
        return Content("binary", body)
    return Content("text", body)


_decode = msgspec.json.Decoder(float_hook=msgspec.Raw).decode


def _json(body: bytes) -> Content | None:
    try:
        data = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return _tolerant(body)
    if body.count(b"[") + body.count(b"{") > DEPTH and not shallow(data):
        return None
    return Content("json", data)


def _tolerant(body: bytes) -> Content | None:
    """With a byte order mark, NaN, lone surrogates, broken UTF-8, numbers of thousands of digits."""
    text = body.decode("utf-8-sig", "surrogateescape")
    try:
        data = _lenient.decode(text)
    except (ValueError, RecursionError):
        return None
    if not shallow(data):
        return None
    return Content("json", data if text.isascii() and "\\u" not in text else _readable(data))


def _integer(text: str) -> Any:
    return msgspec.Raw(text) if len(text) > 4000 else int(text)


_lenient = json.JSONDecoder(parse_float=msgspec.Raw, parse_int=_integer, parse_constant=msgspec.Raw)


def _readable(value: Any) -> Any:
    """The same with lone surrogates spelled out, so that every text can be shown and stored."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_readable(key): _readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return value


def _xml(body: bytes) -> Content | None:
    try:
        data = xmltodict.parse(body, attr_prefix="-", cdata_key="#text", disable_entities=True)
    except Exception:  # the parser's ways to refuse are many, and none may end a comparison
        return None
    return Content("xml", data) if shallow(data) else None


def _yaml(body: bytes) -> Content | None:
    try:
        return Content("yaml", yaml.read(body))
    except yaml.Unreadable:
        return None


_READERS = {"json": _json, "xml": _xml, "yaml": _yaml}


def shallow(data: Any) -> bool:
    """Whether data is nested at most ``DEPTH`` levels deep."""
    level = [data]
    for _ in range(DEPTH + 1):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend([v for v in item.values() if isinstance(v, (dict, list))])
            elif isinstance(item, list):
                below.extend([v for v in item if isinstance(v, (dict, list))])
        if not below:
            return True
        level = below
    return False
