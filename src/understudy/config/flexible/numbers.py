"""Sprig's functions for numbers. They take anything: texts are read, and what is no number is 0."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import reduce
from typing import Any

from understudy.config.flexible.calling import LARGEST, Function
from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.literals import number_of
from understudy.config.flexible.values import wrapped


def integer(value: Any) -> int:
    """As an int of 64 bits, cut towards zero."""
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return wrapped(int(value)) if math.isfinite(value) and abs(value) < 2**63 else -(1 << 63)
    if isinstance(value, str) and _WRITTEN.fullmatch(value):
        try:
            number = number_of(value)
        except (ValueError, OverflowError):
            return 0
        return number if isinstance(number, int) else 0
    return 0


_WRITTEN = re.compile(r"[+-]?[0-9][0-9a-zA-Z_]{0,70}")


def _atoi(text: str) -> int:
    return wrapped(int(text)) if re.fullmatch(r"[+-]?[0-9]{1,19}", text) else 0


def decimal(value: Any) -> float:
    """As a float."""
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, str) and value.isascii() and "_" not in value and len(value) < 400:
        try:
            return float(value)
        except ValueError:
            return 0.0
    return 0.0


def _divided(first: int, second: int) -> int:
    if second == 0:
        raise Refusal("integer divide by zero")
    return wrapped(int(math.copysign(1, first) * math.copysign(1, second)) * (abs(first) // abs(second)))


def _rest(first: int, second: int) -> int:
    return first - second * _divided(first, second)


def _integers(step: Callable[[int, int], int], kinds: str) -> Function:
    return Function(kinds, lambda *values: wrapped(reduce(step, map(integer, values))))


def _floats(step: Callable[[float, float], float]) -> Function:
    return Function("aa*", lambda *values: reduce(step, map(decimal, values)))


_CONTEXT = Context(prec=800)
_PLACES = Decimal("1e-16")


def _decimals(step: Callable[[Decimal, Decimal], Decimal]) -> Function:
    """As written on paper: 0.1 and 0.2 are 0.3."""
    def call(*values: Any) -> float:
        numbers = [decimal(value) for value in values]
        if not all(map(math.isfinite, numbers)):
            raise Refusal("infinite numbers cannot be reckoned with")
        return float(reduce(step, (Decimal(repr(number)) for number in numbers))) + 0.0
    return Function("aa*", call)


def _decimal_divided(first: Decimal, second: Decimal) -> Decimal:
    if second == 0:
        raise Refusal("division by zero")
    return _CONTEXT.divide(first, second).quantize(_PLACES, ROUND_HALF_UP, _CONTEXT)


def _round(value: Any, places: int, *more: Any) -> float:
    number, scale = decimal(value), 10.0 ** max(min(places, 300), -300)
    half = decimal(more[0]) if more else 0.5
    scaled = number * scale
    if not math.isfinite(scaled):
        return number
    return (math.ceil(scaled) if math.modf(scaled)[0] >= half else math.floor(scaled)) / scale


def _steps(start: int, stop: int, step: int) -> list[int]:
    if step == 0:
        return []
    found = range(start, stop, step)
    if len(found) > LARGEST // 16:
        raise Refusal("the list is too long")
    return list(found)


def _until(count: int) -> list[int]:
    return _steps(0, count, -1 if count < 0 else 1)


def _seq(*values: int) -> str:
    if len(values) > 3:
        raise Refusal("seq takes up to three numbers")
    if not values:
        return ""
    start, last = (1, values[0]) if len(values) == 1 else (values[0], values[-1])
    onward = 1 if last >= start else -1
    step = values[1] if len(values) == 3 else onward
    return " ".join(map(str, _steps(start, last + onward, step)))


def _whole(rounding: Callable[[float], int]) -> Function:
    def call(value: Any) -> float:
        number = decimal(value)
        return float(rounding(number)) if math.isfinite(number) else number
    return Function("a", call)


NUMBERS = {
    "add": _integers(lambda a, b: a + b, "aa*"), "sub": _integers(lambda a, b: a - b, "aa"),
    "mul": _integers(lambda a, b: a * b, "aa*"), "div": _integers(_divided, "aa"), "mod": _integers(_rest, "aa"),
    "max": _integers(max, "aa*"), "biggest": _integers(max, "aa*"), "min": _integers(min, "aa*"),
    "add1": Function("a", lambda value: wrapped(integer(value) + 1)),
    "addf": _decimals(_CONTEXT.add), "subf": _decimals(_CONTEXT.subtract), "mulf": _decimals(_CONTEXT.multiply),
    "divf": _decimals(_decimal_divided), "maxf": _floats(max), "minf": _floats(min),
    "floor": _whole(math.floor), "ceil": _whole(math.ceil), "round": Function("aia*", _round),
    "int": Function("a", integer), "int64": Function("a", integer), "float64": Function("a", decimal),
    "atoi": Function("s", _atoi), "until": Function("i", _until), "untilStep": Function("iii", _steps),
    "seq": Function("i*", _seq),
}
"""Name to function."""
