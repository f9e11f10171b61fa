"""Durations as Go writes and reads them: ``300ms``, ``1.5s``, ``1h30m``."""

from __future__ import annotations

import re
from decimal import Decimal

_NANOS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)", re.ASCII)
_LIMIT = 2**63


def parse_duration(text: str) -> float:
    """Seconds. Raises ValueError with a sentence that says what is wrong, for exactly the texts that Go refuses."""
    sign, rest = (-1.0, text[1:]) if text[:1] == "-" else (1.0, text[1:] if text[:1] == "+" else text)
    if rest == "0":
        return 0.0
    if not rest:
        raise ValueError(f'"{text}" is not a duration; write a number and a unit, such as "300ms" or "2s"')
    total, position = Decimal(0), 0
    while position < len(rest):
        part = _PART.match(rest, position)
        if part is None:
            raise ValueError(f'"{text}" is not a duration; write a number and a unit, such as "300ms" or "2s"')
        number, unit = part.groups()
        if not unit:
            raise ValueError(f'"{text}" has no unit; write "{text}s" for seconds or "{text}ms" for milliseconds')
        if unit not in _NANOS:
            raise ValueError(f'"{text}" has the unknown unit "{unit.strip()}"; use one of ns, us, ms, s, m and h')
        total += Decimal(number) * _NANOS[unit]
        position = part.end()
    if total > _LIMIT:
        raise ValueError(f'"{text}" is longer than 292 years, the longest duration there is')
    return sign * int(total) / 1e9


def format_duration(seconds: float) -> str:
    """The way Go prints it: ``2s``, ``900ms``, ``1h30m0s``."""
    nanos = round(abs(seconds) * 1e9)
    sign = "-" if seconds < 0 and nanos else ""
    if nanos == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if nanos < size * 1000:
            return f"{sign}{_decimal(nanos, size)}{unit}"
    minutes, rest = divmod(nanos, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    out = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{out}{_decimal(rest, 1_000_000_000)}s"


def _decimal(nanos: int, size: int) -> str:
    whole, part = divmod(nanos, size)
    if not part:
        return str(whole)
    digits = str(part).rjust(len(str(size)) - 1, "0").rstrip("0")
    return f"{whole}.{digits}"
