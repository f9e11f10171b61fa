"""``validation/cel``: expressions read, and looked through once so that none can surprise a worker. Pure.

The language is that of the package ``common-expression-language`` (the extra ``cel``), which has no type checker. What
KrakenD's type checker leaves out is left out here when a name tells it: unknown variables and functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from understudy.config import keys
from understudy.config.components import Block
from understudy.config.kinds import meant, shown
from understudy.config.model import CelCheck
from understudy.config.notes import Notes, Path, read_lenient

MOST_CHARACTERS = 8192
"""Of an expression; far longer ones are deep enough to overflow the parser's stack, which ends the process."""

REQUEST = ("req_method", "req_path", "req_params", "req_headers", "req_querystring")
ANSWER = ("resp_completed", "resp_metadata_status", "resp_metadata_headers", "resp_data")
VARIABLES = frozenset((*REQUEST, *ANSWER, "JWT", "now"))
_TYPES = frozenset((
    "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", "timestamp", "duration",
    "dyn", "google", "optional",
))  # fmt: skip
FUNCTIONS = frozenset((
    "size", "matches", "contains", "startsWith", "endsWith", "has", "all", "exists", "exists_one", "map", "filter",
    "int", "uint", "double", "string", "bytes", "bool", "type", "dyn", "timestamp", "duration", "getFullYear",
    "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds",
    "getMilliseconds", "of", "none", "hasValue", "value", "orValue",
))  # fmt: skip

_TEXTS = re.compile(r"[rR]?(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")|//[^\n]*", re.DOTALL)
_LOOP = re.compile(r"\.\s*(?:all|exists|exists_one|existsOne|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_STEP = re.compile(rf"({_LOOP.pattern})|([([{{])|([)\]}}])")


class Unusable(ValueError):
    """An expression that cannot be compiled; the text says why."""


def program(text: str) -> Any:
    """The compiled expression. Raises ``Unusable``; ``ImportError`` without the extra ``cel``."""
    if len(text) > MOST_CHARACTERS:
        raise Unusable(f"it is longer than {MOST_CHARACTERS} characters")
    import cel

    try:
        return cel.compile(text)
    except BaseException as error:
        if not is_failure(error):
            raise
        raise Unusable(_reason(error)) from None


def is_failure(error: BaseException) -> bool:
    """Whether the library has failed: its panics are no ``Exception``."""
    return isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime"


def _reason(error: BaseException) -> str:
    """The library's words without its repetition of the expression."""
    found = re.search(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)", str(error))
    if found is None:
        return "it cannot be parsed"
    return f"{found[3].partition(' expecting ')[0].rstrip('.')}, at character {found[2]}"


def strangers(compiled: Any, text: str, variables: Iterable[str] = VARIABLES) -> list[str]:
    """The names in an expression that nobody has declared: variables, then functions."""
    bound = {found[1] for found in _LOOP.finditer(_TEXTS.sub("''", text))}
    known = {*variables, *bound, *_TYPES}
    unknown = [name for name in compiled.variables() if name not in known]
    return unknown + [name for name in compiled.functions() if name.isidentifier() and name not in FUNCTIONS]


def loops(text: str) -> int:
    """How deep the loops of an expression are nested: its steps are at most the elements to this power."""
    open_ones: list[bool] = []
    deepest = 0
    for found in _STEP.finditer(_TEXTS.sub("''", text)):
        if found[1] or found[3]:
            open_ones.append(bool(found[1]))
            deepest = max(deepest, sum(open_ones))
        elif open_ones:
            open_ones.pop()
    return deepest


def missing_extra() -> str | None:
    """What to do so that expressions can be read; None when they can."""
    try:
        import cel  # noqa: F401
    except ImportError:
        return 'the package for CEL is not installed: pip install "understudy[cel]"'
    return None


def match_problem(text: str) -> str | None:
    """Why an expression cannot be a shadow's ``match``, in a sentence with its remedy; None when it can."""
    missing = missing_extra()
    if missing is not None:
        return f'"match" as an expression cannot be used: {missing}, or write an object of conditions'
    try:
        unknown = strangers(program(text), text, (*REQUEST, "JWT", "now"))
    except Unusable as error:
        return f'"match" is no CEL expression: {error}. Correct it, or write an object of conditions'
    if not unknown:
        return None
    hint = meant(unknown[0], sorted({*REQUEST, *FUNCTIONS})) or f"; a match knows {', '.join(REQUEST)}, JWT and now"
    return f'"{unknown[0]}" is not known to a "match"{hint.rstrip("?")}'


def read_cel(block: Block | None, path: Path, notes: Notes) -> tuple[CelCheck, ...]:
    """``validation/cel``. A syntax error switches all expressions off, an unknown name its own one, as in KrakenD."""
    if block is None:
        return ()
    name, section = block
    place = (*path, name)
    if not isinstance(section, list):
        notes.warn(place, f'"{name}" is ignored, as in KrakenD: it must be a list of {{"check_expr": ...}}, not '
                          f"{shown(section)}.", "ignored")
        return ()
    missing = missing_extra()
    if missing is not None:
        notes.error(place, f'"{name}" cannot be used: {missing}, or remove it.', "extra")
        return ()
    checks: list[CelCheck] = []
    for index, item in enumerate(section):
        try:
            checks += _read_check(item, (*place, index), notes)
        except Unusable as error:
            at = ("check_expr",) if isinstance(item, Mapping) and "check_expr" in item else ()
            notes.warn((*place, index, *at), f'no CEL expression ({error}): as in KrakenD, all of "{name}" is off, and '
                                        "nothing is checked here. Write it anew, or remove it.", "ignored")
            return ()
    return tuple(checks)


def _read_check(item: Any, path: Path, notes: Notes) -> list[CelCheck]:
    if not isinstance(item, Mapping):
        raise Unusable(f"it must be an object with a text under \"check_expr\", not {shown(item)}")
    text = read_lenient(item, keys.CEL_CHECK, path, notes).get("check_expr", "")
    if len(text) > MOST_CHARACTERS:
        notes.error((*path, "check_expr"), f'"check_expr" is longer than {MOST_CHARACTERS} characters: split it into '
                                           "several expressions.", "value")
        return []
    compiled = program(text)
    check = CelCheck(text)
    unknown = strangers(compiled, text)
    if unknown:
        hint = meant(unknown[0], sorted(VARIABLES | FUNCTIONS)) or "."
        notes.warn((*path, "check_expr"), f'"{unknown[0]}" is not known to CEL here{hint} The expression is skipped, '
                                          "as in KrakenD.", "ignored")
        return []
    if not (check.before or check.after or check.token):
        notes.warn((*path, "check_expr"), "the expression is never looked at, as in KrakenD: it names neither the "
                                          "request (req_...), nor the answer (resp_...), nor the token (JWT).",
                   "no_effect")
    elif check.token:
        notes.warn((*path, "check_expr"), 'the expression is not looked at for the token\'s claims ("JWT"): '
                                          '"auth/validator" is not supported yet.', "not_yet")
    return [check]
