"""Sprig's functions for numbers. They take anything: texts are read, and what is no number is 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

from understudy.config.flexible.calling import LARGEST, Function
from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.values import wrapped


def integer(value: Any) -> int:
    """As an int of 64 bits, cut towards zero."""
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return wrapped(int(value)) if math.isfinite(value) and abs(value) < 2**63 else -(1 << 63)
    if isinstance(value, str) and len(value) < 25:
        try:
            return wrapped(int(value, 10))
        except ValueError:
            return 0
    return 0


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


def _decimals(step: Callable[[float, float], float], kinds: str) -> Function:
    return Function(kinds, lambda *values: reduce(step, map(decimal, values)))


def _float_divided(first: float, second: float) -> float:
    if second == 0:
        raise Refusal("division by zero")
    return first / second


def _round(value: Any, places: int, *more: Any) -> float:
    number, scale = decimal(value), 10.0 ** max(min(places, 300), -300)
    half = decimal(more[0]) if more else 0.5
    scaled = number * scale
    if not math.isfinite(scaled):
        return number
    whole = math.floor(scaled)
    return (whole + (scaled - whole >= half)) / scale


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
    step = values[1] if len(values) == 3 else (1 if last >= start else -1)
    return " ".join(map(str, _steps(start, last + (1 if step > 0 else -1), step)))


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
    "addf": _decimals(lambda a, b: a + b, "aa*"), "subf": _decimals(lambda a, b: a - b, "aa*"),
    "mulf": _decimals(lambda a, b: a * b, "aa*"), "divf": _decimals(_float_divided, "aa*"),
    "maxf": _decimals(max, "aa*"), "minf": _decimals(min, "aa*"),
    "floor": _whole(math.floor), "ceil": _whole(math.ceil), "round": Function("aia*", _round),
    "int": Function("a", integer), "int64": Function("a", integer), "float64": Function("a", decimal),
    "atoi": Function("s", integer), "until": Function("i", _until), "untilStep": Function("iii", _steps),
    "seq": Function("i*", _seq),
}
"""Name to function."""
