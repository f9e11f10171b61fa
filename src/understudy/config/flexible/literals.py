"""Constants of templates, written as in Go."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([^\\]+)", re.S)
_SINGLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_DECIMAL = re.compile(r"[+-]?(\d+(_\d+)*)?(\.(\d+(_\d+)*)?)?([eE][+-]?\d+(_\d+)*)?")


def text_of(literal: str) -> str:
    """The text of a quoted or raw literal. Raises ValueError. Bytes that are no UTF-8 become surrogates."""
    if literal[0] == "`":
        return literal[1:-1].replace("\r", "")
    return _unescaped(literal[1:-1], '"')


def character_of(literal: str) -> int:
    """The number of a character constant. Raises ValueError."""
    text = _unescaped(literal[1:-1], "'")
    if len(text) != 1:
        raise ValueError("not one character")
    return ord(text)


def number_of(literal: str) -> int | float:
    """An int, or a float if it is written as one. Raises ValueError."""
    sign = -1 if literal[0] == "-" else 1
    digits = literal.lstrip("+-").lower()
    if digits[:2] in ("0x", "0o", "0b") and "p" not in digits and "." not in digits:
        return _bounded(sign * int(digits, 0))
    if digits.startswith("0x"):
        return sign * float.fromhex(digits.replace("_", ""))
    if not _DECIMAL.fullmatch(literal) or not any(c.isdigit() for c in digits) or not digits.isascii():
        raise ValueError("not a number")
    if any(c in digits for c in ".e"):
        value = float(literal.replace("_", ""))
        if value in (float("inf"), float("-inf")):
            raise ValueError("too large")
        return value
    if len(digits) > 25:
        raise ValueError("too large")
    plain = digits.replace("_", "")
    return _bounded(sign * (int(plain, 8) if plain[0] == "0" and len(plain) > 1 else int(plain)))


def _bounded(number: int) -> int:
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError("integer overflow")
    return number


def _unescaped(body: str, quote: str) -> str:
    if "\\" not in body:
        return body
    out = bytearray()
    at = 0
    while at < len(body):
        found = _ESCAPE.match(body, at)
        if found is None:
            raise ValueError("escape at the end")
        at = found.end()
        if found[1] or found[2]:
            out.append(_byte(found[1], found[2]))
        elif found[3] or found[4]:
            out += chr(int(found[3] or found[4], 16)).encode()
        elif found[5]:
            if found[5] != quote and found[5] not in _SINGLE:
                raise ValueError(f"unknown escape \\{found[5]}")
            out += _SINGLE.get(found[5], found[5]).encode()
        else:
            out += found[6].encode("utf-8", "surrogateescape")
    return out.decode("utf-8", "surrogateescape")


def _byte(hexadecimal: str | None, octal: str | None) -> int:
    value = int(hexadecimal, 16) if hexadecimal else int(octal or "0", 8)
    if value > 255:
        raise ValueError("octal escape above 255")
    return value
