"""The table of docs/krakend.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from understudy.config.namespaces import PLACES, SUPPORTED
from understudy.config.surface import DIFFERENT, TABLES, rows, table

DOC = Path(__file__).parents[2] / "docs" / "krakend.md"


def test_the_documented_table_is_the_one_of_the_code() -> None:
    """A key that is added or changes its status must be documented again."""
    match = re.search(r"<!-- table:.*?-->\n(.*?)<!-- end of table -->", DOC.read_text(), re.DOTALL)
    assert match is not None
    assert match[1].strip() == table(), "run: python -m understudy.config.surface, and put it into docs/krakend.md"


def test_every_known_key_has_a_row() -> None:
    """No key of the reader's tables is missing."""
    places = {place for place, _, _ in rows()}
    assert {f"{where}.{name}" for where, names in TABLES.items() for name in names} <= places


def test_every_difference_names_a_key_that_exists() -> None:
    """A remark about a key that is gone would mislead."""
    known = {f"{where}.{name}" for where, names in TABLES.items() for name in names}
    assert set(DIFFERENT) <= known


def test_a_namespace_is_the_same_only_when_it_does_something() -> None:
    """What is not supported is not called the same."""
    status = {place: status for place, status, _ in rows()}
    for name in PLACES:
        if not name.startswith("understudy/"):
            assert (status[f'extra_config["{name}"]'] == "same") == (name in SUPPORTED)
