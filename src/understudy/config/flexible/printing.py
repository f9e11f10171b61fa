"""Values to text as Go prints them: ``%v`` and its companions."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.values import MISSING, truth, type_name

WIDEST = 1_000_000
"""Widths and precisions above are not taken, as in Go."""


def printed(value: Any) -> str:
    """A value as an action prints it."""
    if isinstance(value, str):
        return value
    return "<no value>" if value is MISSING or value is None else shown(value)


def shown(value: Any) -> str:
    """As ``%v``."""
    if isinstance(value, str):
        return value
    if value is None or value is MISSING:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{shown(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(shown(item) for item in value)}]"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f %z %Z")
    return str(value)


_PLAIN = 6
"""Powers of ten from which numbers are printed with an exponent."""


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number; with an exponent below 0.0001 and from 1000000 on."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    digits, exponent = shortest(value)
    sign = "-" if math.copysign(1, value) < 0 else ""
    if exponent < -4 or exponent >= _PLAIN:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{rest}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return sign + plain_decimal(digits, exponent)


def shortest(value: float) -> tuple[str, int]:
    """The digits that are needed, without zeros at the end, and the power of ten of the first one."""
    head, _, power = repr(abs(value)).partition("e")
    whole, _, part = head.partition(".")
    digits = (whole + part).lstrip("0").rstrip("0") or "0"
    if digits == "0":
        return "0", 0
    if power:
        return digits, int(power) + len(whole) - 1
    return digits, (len(whole) - 1 if whole != "0" else -(len(part) - len(part.lstrip("0"))) - 1)


def plain_decimal(digits: str, exponent: int) -> str:
    """Without an exponent."""
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if exponent + 1 >= len(digits):
        return digits + "0" * (exponent + 1 - len(digits))
    return f"{digits[:exponent + 1]}.{digits[exponent + 1:]}"


_NAMED = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\",
          '"': '\\"'}


def quoted(text: str) -> str:
    """A Go literal: ``%q``."""
    out = []
    for sign in text:
        code = ord(sign)
        if sign in _NAMED:
            out.append(_NAMED[sign])
        elif sign.isprintable():
            out.append(sign)
        elif 0xDC80 <= code <= 0xDCFF:
            out.append(f"\\x{code - 0xDC00:02x}")
        elif code < 0x80:
            out.append(f"\\x{code:02x}")
        else:
            out.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return f'"{"".join(out)}"'


def joined(values: Sequence[Any]) -> str:
    """``print``: a space between two values when neither is a text."""
    out = []
    for position, value in enumerate(values):
        if position and not isinstance(value, str) and not isinstance(values[position - 1], str):
            out.append(" ")
        out.append(shown(value))
    return "".join(out)


_VERB = re.compile(r"%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(.?)", re.S)


def formatted(pattern: str, values: Sequence[Any]) -> str:
    """``printf``. What does not fit is told inside the text, as Go does. Raises Refusal for absurd widths."""
    return _Formatting(values).run(pattern)


class _Formatting:
    """One call of printf: the values that are left."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values
        self._used = 0

    def run(self, pattern: str) -> str:
        out = _VERB.sub(self._one, pattern)
        if self._used < len(self._values):
            extra = ", ".join(_odd(value) for value in self._values[self._used:])
            out += f"%!(EXTRA {extra})"
        return out

    def _number(self, text: str | None) -> int | None:
        if text == "*":
            value = self._values[self._used] if self._used < len(self._values) else None
            self._used += 1
            text = str(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else "0"
        if text is None:
            return None
        if len(text) > 7 or int(text or "0") > WIDEST:
            raise Refusal(f"the width {text[:20]} is too large")
        return int(text or "0")

    def _one(self, found: re.Match[str]) -> str:
        flags, verb = found[1], found[4]
        width, precision = self._number(found[2]), self._number(found[3])
        if verb == "%":
            return "%"
        if not verb:
            return "%!(NOVERB)"
        if self._used >= len(self._values):
            return f"%!{verb}(MISSING)"
        value = self._values[self._used]
        self._used += 1
        return _each(verb, value, flags, width or 0, precision)


def _each(verb: str, value: Any, flags: str, width: int, precision: int | None) -> str:
    """A value by its verb; of lists and maps every member by itself."""
    if verb != "T" and isinstance(value, (list, dict)):
        def one(item: Any) -> str:
            return "<nil>" if item is None else _each(verb, item, flags, width, precision)

        if isinstance(value, list):
            return f"[{' '.join(map(one, value))}]"
        return f"map[{' '.join(f'{one(key)}:{one(value[key])}' for key in sorted(value))}]"
    text = _verb(verb, value, flags, precision)
    if text is None:
        return f"%!{verb}({_odd(value)})"
    return _padded(text, width, flags, isinstance(value, (int, float)) and verb not in "qTs")


def _odd(value: Any) -> str:
    return "<nil>" if value is None or value is MISSING else f"{type_name(value)}={shown(value)}"


def _padded(text: str, width: int, flags: str, number: bool) -> str:
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and number:
        sign = text[0] if text[:1] in ("+", "-") else ""
        return sign + text[len(sign):].rjust(width - len(sign), "0")
    return text.rjust(width)


def _verb(verb: str, value: Any, flags: str, precision: int | None) -> str | None:
    """The text, or None when the verb is not for such a value."""
    if verb == "T":
        return type_name(value)
    if verb == "v":
        return _signed(shown(value), value, flags)
    if verb == "t":
        return ("true" if truth(value) else "false") if isinstance(value, bool) else None
    if verb in "sq" and not isinstance(value, (bool, int, float)) and value is not None:
        text = shown(value)[:precision]
        return quoted(text) if verb == "q" else text
    if verb in "xX" and isinstance(value, str):
        text = value.encode("utf-8", "surrogateescape").hex()
        return text.upper() if verb == "X" else text
    if isinstance(value, float) and verb in "eEfFgG":
        return _signed(_float(verb, value, precision), value, flags)
    if isinstance(value, int) and not isinstance(value, bool):
        return _integer(verb, value, flags)
    return None


def _float(verb: str, value: float, precision: int | None) -> str:
    if verb in "gG" and precision is None:
        return number_text(value) if verb == "g" else number_text(value).upper()
    return format(value, f".{6 if precision is None else min(precision, 400)}{verb}")


def _integer(verb: str, value: int, flags: str) -> str | None:
    if verb == "d":
        return _signed(str(value), value, flags)
    if verb in "xXob":
        return _signed(format(value, f"#{verb}" if "#" in flags and verb != "o" else verb), value, flags)
    if verb in "cqU":
        sign = chr(value) if 0 <= value < 0x110000 and not 0xD800 <= value < 0xE000 else "\ufffd"
        return {"c": sign, "q": f"'{quoted(sign)[1:-1]}'", "U": f"U+{value:04X}"}[verb]
    return None


def _signed(text: str, value: Any, flags: str) -> str:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or text[:1] in ("-", "+"):
        return text
    return "+" + text if "+" in flags else " " + text if " " in flags else text
