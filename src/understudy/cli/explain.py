"""``understudy explain``: why a request was, or was not, copied, and what became of its copies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import click

from understudy.cli.codes import Outcome, exit_code
from understudy.cli.gateways import NoAnswer, gateway, path_of, reached

_ID = re.compile(r"(?:id=)?([0-9a-fA-F]{1,16})(?:,.*)?")

MEANING: Mapping[str, str] = {
    "copied": "handed to the mirror",
    "percent": 'not among the "percent" of requests that are copied',
    "match": 'does not fit "match"',
    "loop": "was itself a copy",
    "no_key": 'has nothing to decide by: what "sticky_by" names is missing or empty',
    "paused": "the shadow is paused",
    "guard": "held back by the guard, so that users feel nothing",
    "no_timeout": "the shadow's timeout is 0 or less",
    "body_too_large": 'the body is larger than "max_body"',
    "upgrade": "switches protocols, which is not copied",
    "grpc": "gRPC, which is not copied",
    "link_full": "the mirror did not keep up with the worker",
    "no_mirror": "the mirror was not there",
    "body_incomplete": "the client broke off its upload",
    "body_memory": "the worker held too many bodies already",
    "internal": "an error of ours",
    "internal_mirror": "an error of ours",
    "max_in_flight": '"max_in_flight" copies were on their way already',
    "max_rate": '"max_rate" copies had been sent in this second already',
    "breaker": "the breaker is open: the shadow had only failed",
    "memory": "the mirror held too many bodies already",
    "late": "the mirror came to it too late",
    "draining": "the gateway was ending or reloading",
    "rejected": 'the shadow\'s own "validation/cel" did not let it pass',
    "sequence": "a shadow before it in the sequence had failed",
}
"""What the words of the account mean."""


@click.command("explain", short_help="Says why a request was, or was not, copied.")
@click.argument("request_id")
@reached
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(request_id: str, config: str | None, admin: str | None, token: str | None, as_json: bool) -> int:
    """Says why a request was, or was not, copied, and what became of its copies, as far as it is remembered.

    REQUEST_ID is the exchange's id: from the answer's X-Understudy-Copies header ("explain_header": true), from the
    mark that the shadow got, or from a log line.
    """
    id = id_of(request_id)
    try:
        found = gateway(config, admin, token).get(path_of("explain", id))
    except NoAnswer as reason:
        click.echo(str(reason), err=True)
        return exit_code(Outcome.FAILED, "explain")
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo("\n".join(lines(id, found["decisions"])))
    return exit_code(Outcome.FINE if found["decisions"] else Outcome.FAILED, "explain")


def id_of(text: str) -> str:
    """The id alone; the header's whole value will do. Raises click.UsageError."""
    match = _ID.fullmatch(text.strip())
    if match is None:
        raise click.UsageError(f'"{text}" is no id of an exchange: those are up to 16 hexadecimal digits.')
    return match[1].lower().zfill(16)


def lines(id: str, decisions: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each shadow, and one for each of its copies."""
    if not decisions:
        return [f"Nothing is known about {id}: it is too long ago, was no copy's id, or its process has ended since. "
                "A request that was not copied is remembered only while \"explain_header\" is true."]  # fmt: skip
    out = [f"{id}: {decisions[0]['endpoint']}"]
    for decision in decisions:
        outcome, copies = decision["outcome"], decision["copies"]
        out.append(f"  {decision['shadow']}: {worded(outcome)}")
        if outcome == "copied" and not copies:
            copies = ["unknown"]
        out.extend(f"    copy: {worded(copy)}" for copy in copies)
    return out


def worded(outcome: str) -> str:
    """The word of the account, and what it means."""
    if outcome == "unknown":
        return "not known: still on its way to the mirror, or too long ago, or lost with its process"
    meaning = MEANING.get(outcome)
    return f"{outcome} ({meaning})" if meaning else outcome
