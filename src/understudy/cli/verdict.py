"""``understudy verdict``: the verdict as an exit code, for CI jobs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence

import click
from msgspec import structs

from understudy.cli import judged
from understudy.cli.codes import Outcome, exit_code
from understudy.cli.complaints import show
from understudy.cli.gateways import NoAnswer
from understudy.cli.stores import kept, look, placed
from understudy.config.durations import parse_duration
from understudy.errors import ConfigError, StoreError
from understudy.evidence.statements import CONTINUE, FAIL, INCONCLUSIVE, INVALID, PASS
from understudy.store.judging import Judgement

CODES = {PASS: 0, FAIL: 1, CONTINUE: 3, INCONCLUSIVE: 3, INVALID: 4}
"""2 stays wrong usage, or a configuration that cannot be read."""
PAUSE = 2.0
"""Seconds between two looks while waiting."""
_TIMEOUT = "30m"

Look = Callable[[bool], Sequence[Judgement]]
"""Is told whether pairs should have come by now."""


def _seconds(ctx: click.Context, _: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        seconds = parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", ctx) from None
    if seconds < 0:
        raise click.BadParameter("it cannot be negative.", ctx)
    return seconds


@click.command("verdict", short_help="Says PASS or FAIL by its exit code, for CI jobs.")
@placed
@click.option("-s", "--shadow", metavar="NAME", help="This shadow alone; without it, the worst of all decides.")
@click.option("-w", "--wait", is_flag=True, help="Wait until it is decided.")
@click.option("-t", "--timeout", callback=_seconds, metavar="DURATION",
              help=f"How long --wait waits, such as 90s or 2h; {_TIMEOUT} when absent.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def command(ctx: click.Context, config: str | None, store: str | None, shadow: str | None, wait: bool,
            timeout: float | None, as_json: bool) -> int:
    """Says the verdict on the shadows, from the store; the gateway need not run.

    Exit codes: 0 PASS, 1 FAIL, 3 not enough data, 4 nothing can be said (no evidence, or the measurement is broken),
    2 wrong usage or configuration.
    """
    if timeout is not None and not wait:
        raise click.UsageError("--timeout is for --wait.", ctx)
    try:
        at = kept(config, store)
        names = {one.shadow for one in at.expected}
        if config is not None and shadow is not None and shadow not in names:
            told = f"those that are compared are {', '.join(sorted(names))}" if names else "none is compared"
            raise click.UsageError(f'The configuration has no shadow "{shadow}" that is compared: {told}.', ctx)
        until = parse_duration(_TIMEOUT) if timeout is None else timeout
        said = _waited(lambda silent: only(look(at, silent=silent), shadow), until if wait else None)
    except ConfigError as error:
        show(error.problems)
        return exit_code(Outcome.CONFIG, "verdict")
    except (NoAnswer, StoreError) as reason:
        click.echo(json.dumps({"state": INVALID, "error": str(reason)}) if as_json else str(reason), err=not as_json)
        return CODES[INVALID]
    except KeyboardInterrupt:
        return CODES[CONTINUE]
    click.echo(judged.encoded(said, indent=True) if as_json else "\n".join(judged.brief(said)))
    return CODES[judged.overall(said)]


def only(judgements: Sequence[Judgement], shadow: str | None) -> Sequence[Judgement]:
    """The same of one shadow. Raises StoreError when there is nothing of it."""
    if shadow is None:
        return judgements
    of = [structs.replace(one, verdicts={shadow: one.verdicts[shadow]}) for one in judgements if shadow in one.verdicts]
    if not of:
        raise StoreError(f'There is no evidence of a shadow "{shadow}" yet.')
    return of


def decided(states: Collection[str]) -> bool:
    """Whether waiting longer is of no use: something is worse, or nothing is open."""
    return FAIL in states or (bool(states) and CONTINUE not in states)


def _waited(see: Look, timeout: float | None) -> Sequence[Judgement]:
    """What is seen now; or, with a timeout, when it is decided, or time is up. Raises StoreError like ``see``."""
    end = time.monotonic() + (timeout or 0.0)
    told = ""
    while True:
        left = end - time.monotonic()
        try:
            said = see(timeout is not None and left <= 0)
        except StoreError as reason:
            if left <= 0:
                raise
            sentence = str(reason)
        else:
            if left <= 0 or decided([verdict.state for one in said for verdict in one.verdicts.values()]):
                return said
            sentence = "\n".join(judged.brief(said)[:1])
        if sentence != told:
            click.echo(sentence, err=True)
            told = sentence
        time.sleep(min(PAUSE, left))
