"""The program with its commands, loaded when they are asked for, and what happens to wrong words."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from understudy import __version__
from understudy.cli.codes import Outcome, env_krakend, exit_code

COMMANDS: dict[str, tuple[str, str]] = {
    "audit": ("understudy.cli.audit", "Audits a configuration."),
    "run": ("understudy.cli.run", "Runs the gateway."),
    "check": ("understudy.cli.check", "Validates that the configuration file is valid."),
    "explain": ("understudy.cli.explain", "Says why a request was, or was not, copied."),
    "help": ("understudy.cli.help", "Help about any command."),
    "report": ("understudy.cli.report", "Shows verdicts and the evidence for them."),
    "schema": ("understudy.cli.schema", "Prints the JSON schema of configuration files, for editors."),
    "shadow": ("understudy.cli.shadow", "Changes a shadow while the gateway runs."),
    "shadows": ("understudy.cli.shadows", "Shows where every copy has gone."),
    "verdict": ("understudy.cli.verdict", "Says PASS or FAIL by its exit code, for CI jobs."),
    "version": ("understudy.cli.version", "Shows the version."),
}
"""Name to (module with ``command``, one line). A new command is a file in this folder and a line here."""

ALIASES = {"validate": "check"}


class Program(click.Group):
    """Knows its commands by name only; imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of help."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        command = import_module(COMMANDS[name][0]).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context,
                        args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with KrakenD's sentence for a word that is no command."""
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None:
            from difflib import get_close_matches

            near = get_close_matches(name, [*COMMANDS, *ALIASES], 1)
            hint = f'; did you mean "{near[0]}"?' if near else "."
            raise click.UsageError(f'unknown command "{name}" for "understudy"{hint}', ctx)
        return name, command, args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line each, without importing them."""
        with formatter.section("Available Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=Program, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-c", "--config", hidden=True, help="Configuration file; may stand before the command too.")
@click.option("-d", "--debug", count=True, hidden=True)
@click.option("-p", "--port", type=click.IntRange(0, 65535), hidden=True)
@click.pass_context
def program(ctx: click.Context, config: str | None, debug: int, port: int | None) -> None:
    """Understudy is an API gateway that runs KrakenD configurations and rehearses new backends on live traffic."""
    ctx.obj = {"config": config, "debug": debug, "port": port}
    if ctx.invoked_subcommand is None:
        click.echo(f"Version: {__version__}\n\n{ctx.get_help()}")


def start(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    krakend = env_krakend(sys.argv[0])
    try:
        code: Any = program.main(args=words, prog_name="understudy", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return exit_code(Outcome.FAILED, words[0] if words else "")
    except click.ClickException as error:
        _complain(error)
        return exit_code(Outcome.USAGE, "", krakend=krakend)
    except BrokenPipeError:
        sys.stderr.close()
        return exit_code(Outcome.FAILED, "")


def _complain(error: click.ClickException) -> None:
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        near = error.possibilities
        message = f"unknown flag: {error.option_name}" + (f"; did you mean {sorted(near)[0]}?" if near else "")
    ctx = getattr(error, "ctx", None)
    if ctx is not None:
        click.echo(ctx.get_usage() + f"\nTry '{ctx.command_path} --help'.\n", err=True)
    click.echo(click.style("Error: ", fg="red") + message, err=True)


def merged(ctx: click.Context, name: str, value: Any) -> Any:
    """An option of a command, or the same one from before the command."""
    return value if value else (ctx.find_root().obj or {}).get(name)
