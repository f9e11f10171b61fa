"""``understudy shadow set``: change a shadow while the gateway runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from understudy.cli.codes import Outcome, exit_code
from understudy.cli.gateways import NoAnswer, gateway, path_of, reached

_WORDS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False, "none": None, "null": None}


@click.group("shadow", short_help="Changes a shadow while the gateway runs.")
def command() -> None:
    """Changes a shadow while the gateway runs."""


@command.command("set", short_help="Changes the share or a limit of a shadow.")
@click.argument("name")
@click.argument("changes", nargs=-1, required=True, metavar="KEY=VALUE...")
@reached
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def set_(name: str, changes: tuple[str, ...], config: str | None, admin: str | None, token: str | None,
         as_json: bool) -> int:
    """Changes a shadow of a running gateway, from the next request on; nothing is restarted.

    Keys: percent (0 to 100), paused (true or false), max_in_flight (copies at once), max_rate (copies a second, or
    none). Example: understudy shadow set orders-1 percent=5 paused=false
    """
    wanted = parsed(changes)
    try:
        answer = gateway(config, admin, token).post(path_of("shadows", name), wanted)
    except NoAnswer as reason:
        click.echo(str(reason), err=True)
        return exit_code(Outcome.FAILED, "shadow")
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return exit_code(Outcome.FINE, "shadow")
    said = ", ".join(f"{key} = {shown(value)}" for key, value in answer["changed"].items())
    click.echo(f"{answer['name']}: {said}")
    click.echo(answer["note"], err=True)
    return exit_code(Outcome.FINE, "shadow")


def parsed(changes: Sequence[str]) -> dict[str, Any]:
    """``percent=5`` and the like, as data. Raises click.UsageError; whether it makes sense the gateway says."""
    out: dict[str, Any] = {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals or not key or not text:
            raise click.UsageError(f'"{change}" is no change; one looks like percent=5.')
        if key in out:
            raise click.UsageError(f'"{key}" is given twice.')
        out[key] = value_of(text)
    return out


def value_of(text: str) -> Any:
    """A number, true, false, none, or else the text itself."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def shown(value: Any) -> str:
    """As it would be typed."""
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return "none" if value is None else str(value).lower()
