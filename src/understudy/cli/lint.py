"""Linting a file against a JSON schema: ours, or one that the user names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from understudy.config.places import locate
from understudy.config.problems import Problem


class LintError(Exception):
    """The file or the schema cannot be used; the text is KrakenD's beginning of a sentence and ours."""


def lint(text: bytes, name: str, schema: Any) -> tuple[Problem, ...]:
    """Every violation with its place. The text must be JSON, whatever its name; raises LintError."""
    try:
        instance = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LintError(f"ERROR converting configuration content to JSON:\t{error}") from None
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(schema)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, TypeError) as error:
        raise LintError(f"ERROR compiling the schema:\t{_first_line(error)}") from None
    found = [(tuple(error.instance_path), error.message) for error in validator.iter_errors(instance)]
    places = locate(text, "json", [path for path, _ in found])
    return tuple(Problem(path=path, message=f"{message}.", code="lint", file=name, line=places[path][1][0],
                         column=places[path][1][1]) for path, message in found)


def load_schema(where: str | None) -> Any:
    """Our own schema (None), or one from a file or a URL. Raises LintError."""
    if where is None:
        from understudy.config.schema import schema

        return schema()
    try:
        if where.startswith(("http://", "https://")):
            from urllib.request import urlopen

            with urlopen(where, timeout=10) as answer:
                return json.loads(answer.read())
        return json.loads(Path(where.removeprefix("file://")).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise LintError(f'ERROR compiling the schema:\tfailing loading "{where}": {error}') from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["it is not a schema"])[0]
