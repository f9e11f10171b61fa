"""Settings that make no sense are refused, and the parts of alpha sum to no more than alpha."""

from __future__ import annotations

import math
from typing import Any

import pytest

from understudy.evidence.settings import Settings, Split, path_weight, start_share


@pytest.mark.parametrize("wrong", [
    {"alpha": 0.0}, {"beta": 1.0}, {"errors_margin": 0.0}, {"errors_tolerated": -0.1}, {"latency_ratio": 0.9},
    {"body_ratio": 1.0}, {"kappa": 0.0}, {"kappa": 1.5}, {"split": Split(errors=0.9)}, {"split": Split(body=0.0)},
    {"block_on": ()}, {"block_on": ("colour",)},
])  # fmt: skip
def test_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        Settings(**wrong)


def test_all_lines_together_spend_alpha() -> None:
    settings, endpoints = Settings(), 7
    split = settings.split
    lines = [settings.line(part, 1 / endpoints) for part in (split.errors, split.latency)] * endpoints
    lines += [settings.line(split.body, path_weight(j) / endpoints) for j in range(5000)] * endpoints
    lines += [settings.line(split.validity, 1 / endpoints)] * endpoints
    assert sum(math.exp(-line) for line in lines) == pytest.approx(settings.alpha, rel=1e-3)
    assert sum(start_share(j) for j in range(5000)) == pytest.approx(1, abs=1e-3)
    assert settings.certified == pytest.approx(math.log(20))
