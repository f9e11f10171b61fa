"""What a live KrakenD answered is what this gateway answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden.expectations import COMPONENTS, ON_PURPOSE
from tests.golden.playing import CASES, file_of, play

FILES = sorted(p.stem for p in CASES.glob("*.json") if p.stem not in COMPONENTS)
DOCS = Path(__file__).parents[2] / "docs" / "krakend.md"


@pytest.fixture(scope="session")
def played() -> dict[str, list[str]]:
    """All files, played once."""
    return play(FILES)


@pytest.mark.parametrize("name", FILES)
def test_recorded_answers_are_given(name: str, played: dict[str, list[str]]) -> None:
    """Every case of the file passes, but for those that differ on purpose."""
    mine = {label: diffs for label, diffs in played.items() if file_of(label) == name}
    assert mine, f"no case of {name} was played"
    wrong = {label: diffs for label, diffs in mine.items() if diffs and label not in ON_PURPOSE}
    assert not wrong, json.dumps(wrong, indent=1)


def test_differences_on_purpose_are_still_there_and_documented(played: dict[str, list[str]]) -> None:
    """A listed case that passes, or that is nowhere explained, has no place in the list."""
    text = DOCS.read_text()
    for label in ON_PURPOSE:
        assert played.get(label), f"{label} is no difference any more: take it from the list"
        assert label in text, f"docs/krakend.md does not explain {label}"


def test_components_that_are_left_out_exist() -> None:
    """The list of component files names files that are there."""
    assert {p.stem for p in CASES.glob("*.json")} >= COMPONENTS
