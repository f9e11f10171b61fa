"""docs/shadowing.md says what the code does: every reason, and recipes that the real reader accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from understudy.config.read import read_text
from understudy.shadow import accounting

PAGE = (Path(__file__).parents[3] / "docs" / "shadowing.md").read_text()
RECIPES = re.findall(r"^### ([^\n]+)\n[^#]*?```json\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("heading", "reasons"),
    [
        ("Skipped", accounting.SKIPPED), ("Dropped", accounting.DROPPED), ("Failed", accounting.FAILED),
        ("Not compared", accounting.NOT_COMPARED),
    ],
)  # fmt: skip
def test_every_reason_of_the_account_is_on_the_page_and_no_other(heading: str, reasons: tuple[str, ...]) -> None:
    """Once."""
    section = re.search(rf"^### {heading}: .*?(?=^#)", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert sorted(re.findall(r"^\| `(\w+)` \| \S", section[0], re.MULTILINE)) == sorted(reasons)


EXPECTED = {
    "First shadow of a rewrite": ({"user-v2": (1.0, 1)}, set()),
    "Stress a new version": ({"search-stress": (10.0, 5)}, set()),
    "POST with a dry-run header": ({"orders-v2": (100.0, 1)}, {"shadow_unsafe_method"}),
    "A share of tenants": ({"report-tenth": (10.0, 1), "report-acme": (100.0, 1)}, set()),
}
"""Of each recipe: its shadows with percent and amplify, and the warnings that it cannot avoid."""


def test_every_recipe_has_its_expectation() -> None:
    """And the other way round."""
    assert [title for title, _ in RECIPES] == list(EXPECTED)


@pytest.mark.parametrize(("title", "text"), RECIPES, ids=[title for title, _ in RECIPES])
def test_recipes_are_read_as_they_stand(title: str, text: str) -> None:
    """Without an error, and with no warning but the expected one."""
    shadows, warnings = EXPECTED[title]
    service = read_text(text.encode(), "recipe.json", {}, Path())
    assert {s.name: (s.percent, s.amplify) for s in accounting.shadows_of(service)} == shadows
    assert {problem.code for problem in service.problems} == warnings


def test_what_it_says_of_defaults_is_so() -> None:
    """Sizes of the mirror and of the breaker."""
    service = read_text(RECIPES[0][1].encode(), "recipe.json", {}, Path())
    (shadow,) = accounting.shadows_of(service)
    process, mib = service.process, 1024 * 1024
    assert f"**`link_bytes`** ({process.link_bytes // mib} MiB" in PAGE
    assert f"**`mirror_memory_bytes`** ({process.mirror_memory_bytes // mib} MiB" in PAGE
    assert f"**`max_in_flight`** ({shadow.max_in_flight})" in PAGE
    assert f"**`max_body`** ({shadow.max_body // mib} MiB)" in PAGE
    assert f"After {shadow.breaker.failures} failures in a row" in PAGE
    assert f"copies stop for {shadow.breaker.pause:g} s" in PAGE
    assert f"answers {shadow.guard.latency_ratio:g} times slower" in PAGE
    assert f"After {shadow.guard.pause:g} s without trouble" in PAGE
