"""``understudy run``: read the configuration and hand it to the supervisor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from understudy.cli.codes import Outcome, config_outcome, env_krakend, exit_code
from understudy.cli.complaints import counted, show
from understudy.cli.program import merged
from understudy.config.read import runnable
from understudy.errors import ConfigError

NO_FILE = ("Please, provide the path to the configuration file with --config or see all the options with --help")


@click.command("run", short_help="Runs the gateway.")
@click.option("-c", "--config", metavar="FILE", help="Path to the configuration file.")
@click.option("-d", "--debug", count=True, help="Serve /__debug/ and log more.")
@click.option("-p", "--port", type=click.IntRange(0, 65535), help="Port for clients, in place of the file's.")
@click.pass_context
def command(ctx: click.Context, config: str | None, debug: int, port: int | None) -> int:
    """Runs the gateway until SIGTERM or SIGINT; SIGHUP reads the configuration again."""
    krakend = env_krakend(sys.argv[0])
    config = merged(ctx, "config", config)
    if not config:
        click.echo(NO_FILE, err=True)
        return exit_code(Outcome.NO_FILE, "run", krakend=krakend)
    env = dict(os.environ)
    path = Path(config)
    try:
        service = runnable(path, env)
    except ConfigError as error:
        click.echo(f"ERROR parsing the configuration file: {counted(error.problems)}", err=True)
        show(error.problems)
        return exit_code(config_outcome(error.problems, krakend=krakend), "run", krakend=krakend)
    show(service.problems)
    from understudy.process import supervisor  # late: only a gateway that runs pays for it

    code: int = supervisor.run(service, path, env=env, debug=bool(merged(ctx, "debug", debug)),
                               port=merged(ctx, "port", port))
    return exit_code(Outcome.FAILED, "run", krakend=krakend) if code == 1 else code
