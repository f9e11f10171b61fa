"""Hosts are drawn."""

from __future__ import annotations

from collections import Counter

import pytest

from understudy.errors import NoCapacity
from understudy.gateway.balance import chooser


def test_every_host_gets_its_share() -> None:
    """A repeated one twice as much: 3,000 draws, six standard deviations."""
    draw = chooser(["a", "b", "b"])
    counts = Counter(draw() for _ in range(3000))
    assert abs(counts["a"] - 1000) < 160
    assert abs(counts["b"] - 2000) < 160


def test_one_host_is_always_chosen_and_none_is_an_error() -> None:
    """With KrakenD's words."""
    assert chooser(["a"])() == "a"
    with pytest.raises(NoCapacity, match="no hosts available"):
        chooser([])()
