"""``understudy check``: whether the configuration is valid, and how it is understood."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from understudy.cli.codes import Outcome, env_krakend, exit_code
from understudy.cli.complaints import counted, plain, show
from understudy.cli.program import merged
from understudy.cli.run import NO_FILE
from understudy.config.model import Service
from understudy.config.problems import Problem
from understudy.config.read import placed, understood
from understudy.config.routes import conflicts
from understudy.config.source import Source, load
from understudy.errors import ConfigError


class Failed(Exception):
    """A step of the check failed; KrakenD's words for it, and the problems found."""

    def __init__(self, head: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(head)
        self.problems = tuple(problems)


@click.command("check", short_help="Validates that the configuration file is valid.")
@click.option("-c", "--config", metavar="FILE", help="Path to the configuration file.")
@click.option("-d", "--debug", count=True, help="Show how the file is understood; -dd and -ddd show more.")
@click.option("-t", "--test-gin-routes", "test_routes", is_flag=True, help="Conflicting endpoint patterns are errors.")
@click.option("-i", "--indent", default="\t", show_default="a tab", help="Indentation of what -d shows.")
@click.option("-l", "--lint", "lint_online", is_flag=True, help="Lint against Understudy's JSON schema (offline too).")
@click.option("-n", "--lint-no-network", "lint_offline", is_flag=True, help="The same as --lint.")
@click.option("-s", "--lint-schema", "lint_schema", metavar="PATH|URL", help="Lint against a schema of your own.")
@click.option("--json", "as_json", is_flag=True, help="All problems as JSON on standard output.")
@click.pass_context
def command(ctx: click.Context, config: str | None, debug: int, test_routes: bool, indent: str, lint_online: bool,
            lint_offline: bool, lint_schema: str | None, as_json: bool) -> int:
    """Validates a configuration: every error and warning with its place, and with -d how it is understood."""
    krakend = env_krakend(sys.argv[0])
    config = merged(ctx, "config", config)
    if not config:
        click.echo(NO_FILE, err=True)
        return exit_code(Outcome.NO_FILE, "check", krakend=krakend)
    if (lint_online, lint_offline, lint_schema is not None).count(True) > 1:
        raise click.UsageError("if any flags in the group [lint lint-no-network lint-schema] are set none of the "
                               "others can be; choose one", ctx)
    if not as_json:
        click.echo(f"Parsing configuration file: {config}", err=True)
    try:
        service, warnings = _checked(Path(config), test_routes, lint_online or lint_offline, lint_schema)
    except Failed as failed:
        _fail(failed, as_json)
        return exit_code(Outcome.CONFIG, "check", krakend=krakend)
    if as_json:
        click.echo(json.dumps({"ok": True, "problems": [plain(p) for p in warnings]}, indent=2))
        return exit_code(Outcome.FINE, "check")
    show(warnings)
    debug = merged(ctx, "debug", debug)
    if debug:
        from understudy.cli.dump import dump

        click.echo(dump(service, debug, indent))
    click.echo(click.style("Syntax OK!", fg="green"), err=True)
    return exit_code(Outcome.FINE, "check")


def _checked(path: Path, test_routes: bool, own_schema: bool,
             schema: str | None) -> tuple[Service, tuple[Problem, ...]]:
    """The service and its warnings. Raises Failed."""
    try:
        source = load(path, os.environ)
        service = understood(source, os.environ)[0]
    except ConfigError as error:
        raise Failed("ERROR parsing the configuration file:", error.problems) from None
    clashes = placed(conflicts(service), source)
    if clashes and test_routes:
        raise Failed("ERROR testing the configuration file:", [*clashes, *service.problems])
    if own_schema or schema is not None:
        _lint(source, schema)
    return service, (*(_softened(p) for p in clashes), *service.problems)


def _lint(source: Source, schema: str | None) -> None:
    from understudy.cli.lint import LintError, lint, load_schema

    try:
        found = lint(source.text, source.name, load_schema(schema))
    except LintError as error:
        raise Failed(str(error)) from None
    if found:
        raise Failed("ERROR linting the configuration file:", found)


def _softened(problem: Problem) -> Problem:
    """A conflict of routes passes a plain check, as in KrakenD; ``run`` refuses it."""
    return Problem(path=problem.path, message=f"{problem.message} The gateway would not start.", severity="warning",
                   code=problem.code, line=problem.line, column=problem.column, file=problem.file)


def _fail(failed: Failed, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"ok": False, "failed": str(failed).rstrip(":"),
                               "problems": [plain(p) for p in failed.problems]}, indent=2))
        return
    head = f"{failed} {counted(failed.problems)}" if failed.problems else str(failed)
    click.echo(click.style(head, fg="red"), err=True)
    show(failed.problems)
