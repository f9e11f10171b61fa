"""How problems look on a terminal and in a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from understudy.config.problems import Problem


def sentence(problem: Problem) -> str:
    """One line: ``error krakend.json:3:12: endpoints[0].timeout: …``; coloured when it reaches a terminal."""
    colour = "red" if problem.severity == "error" else "yellow"
    where = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    parts = [part for part in (where, problem.place) if part]
    head = click.style(f"{problem.severity:<7}", fg=colour, bold=True)
    return f"  {head} {': '.join([*parts, problem.message])}"


def show(problems: Sequence[Problem]) -> None:
    """Every problem on standard error, a line each."""
    for problem in problems:
        click.echo(sentence(problem), err=True)


def counted(problems: Sequence[Problem]) -> str:
    """``2 errors, 1 warning``."""
    out = []
    for severity in ("error", "warning"):
        number = sum(1 for p in problems if p.severity == severity)
        if number:
            out.append(f"{number} {severity}{'s' if number > 1 else ''}")
    return ", ".join(out) or "no problems"


def plain(problem: Problem) -> dict[str, Any]:
    """For ``--json``."""
    return {"severity": problem.severity, "code": problem.code, "file": problem.file, "line": problem.line,
            "column": problem.column, "path": problem.place, "message": problem.message}
