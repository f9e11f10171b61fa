"""What is wrong in a JSON text, in the words of Go's decoder, which users of KrakenD know from their logs. Pure.

Only asked once a decoder has refused the text, so it may take its time; it looks at the beginning of long ones only.
"""

from __future__ import annotations

import re

LOOKED_AT = 64 * 1024
"""How many bytes of a text are looked at: this is slow code, and a body may be large."""

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*+)?(?:(?<=[0-9])\.[0-9]*+)?(?:(?<=[0-9])[eE][+-]?[0-9]*+)?")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_WORDS = {b"t": b"true", b"f": b"false", b"n": b"null"}
_CLOSING = {b"{": b"}", b"[": b"]"}
_CUT = "unexpected EOF"
_VALUE, _KEY = "looking for beginning of value", "looking for beginning of object key string"


class _Wrong(Exception):
    """Found: what is wrong, or where the text ends too early."""


def complaint(text: bytes) -> str | None:
    """The first thing that Go would refuse in the first value of this text; None when nothing is found."""
    start = _after_space(text, 0)
    if start == len(text):
        return "EOF"
    cut = len(text) > LOOKED_AT
    try:
        _read(text[:LOOKED_AT] if cut else text, start)
    except _Wrong as wrong:
        found = str(wrong)
        return None if cut and found == _CUT else found
    return None


def _read(text: bytes, at: int) -> None:
    """Reads one value with all that it holds; ``open_`` are the brackets that wait for their partners."""
    open_: list[bytes] = []
    at = _value(text, at, open_)
    while open_:
        at = _after_space(text, at)
        char = text[at : at + 1]
        kind = open_[-1]
        if char == _CLOSING[kind]:
            open_.pop()
            at += 1
        elif char != b",":
            _refuse(text, at, "after object key:value pair" if kind == b"{" else "after array element")
        else:
            at = _after_space(text, at + 1)
            at = _value(text, _key(text, at) if kind == b"{" else at, open_)


def _value(text: bytes, at: int, open_: list[bytes]) -> int:
    """The position after a value, or after the first bracket in it that has a value or closes nothing yet."""
    while True:
        char = text[at : at + 1]
        if char not in _CLOSING:
            return _scalar(text, at, char)
        kind = char
        at = _after_space(text, at + 1)
        if text[at : at + 1] == _CLOSING[kind]:
            return at + 1
        open_.append(kind)
        if kind == b"{":
            at = _key(text, at)


def _key(text: bytes, at: int) -> int:
    """The position of the value that belongs to the key here."""
    if text[at : at + 1] != b'"':
        _refuse(text, at, _KEY)
    at = _after_space(text, _string(text, at))
    if text[at : at + 1] != b":":
        _refuse(text, at, "after object key")
    return _after_space(text, at + 1)


def _scalar(text: bytes, at: int, char: bytes) -> int:
    if char == b'"':
        return _string(text, at)
    if char in _WORDS:
        for i, wanted in enumerate(_WORDS[char].decode()):
            if text[at + i : at + i + 1] != wanted.encode():
                _refuse(text, at + i, f"in literal {_WORDS[char].decode()} (expecting '{wanted}')")
        return at + len(_WORDS[char])
    if char == b"-" or char.isdigit():
        return _number(text, at)
    _refuse(text, at, _VALUE)
    return at


def _number(text: bytes, at: int) -> int:
    match = _NUMBER.match(text, at)
    found = match[0] if match else b""
    end = at + len(found)
    last = found[-1:]
    if not last.isdigit():
        where = {b"-": "in numeric literal", b".": "after decimal point in numeric literal"}
        exponent = b"e" in found or b"E" in found
        _refuse(text, end, "in exponent of numeric literal" if exponent else where[last])
    return end


def _string(text: bytes, at: int) -> int:
    match = _STRING.match(text, at)
    end = match.end() if match else at
    char = text[end : end + 1]
    if char == b'"':
        return end + 1
    if char == b"\\":
        end += 1
        if text[end : end + 1] != b"u":
            _refuse(text, end, "in string escape code")
        end += 1
        while text[end : end + 1] and text[end] in _HEX:
            end += 1
        _refuse(text, end, "in \\u hexadecimal character escape")
    _refuse(text, end, "in string literal")
    return end


def _after_space(text: bytes, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _refuse(text: bytes, at: int, where: str) -> None:
    if at >= len(text):
        raise _Wrong(_CUT)
    raise _Wrong(f"invalid character {quoted(text[at])} {where}")


_NAMED = {7: r"\a", 8: r"\b", 9: r"\t", 10: r"\n", 11: r"\v", 12: r"\f", 13: r"\r", 39: r"\'", 92: r"\\"}


def quoted(byte: int) -> str:
    """A byte as Go quotes it: bytes above 127 as the character with that number."""
    if byte in _NAMED:
        return f"'{_NAMED[byte]}'"
    if byte < 0x20 or byte == 0x7F:
        return f"'\\x{byte:02x}'"
    char = chr(byte)
    return f"'{char}'" if char.isprintable() or byte == 0x20 else f"'\\u{byte:04x}'"
