"""``understudy shadows``: where every copy has gone."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence

import click

from understudy.cli import accounts
from understudy.cli.accounts import Row
from understudy.cli.codes import Outcome, exit_code
from understudy.cli.gateways import NoAnswer, gateway, path_of, reached

Ask = Callable[[], Sequence[Row]]


@click.command("shadows", short_help="Shows where every copy has gone.")
@reached
@click.option("-w", "--watch", is_flag=True, help="Again and again, until Ctrl-C.")
@click.option("-i", "--interval", type=click.FloatRange(0.1, 3600), default=1.0, show_default=True, metavar="SECONDS",
              help="How often --watch looks.")
@click.option("--json", "as_json", is_flag=True, help="For programs; with --watch one line each time.")
def command(config: str | None, admin: str | None, token: str | None, watch: bool, interval: float,
            as_json: bool) -> int:
    """Shows the account of every shadow of a running gateway.

    Every copy is in exactly one place: eligible = sent + skipped + dropped + in transit, sent = answered + failed + in
    flight, answered = compared + not compared + pending.
    """
    try:
        there = gateway(config, admin, token)
        _show(lambda: there.get(path_of("shadows")), interval if watch else None, as_json)
    except NoAnswer as reason:
        click.echo(str(reason), err=True)
        return exit_code(Outcome.FAILED, "shadows")
    except KeyboardInterrupt:
        return exit_code(Outcome.FINE, "shadows")
    return exit_code(Outcome.FINE, "shadows")


def _show(ask: Ask, interval: float | None, as_json: bool) -> None:
    if as_json or not sys.stdout.isatty():
        _write(ask, interval, as_json)
    else:
        _draw(ask, interval)


def _write(ask: Ask, interval: float | None, as_json: bool) -> None:
    while True:
        rows = ask()
        if as_json:
            click.echo(json.dumps(rows, indent=2 if interval is None else None))
        else:
            click.echo("\n".join(accounts.lines(rows)) + ("" if interval is None else "\n"))
        if interval is None:
            return
        time.sleep(interval)


def _draw(ask: Ask, interval: float | None) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console()
    rows = ask()
    if not rows:
        console.print(*accounts.lines(rows))
        return
    if interval is None:
        console.print(accounts.table(rows))
        return
    with Live(accounts.table(rows), console=console, auto_refresh=False) as live:
        while True:
            time.sleep(interval)
            live.update(accounts.table(ask()), refresh=True)
