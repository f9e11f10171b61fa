"""Numbers as they were written: 1, 1.0 and 1e0 are one number, 1.10 is shown as 1.10, big ones are exact. Pure.

A decoded number is an ``int``, or a ``msgspec.Raw`` with the text of one that has a fraction or an exponent.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

import msgspec

Exact = tuple[bool, str, int | str]
"""Negative or not, digits without zeros at either end, and the power of ten of the last digit."""

_EXPONENT_DIGITS = 4000
_CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[])


def text(number: int | msgspec.Raw) -> str:
    """How the number was written."""
    return str(number) if isinstance(number, int) else bytes(number).decode("utf-8", "replace")


def exact(number: int | msgspec.Raw) -> Exact:
    """The same for two spellings of one number, different for different numbers."""
    written = text(number)
    negative = written.startswith("-")
    mantissa, _, power = written.lstrip("+-").lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    short = digits.rstrip("0")
    if not short:
        return False, "", 0
    if not short.isdecimal() or len(power) > _EXPONENT_DIGITS:
        return negative, short, power
    return negative, short, int(power or 0) - len(fraction) + len(digits) - len(short)


def equal(a: int | msgspec.Raw, b: int | msgspec.Raw) -> bool:
    """Whether both are the same number, however they are written."""
    if type(a) is int and type(b) is int:
        return a == b
    return exact(a) == exact(b)


def near(a: int | msgspec.Raw, b: int | msgspec.Raw, tolerance: float) -> bool:
    """Whether they differ by at most ``tolerance``, as decimal numbers (0.3 and 0.2 differ by 0.1)."""
    gap = _CONTEXT.abs(_CONTEXT.subtract(_decimal(a), _decimal(b)))
    return gap.is_finite() and gap <= Decimal(repr(tolerance))


def order(number: int | msgspec.Raw) -> tuple[bool, Decimal, str]:
    """A key that sorts numbers by size; what is no finite number comes last."""
    value = _decimal(number)
    finite = value.is_finite()
    return not finite, value if finite else Decimal(0), text(number)


def _decimal(number: int | msgspec.Raw) -> Decimal:
    return _CONTEXT.create_decimal(text(number))
