"""JSON as KrakenD reads and writes it: numbers keep their text, keys come out sorted, ``<``, ``>`` and ``&`` escaped.

msgspec does the work; what it refuses and Go accepts (bytes after the first value, broken UTF-8, lone surrogates) goes
through the standard library's slower decoder.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from understudy.errors import BadAnswer


def _keep(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


_decode = msgspec.json.Decoder(float_hook=_keep).decode
_encode = msgspec.json.Encoder(order="sorted").encode

_KINDS = {dict: "object", list: "array", str: "string", bool: "bool", int: "number"}
_MAP = "map[string]interface {}"
_SLICE = "[]interface {}"
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(body: bytes) -> Any:
    """The first JSON value of a body; numbers with a fraction or exponent stay text inside ``msgspec.Raw``.

    Raises ``BadAnswer`` with Go's words.
    """
    try:
        return _decode(body)
    except (msgspec.DecodeError, RecursionError):
        return _tolerant(body)


def decode_object(body: bytes) -> dict[str, Any] | None:
    """A JSON object, or None for ``null``; anything else is an error."""
    value = decode(body)
    if value is None or type(value) is dict:
        return value
    raise _mismatch(value, _MAP)


def decode_collection(body: bytes) -> dict[str, Any]:
    """A JSON array as ``{"collection": […]}``; anything else is an error."""
    value = decode(body)
    if value is None or type(value) is list:
        return {"collection": value}
    raise _mismatch(value, _SLICE)


def decode_any(body: bytes) -> dict[str, Any] | None:
    """safejson: objects as they are, arrays under ``collection``, the rest under ``content``."""
    value = decode(body)
    if type(value) is dict:
        return value
    return {"collection" if type(value) is list else "content": value}


def encode(value: Any) -> bytes:
    """Compact, keys sorted, escaped as Go's encoder escapes."""
    try:
        return _escaped(_encode(value))
    except UnicodeEncodeError:
        return _escaped(_encode(_without_surrogates(value)))


def recode(body: bytes) -> bytes:
    """The same as encoding what was decoded from an object; ``null`` stays ``null``."""
    return encode(decode_object(body))


def _escaped(out: bytes) -> bytes:
    # These bytes occur inside texts only. Two passes in C tell that none is there, which is the usual case.
    if out.isascii() and len(out.translate(None, b"<>&")) == len(out):
        return out
    out = out.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
    return out.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")


def _tolerant(body: bytes) -> Any:
    text = body.decode("utf-8", "replace").lstrip(" \t\r\n")
    if not text:
        raise BadAnswer("EOF", "decode")
    try:
        value, _ = _scanner.raw_decode(text)
    except RecursionError:
        raise BadAnswer("json: exceeded max depth", "decode") from None
    except json.JSONDecodeError as error:
        raise BadAnswer(_complaint(text, error), "decode") from None
    except ValueError as error:
        raise BadAnswer(f"json: {error}", "decode") from None
    return _without_surrogates(value)


def _big(text: str) -> Any:
    return int(text) if len(text) < 4000 else _keep(text)


def _constant(name: str) -> Any:
    raise ValueError(f"invalid character {name[0]!r} looking for beginning of value")


_scanner = json.JSONDecoder(parse_float=_keep, parse_int=_big, parse_constant=_constant)


def _complaint(text: str, error: json.JSONDecodeError) -> str:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        return "unexpected EOF"
    first = text.encode("utf-8", "replace")[0:1].decode("latin-1") if error.pos == 0 else text[error.pos]
    return f"invalid character '{first}' looking for beginning of value"


def _mismatch(value: Any, wanted: str) -> BadAnswer:
    kind = _KINDS.get(type(value), "number")
    return BadAnswer(f"json: cannot unmarshal {kind} into Go value of type {wanted}", "decode")


def _without_surrogates(value: Any) -> Any:
    """Lone surrogates become U+FFFD, as in Go."""
    kind = type(value)
    if kind is str:
        return _SURROGATE.sub("�", value) if not value.isascii() else value
    if kind is dict:
        return {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    if kind is list:
        return [_without_surrogates(v) for v in value]
    return value


def number_text(value: Any) -> str | None:
    """How a decoded number was written; None when the value is no number."""
    if type(value) is int:
        return str(value)
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode()
    if type(value) is float:
        return _encode(value).decode()
    return None
