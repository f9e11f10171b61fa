"""Which host of a backend gets the next request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import random
from typing import TypeVar

from understudy.errors import NoCapacity

T = TypeVar("T")


def chooser(items: Sequence[T]) -> Callable[[], T]:
    """A random choice per request; an item that is listed twice gets twice the share.

    KrakenD's documentation says round robin; its code draws (krakend-surface, 3.5), and so do we.
    """
    fixed = tuple(items)
    if len(fixed) == 1:
        only = fixed[0]
        return lambda: only
    count = len(fixed)

    def draw() -> T:
        return fixed[int(random() * count)]

    def refuse() -> T:
        raise NoCapacity("no hosts available")

    return draw if fixed else refuse
