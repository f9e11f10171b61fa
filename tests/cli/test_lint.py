import json
from pathlib import Path

import pytest

from understudy.cli.lint import LintError, lint, load_schema


def test_violations_have_places() -> None:
    text = b'{"version": 3,\n "port": "x"}'
    found = lint(text, "k.json", load_schema(None))
    assert [(p.place, p.line, p.column) for p in found] == [("port", 2, 10)]


def test_only_json_can_be_linted() -> None:
    with pytest.raises(LintError, match="ERROR converting configuration content to JSON"):
        lint(b"version: 3", "k.yaml", load_schema(None))


@pytest.mark.parametrize("schema", [{"type": "nonsense"}, 5])
def test_a_schema_that_is_none_is_refused(schema: object) -> None:
    with pytest.raises(LintError, match="ERROR compiling the schema"):
        lint(b"{}", "k.json", schema)


def test_a_schema_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text(json.dumps({"type": "object"}))
    assert load_schema(str(file)) == load_schema(f"file://{file}") == {"type": "object"}


@pytest.mark.parametrize("text", ["{", None])
def test_a_schema_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "s.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(LintError, match=r"s\.json"):
        load_schema(str(file))
