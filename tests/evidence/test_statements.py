"""What a hypothesis says of itself."""

from __future__ import annotations

import math

from understudy.evidence.statements import Hypothesis


def test_a_hypothesis_crosses_at_its_line_and_shows_a_finite_number() -> None:
    at = Hypothesis("errors", "", math.log(250), math.log(250), {})
    assert at.crossed and math.isclose(at.evidence, 250)
    assert not Hypothesis("errors", "", 1.0, 1.1, {}).crossed
    assert math.isfinite(Hypothesis("errors", "", 1e6, 1.0, {}).evidence)
