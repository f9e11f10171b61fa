"""How many pairs a second one core compares: pure, in this process, no sockets.

Prints pairs a second and microseconds a pair, best of several rounds, for bodies of about 1 KiB and 2.5 KB.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from typing import Any

import click

from understudy.compare.compare import outcome
from understudy.compare.rules import Rules
from understudy.config.model import CompareRules
from understudy.exchange import Answer, Asked, Exchange

HEADERS = [(b"Date", b"Wed, 25 Nov 2026 10:00:00 GMT"), (b"Content-Type", b"application/json"), (b"Server", b"v1"),
           (b"Cache-Control", b"no-store"), (b"X-Request-Id", b"1234")]  # fmt: skip
RULED = CompareRules(ignore=("$..updated_at", "$.trace"), unordered=("$.items[*].tags",), id_field={"$.items": "id"},
                     tolerance={"$..score": 0.01})  # fmt: skip


def document(items: int) -> dict[str, Any]:
    """Data as an API answers it."""
    return {"page": 1, "total": items, "next": None, "trace": "0a1b2c", "items": [
        {"id": n, "name": f"article number {n}", "price": 19.9 + n, "score": 0.123456 * n, "available": n % 2 == 0,
         "tags": ["new", "blue"], "updated_at": "2026-11-25T10:00:00Z"} for n in range(items)]}  # fmt: skip


def changed(data: dict[str, Any]) -> dict[str, Any]:
    """The same with two differences: a number that became a text, and a missing field."""
    copy: dict[str, Any] = json.loads(json.dumps(data))
    copy["items"][-1]["price"] = str(copy["items"][-1]["price"])
    del copy["items"][0]["available"]
    return copy


def pair(a: bytes, b: bytes, control: bytes | None = None) -> Exchange:
    sides = [Answer(200, HEADERS, body, len(body), 0.01) for body in (a, b)]
    third = None if control is None else Answer(200, HEADERS, control, len(control), 0.01)
    return Exchange(1, 0, "next", 0.0, Asked("GET", "/", [], [], b""), sides[0], sides[1], third)


def fastest(act: Callable[[], object], seconds: float) -> float:
    """Seconds that one call takes, at best."""
    best, end = 1e9, time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.process_time()
        for _ in range(200):
            act()
        best = min(best, (time.process_time() - began) / 200)
    return best


@click.command()
@click.option("--seconds", default=1.0, show_default=True, help="Length of one measurement.")
def main(seconds: float) -> None:
    """Measure comparison."""
    print(f"Python {platform.python_version()}; CPU time, best of the rounds within {seconds:g} s\n")
    print("| bodies | what | µs a pair | pairs a second |\n|---|---|---|---|")
    for items in (6, 15):
        data = document(items)
        plain = json.dumps(data, separators=(",", ":")).encode()
        spaced = json.dumps(data, separators=(",", ": "), sort_keys=True).encode()
        other = json.dumps(changed(data), separators=(",", ":")).encode()
        cases = {
            "equal bytes": (pair(plain, bytes(bytearray(plain))), CompareRules()),
            "equal data, other bytes": (pair(plain, spaced), CompareRules()),
            "2 differences": (pair(plain, other), CompareRules()),
            "2 differences, with rules": (pair(plain, other), RULED),
            "2 differences, with a control": (pair(plain, other, spaced), CompareRules()),
        }
        for name, (exchange, given) in cases.items():
            rules = Rules(given)
            spent = fastest(lambda e=exchange, r=rules: outcome(e, r), seconds)
            print(f"| {len(plain):,} bytes | {name} | {spent * 1e6:.1f} | {1 / spent:,.0f} |")


if __name__ == "__main__":
    main()
