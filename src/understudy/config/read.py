"""The way in: a file to a frozen ``Service``, or all of its problems with their places."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from understudy.config.formats import SyntaxProblem, format_of, parse
from understudy.config.keys import ROOT
from understudy.config.kinds import shown
from understudy.config.model import Service
from understudy.config.notes import WEAK, Notes
from understudy.config.problems import Problem
from understudy.config.routes import conflicts
from understudy.config.service import read_service
from understudy.config.source import Source, load
from understudy.errors import ConfigError

PREFIX = "KRAKEND_"
_AT_KEY = frozenset(("unknown_key", "unknown_namespace", "enterprise", "not_yet", "misplaced", "no_effect"))
"""Problems of a key rather than of its value: they point to the key."""


def read(path: Path, env: Mapping[str, str]) -> Service:
    """The service that a file describes, with ``KRAKEND_*`` of the environment laid over its root keys.

    A file that is a template is rendered first (``FC_ENABLE``). Warnings are in ``Service.problems``. Raises
    ConfigError with every problem found, errors first.
    """
    return understood(load(path, env), env)[0]


def read_text(text: bytes, name: str, env: Mapping[str, str], folder: Path) -> Service:
    """The same for a text. ``name`` decides the format and is named in problems; ``folder`` is where it stands."""
    return understood(Source(text, name, format_of(name)), env)[0]


def understood(source: Source, env: Mapping[str, str], *,
               tolerated: Collection[str] = ()) -> tuple[Service, Mapping[str, Any]]:
    """The service, and the root object that it was read from.

    ``tolerated`` are codes of errors that do not matter to a caller who does not run the service. Raises ConfigError.
    """
    notes = Notes()
    service = None
    overlay: dict[str, str] = {}
    root: Any = {}
    extra = [*source.problems, *([source.failure] if source.failure else [])]
    try:
        root = parse(source.text, source.kind)
        if not isinstance(root, Mapping):
            raise SyntaxProblem(f"the configuration must be an object, not {shown(root)}", 0)
        root, overlay = _overlaid(root, env)
        service = read_service(root, notes)
    except SyntaxProblem as problem:
        raise ConfigError([_error(source.failure) if source.failure else _syntax(problem, source.text, source.name),
                           *source.problems]) from None
    except RecursionError:
        raise ConfigError([Problem(path=(), message="the values are nested too deeply.", code="syntax",
                                   file=source.name)]) from None
    found = [p for p in notes.problems if not (p.code == WEAK and p.path[0] in overlay)]
    problems = (*extra, *_placed(found, source, overlay)) if found else tuple(extra)
    if service is None or notes.failed(tolerated):
        raise ConfigError(sorted(problems, key=lambda p: p.severity != "error"))
    return (msgspec.structs.replace(service, problems=problems) if problems else service), root


def runnable(path: Path, env: Mapping[str, str]) -> Service:
    """The same as ``read``, but conflicting routes, which KrakenD finds only when it starts, are errors too."""
    source = load(path, env)
    service = understood(source, env)[0]
    clashes = conflicts(service)
    if clashes:
        raise ConfigError([*placed(clashes, source), *service.problems])
    return service


def placed(problems: Sequence[Problem], source: Source) -> tuple[Problem, ...]:
    """Problems that were found after reading, with their places in the text."""
    return _placed(list(problems), source, {})


def _error(failure: Problem) -> Problem:
    """What was a warning, since the file could be read as it is, until it could not."""
    message = failure.message.partition(" So the file")[0]
    return msgspec.structs.replace(failure, severity="error", message=f"{message} Mend it, or unset FC_ENABLE.")


def _overlaid(root: Mapping[str, Any], env: Mapping[str, str]) -> tuple[Mapping[str, Any], dict[str, str]]:
    """The root with the environment's values, and which variable gave which key."""
    overlay = {name[len(PREFIX):].lower(): name for name in env if name.startswith(PREFIX)}
    overlay = {key: name for key, name in overlay.items() if key in ROOT}
    if not overlay:
        return root, {}
    merged = {key: value for key, value in root.items() if key.lower() not in overlay}
    return {**merged, **{key: env[name] for key, name in overlay.items()}}, overlay


def _syntax(problem: SyntaxProblem, text: bytes, name: str) -> Problem:
    from understudy.config.places import line_and_column

    line, column = problem.line, problem.column
    if problem.offset >= 0:
        line, column = line_and_column(text, problem.offset)
    return Problem(path=(), message=f"{problem}.", code="syntax", line=line, column=column, file=name)


def _placed(problems: list[Problem], source: Source, overlay: Mapping[str, str]) -> tuple[Problem, ...]:
    """Errors first, each with line and column, in the order of the file."""
    from understudy.config.places import locate

    places = locate(source.text, source.kind, [p.path for p in problems])
    out = []
    for problem in problems:
        if problem.path and problem.path[0] in overlay:
            out.append(msgspec.structs.replace(problem, file=f"environment {overlay[str(problem.path[0])]}"))
            continue
        line, column = places[problem.path][0 if problem.code in _AT_KEY else 1]
        out.append(msgspec.structs.replace(problem, line=line, column=column, file=source.name))
    return tuple(sorted(out, key=lambda p: (p.severity != "error", p.line, p.column)))
