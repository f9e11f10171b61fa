"""``understudy report``: what has been seen of the shadows, and what follows from it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import click

from understudy.cli import judged
from understudy.cli.codes import Outcome, exit_code
from understudy.cli.complaints import show
from understudy.cli.gateways import NoAnswer
from understudy.cli.stores import kept, look, placed
from understudy.errors import ConfigError, StoreError
from understudy.store.judging import Judgement

Look = Callable[[], Sequence[Judgement]]


@click.command("report", short_help="Shows verdicts and the evidence for them.")
@placed
@click.option("-f", "--follow", is_flag=True, help="Again and again, until Ctrl-C.")
@click.option("-i", "--interval", type=click.FloatRange(0.1, 3600), default=2.0, show_default=True, metavar="SECONDS",
              help="How often --follow looks.")
@click.option("--json", "as_json", is_flag=True, help="For programs; with --follow one line each time.")
def command(config: str | None, store: str | None, follow: bool, interval: float, as_json: bool) -> int:
    """Shows the verdict on every shadow, endpoint by endpoint, and the evidence for it, from the store.

    The gateway need not run. "Not enough data" is an answer, with an estimate where there is one.
    """
    try:
        at = kept(config, store)
        _show(lambda: look(at), interval if follow else None, as_json)
    except ConfigError as error:
        show(error.problems)
        return exit_code(Outcome.CONFIG, "report")
    except (NoAnswer, StoreError) as reason:
        click.echo(str(reason), err=True)
        return exit_code(Outcome.FAILED, "report")
    except KeyboardInterrupt:
        return exit_code(Outcome.FINE, "report")
    return exit_code(Outcome.FINE, "report")


def _show(see: Look, interval: float | None, as_json: bool) -> None:
    if as_json or not sys.stdout.isatty():
        _write(see, interval, as_json)
    else:
        _draw(see, interval)


def _write(see: Look, interval: float | None, as_json: bool) -> None:
    while True:
        said = see()
        if as_json:
            click.echo(judged.encoded(said, indent=interval is None))
        else:
            click.echo("\n".join(judged.lines(said)) + ("" if interval is None else "\n"))
        if interval is None:
            return
        time.sleep(interval)


def _draw(see: Look, interval: float | None) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console()
    if interval is None:
        console.print(judged.tables(see()))
        return
    with Live(judged.tables(see()), console=console, auto_refresh=False, vertical_overflow="visible") as live:
        while True:
            time.sleep(interval)
            live.update(judged.tables(see()), refresh=True)
