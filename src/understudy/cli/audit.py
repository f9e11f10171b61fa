"""``understudy audit``: what to think about before a configuration goes to production."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from understudy.cli.codes import Outcome, env_krakend, exit_code
from understudy.cli.complaints import counted, show
from understudy.cli.program import merged
from understudy.cli.run import NO_FILE
from understudy.config.audit import RULES, SEVERITIES, Recommendation, recommendations
from understudy.config.read import understood
from understudy.config.source import load
from understudy.errors import ConfigError

_LATER = ("not_yet",)
"""A component that keeps a file from running here, since it is not supported yet, is still worth an audit."""
_COLOURS = {"CRITICAL": "red", "HIGH": "red", "MEDIUM": "yellow", "LOW": "blue"}


@click.command("audit", short_help="Audits a configuration.")
@click.option("-c", "--config", metavar="FILE", help="Path to the configuration file.")
@click.option("-i", "--ignore", metavar="RULES", default="", help="Rules to leave out, as in 2.1.2,2.1.7.")
@click.option("-I", "--ignore-file", metavar="FILE", help="A file with rules to leave out, one a line; # is a comment.")
@click.option("-s", "--severity", metavar="LIST", default=",".join(SEVERITIES), show_default=True,
              help="Severities to show.")
@click.option("-f", "--format", "template", metavar="TEMPLATE",
              help="A Go template for the result: .Recommendations, each with .Rule, .Severity and .Message.")
@click.pass_context
def command(ctx: click.Context, config: str | None, ignore: str, ignore_file: str | None, severity: str,
            template: str | None) -> int:
    """Looks for missing protections, risky switches and outdated components; 1 when there is something to say."""
    krakend = env_krakend(sys.argv[0])
    config = merged(ctx, "config", config)
    if not config:
        click.echo(NO_FILE, err=True)
        return exit_code(Outcome.NO_FILE, "audit", krakend=krakend)
    severities = _severities(severity)
    ignored = [*_listed(ignore), *(_from_file(ignore_file) if ignore_file else ())]
    for name in sorted(set(ignored) - {rule for rule, *_ in RULES} - {"4.1.2"}):
        click.echo(f"There is no rule {name}; nothing is left out for it.", err=True)
    try:
        service, root = understood(load(Path(config), os.environ), os.environ, tolerated=_LATER)
    except ConfigError as error:
        click.echo(f"ERROR parsing the configuration file: {counted(error.problems)}", err=True)
        show(error.problems)
        return exit_code(Outcome.CONFIG, "audit", krakend=krakend)
    found = recommendations(service, root, ignored=ignored, severities=severities)
    if template is None:
        _show(found)
    else:
        click.echo(_formatted(template, found), err=True, nl=False)
    return exit_code(Outcome.FAILED if found else Outcome.FINE, "audit", krakend=krakend)


def _show(found: Sequence[Recommendation]) -> None:
    for rule, severity, message in found:
        coloured = click.style(f"[{severity}]", fg=_COLOURS[severity])
        click.echo(f"{rule}\t{coloured}   \t{message}", err=True)


def _formatted(template: str, found: Sequence[Recommendation]) -> str:
    from understudy.config.flexible.calling import Function
    from understudy.config.flexible.evaluate import render
    from understudy.config.flexible.failure import TemplateFailure
    from understudy.config.flexible.functions import PURE, REFUSED
    from understudy.config.flexible.parser import parse

    table = {**PURE, "colored": Function("s", lambda text: click.style(text, fg=_COLOURS.get(text)))}
    rows = [{"Rule": rule, "Severity": severity, "Message": message} for rule, severity, message in found]
    name = "--format"
    text = template.replace("\\n", "\n").replace("\\t", "\t")
    try:
        return render(parse(text, name, table, REFUSED), name, {"Recommendations": rows}, table, {name: text})
    except TemplateFailure as failure:
        raise click.BadParameter(str(failure), param_hint="--format") from None


def _severities(text: str) -> list[str]:
    names = [name.upper() for name in _listed(text)]
    for name in names:
        if name not in SEVERITIES:
            raise click.BadParameter(f'there is no severity "{name}"; there are {", ".join(SEVERITIES)}',
                                     param_hint="--severity")
    return names


def _listed(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


def _from_file(name: str) -> list[str]:
    try:
        lines = Path(name).read_text(errors="replace").splitlines()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise click.BadParameter(f"open {name}: {why}", param_hint="--ignore-file") from None
    return [word for line in lines for word in _listed(line.partition("#")[0])]
