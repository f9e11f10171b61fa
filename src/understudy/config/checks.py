"""Components that let requests pass or not: ``security/bot-detector`` and ``validation/json-schema``, read.

What KrakenD cannot use it switches off with a line in its log, so nothing is checked then; here ``check`` says so too.
"""

from __future__ import annotations

from typing import Any

from understudy.config import keys
from understudy.config.components import Block
from understudy.config.model import BotDetector
from understudy.config.notes import Notes, Path, read_lenient
from understudy.config.patterns import searching, translated_schema

SCHEMA_BYTES = 32 * 1024 * 1024
"""Bodies over this size are refused where there is a schema: they must be held and looked through at once."""


def read_bot_detector(block: Block | None, path: Path, notes: Notes) -> BotDetector | None:
    """``security/bot-detector``. One wrong value, or one pattern that is none, switches it off, as in KrakenD."""
    if block is None:
        return None
    name, section = block
    place = (*path, name)
    inside = Notes()
    values = read_lenient(section, keys.BOT_DETECTOR, place, inside)
    for index, pattern in enumerate(values.get("patterns", ())):
        try:
            searching(pattern)
        except ValueError as error:
            inside.warn((*place, "patterns", index), f"{error}: correct it, or write it without what needs "
                                                     "backtracking.", "ignored")
    void = False
    for problem in inside.problems:
        if problem.code == "ignored":
            void = True
            why = problem.message.replace(" is ignored, as in KrakenD: it", "").removesuffix(".")
            notes.warn(problem.path, f'{why}. As in KrakenD, all of "{name}" is off: no bot is refused.', "ignored")
        else:
            notes.problems.append(problem)
    return None if void else BotDetector(**values)


def validator(schema: Any) -> Any:
    """The compiled schema: draft 7 unless it names another. Raises ``ValueError`` when it is none.

    Nothing is ever fetched: a reference must point into the schema itself. Patterns run in linear time.
    """
    import jsonschema_rs

    options: dict[str, Any] = {
        "validate_formats": True, "pattern_options": jsonschema_rs.RegexOptions(), "retriever": _refuse,
    }  # fmt: skip
    schema = translated_schema(schema)
    if isinstance(schema, dict) and "$schema" in schema:
        return jsonschema_rs.validator_for(schema, **options)
    return jsonschema_rs.Draft7Validator(schema, **options)


def _refuse(uri: str) -> Any:
    raise ValueError(f"{uri} is not in the schema, and is not fetched")


def read_json_schema(block: Block | None, path: Path, notes: Notes) -> Any:
    """``validation/json-schema``: the schema, or None when there is none that can be used."""
    if block is None:
        return None
    name, schema = block
    try:
        validator(schema)
    except (ValueError, TypeError, RecursionError) as error:
        why = (str(error).splitlines() or ["it is no schema"])[0].removesuffix(".")
        notes.warn((*path, name), f'"{name}" is ignored, as in KrakenD, and no body is checked: it is no JSON schema '
                                  f"that can be used ({why}). Correct it, or remove it.", "ignored")
        return None
    return schema
