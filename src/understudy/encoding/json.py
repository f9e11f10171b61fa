"""JSON as KrakenD reads and writes it: numbers keep their text, keys come out sorted, ``<``, ``>`` and ``&`` escaped.

msgspec does the work; what it refuses and Go accepts (bytes after the first value, broken UTF-8, lone surrogates,
numbers of thousands of digits) and what it would change (``-0``) goes through the standard library's slower decoder.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from understudy.encoding.complaint import complaint, quoted
from understudy.errors import BadAnswer

_decode = msgspec.json.Decoder(float_hook=msgspec.Raw).decode
_encode = msgspec.json.Encoder(order="sorted").encode

_KINDS = {dict: "object", list: "array", str: "string", bool: "bool", int: "number"}
_MAP = "map[string]interface {}"
_SLICE = "[]interface {}"
_SURROGATE = re.compile("[\ud800-\udfff]")
_MINUS_ZERO = re.compile(rb"-0(?![0-9.eE])").search
_GOES_ON = frozenset((".", "e", "E"))
_TOO_DEEP = "exceeded max depth"


def decode(body: bytes) -> Any:
    """The first JSON value of a body; numbers with a fraction or exponent stay text inside ``msgspec.Raw``.

    Raises ``BadAnswer`` with Go's words.
    """
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _tolerant(body)
    return value if _MINUS_ZERO(body) is None else _tolerant(body)


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
    """Compact, keys sorted, escaped as Go's encoder escapes. Raises ``BadAnswer`` for what is nested too deeply."""
    try:
        return _escaped(_encode(value))
    except UnicodeEncodeError:
        return _escaped(_encode(without_surrogates(value)))
    except RecursionError:
        raise BadAnswer(_TOO_DEEP, "decode") from None


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
    # Broken bytes become surrogates here, one each, and U+FFFD below, so Go's count of them is kept.
    text = body.decode("utf-8", "surrogateescape").lstrip(" \t\r\n")
    try:
        value, end = _scanner.raw_decode(text)
        if text[end : end + 1] in _GOES_ON and number_text(value) is not None:
            # ``1.`` and ``1e``: the scanner stops where Go wants digits.
            wrong = complaint(body)
            if wrong is not None:
                raise BadAnswer(wrong, "decode")
        return value if text.isascii() and "\\u" not in text else without_surrogates(value)
    except RecursionError:
        raise BadAnswer(_TOO_DEEP, "decode") from None
    except json.JSONDecodeError as error:
        raise BadAnswer(complaint(body) or _far_away(error), "decode") from None


def _far_away(error: json.JSONDecodeError) -> str:
    """A mistake that is too far from the beginning for a closer look."""
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
        return "unexpected EOF"
    byte = error.doc[error.pos].encode("utf-8", "surrogateescape")[0]
    return f"invalid character {quoted(byte)} in the JSON text"


def _integer(text: str) -> Any:
    return msgspec.Raw(text) if len(text) > 4000 or text == "-0" else int(text)


def _constant(name: str) -> Any:
    raise json.JSONDecodeError("NaN and infinities are no JSON", name, 0)


_scanner = json.JSONDecoder(parse_float=msgspec.Raw, parse_int=_integer, parse_constant=_constant)


def _mismatch(value: Any, wanted: str) -> BadAnswer:
    kind = _KINDS.get(type(value), "number")
    return BadAnswer(f"json: cannot unmarshal {kind} into Go value of type {wanted}", "decode")


def without_surrogates(value: Any) -> Any:
    """A value whose texts have U+FFFD for every lone surrogate, as in Go."""
    kind = type(value)
    if kind is str:
        return _SURROGATE.sub("�", value) if not value.isascii() else value
    if kind is dict:
        return {without_surrogates(k): without_surrogates(v) for k, v in value.items()}
    if kind is list:
        return [without_surrogates(v) for v in value]
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
