"""Verdicts for people: as text, as tables, as data. Pure: from judgements to words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import exp
from typing import TYPE_CHECKING

import msgspec

from understudy.evidence.statements import (
    CONTINUE,
    FAIL,
    INCONCLUSIVE,
    INVALID,
    NOT_JUDGED,
    PASS,
    EndpointVerdict,
    Family,
    Finding,
    Hypothesis,
)  # fmt: skip
from understudy.store.judging import Judgement, settings_of

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

WORST_FIRST = (FAIL, INVALID, CONTINUE, INCONCLUSIVE, PASS)
LISTED = ("worse", "watched", "noise", "unjudged")
"""Labels of findings that are shown one by one; those that are merely rare are counted."""
MOST = 10
"""Findings of one label that are shown for an endpoint."""
_COLOURS = {PASS: "bold green", FAIL: "bold red", CONTINUE: "bold yellow", INCONCLUSIVE: "bold yellow",
            INVALID: "bold magenta", NOT_JUDGED: "dim"}  # fmt: skip
_LABELS = {"worse": "red", "watched": "yellow", "noise": "dim", "unjudged": "yellow"}


def overall(judgements: Sequence[Judgement]) -> str:
    """The worst state of all shadows; INVALID where there is none, as nothing can be said."""
    states = [verdict.state for one in judgements for verdict in one.verdicts.values()]
    return min(states, key=WORST_FIRST.index, default=INVALID)


def encoded(judgements: Sequence[Judgement], *, indent: bool) -> str:
    """For ``--json``; on one line, or indented."""
    said = msgspec.json.encode({"state": overall(judgements), "gateways": judgements}, order="deterministic")
    return (msgspec.json.format(said, indent=2) if indent else said).decode()


def lines(judgements: Sequence[Judgement]) -> list[str]:
    """Everything, as plain text."""
    out: list[str] = []
    for one in judgements:
        out += [about(one), *(f"  {note}" for note in caveats(one))]
        for shadow, verdict in one.verdicts.items():
            out += ["", f"{clean(shadow)}: {verdict.state}. {clean(verdict.sentence)}"]
            for endpoint in worst_first(verdict.endpoints):
                out += [f"  {line}" for line in _endpoint(endpoint, one.written)]
        out += ["", *guarantees(one), ""]
    return out[:-1]


def brief(judgements: Sequence[Judgement]) -> list[str]:
    """A line for each shadow, and what stands between it and a PASS."""
    out: list[str] = []
    for one in judgements:
        out += caveats(one)
        for shadow, verdict in one.verdicts.items():
            out.append(f"{clean(shadow)}: {verdict.state}. {clean(verdict.sentence)}")
            for endpoint in worst_first(verdict.endpoints):
                if endpoint.state != PASS:
                    out.append(f"  {title(endpoint)}")
                    out += [f"    {found_line(f)}" for f in _of(endpoint, "worse")[:MOST]]
                    out += [f"    {line}" for line in outlook(endpoint, one.written)]
    return out


def worst_first(endpoints: Iterable[EndpointVerdict]) -> list[EndpointVerdict]:
    """By state; within one, what is nearest to a FAIL."""

    def nearest(endpoint: EndpointVerdict) -> float:
        return max((h.log_e - h.line for f in endpoint.families for h in f.hypotheses), default=float("-inf"))

    return sorted(endpoints, key=lambda one: (WORST_FIRST.index(one.state), -nearest(one), one.endpoint))


def about(one: Judgement) -> str:
    """Which epoch of which gateway."""
    epoch, who = one.epoch, clean(one.epoch.identity.config)
    name = f" ({clean(epoch.identity.service)})" if epoch.identity.service else ""
    version = f", {clean(epoch.label)}" if epoch.label else ""
    until = f" until {_moment(epoch.ended)}" if epoch.ended is not None else ""
    return f"{who}{name}{version}: evidence since {_moment(epoch.started)}{until}"


def caveats(one: Judgement) -> list[str]:
    """What may be missing."""
    out = ["No shadow has been compared yet."] if not one.verdicts else []
    if one.killed:
        out.append(f"{one.killed} of its writers ended without a word: what they had not yet written is missing.")
    if one.lost:
        out.append(f"{one.lost:,} outcomes could not be kept and are missing.")
    return out


def guarantees(one: Judgement) -> list[str]:
    """What FAIL and PASS promise, each sentence once; and what it comes to over several shadows."""
    out = list(dict.fromkeys(said for verdict in one.verdicts.values() for said in verdict.guarantees))
    if len(one.verdicts) > 1:
        chance = min(100.0, 100 * len(one.verdicts) * settings_of(one.epoch).alpha)
        out.append(f"Each shadow is judged by itself: the chance that any of {len(one.verdicts)} that are as good is "
                   f"ever called FAIL is at most {chance:g} %.")  # fmt: skip
    return out


def title(endpoint: EndpointVerdict) -> str:
    """The endpoint with its verdict."""
    return f"{clean(endpoint.endpoint)}: {endpoint.state}. {clean(endpoint.sentence)}"


def pairs(endpoint: EndpointVerdict) -> str:
    """How much was seen."""
    return f"{endpoint.pairs:,} pairs, {endpoint.triples:,} of them with a control"


def outlook(endpoint: EndpointVerdict, written: float) -> list[str]:
    """How much longer it takes, where that can be said."""
    if endpoint.remaining is None:
        return []
    time = f", {span(endpoint.remaining * written / endpoint.pairs)} at the traffic so far" \
        if written and endpoint.pairs else ""  # fmt: skip
    return [f"About {endpoint.remaining:,} more pairs to a PASS{time}."]


def evidence(family: Family) -> list[str]:
    """How strong the strongest evidence against it is and the weakest for it, each with its threshold."""
    out = []
    if family.hypotheses:
        out.append(f"evidence that it is worse {_of_line(max(family.hypotheses, key=_distance))}")
    if family.certificates:
        out.append(f"evidence for a PASS {_of_line(min(family.certificates, key=_distance))}")
    return out


def found_line(found: Finding) -> str:
    """One path on which answers differ."""
    kind = f" ({found.kind})" if found.kind else ""
    control = f"the control on {found.control:,} of {found.triples:,}" if found.triples else "no control"
    return (f"{found.label}: {clean(found.path)}{kind}: the candidate differs on {found.candidate:,} of "
            f"{found.pairs:,} pairs, {control}; evidence {number(found.log_e)} of {number(found.line)}")  # fmt: skip


def clean(text: str) -> str:
    """Text from traffic, without anything that a terminal would obey."""
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def number(log_e: float) -> str:
    """An e-value: ``0.5``, ``12``, ``3.1e+15``."""
    value = exp(min(log_e, 690.0))
    return f"{value:.2g}" if value < 100 else f"{value:,.0f}" if value < 1e6 else f"{value:.1e}"


def span(seconds: float) -> str:
    """About how long: ``40 s``, ``12 min``, ``3 h``, ``2 days``."""
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(1, round(seconds))} s"


def _of(endpoint: EndpointVerdict, label: str) -> list[Finding]:
    return [found for found in endpoint.findings if found.label == label]


def _endpoint(endpoint: EndpointVerdict, written: float) -> Iterable[str]:
    yield title(endpoint)
    yield f"  {pairs(endpoint)}"
    yield from (f"  {line}" for line in [*outlook(endpoint, written), *map(clean, endpoint.notes)])
    for family in endpoint.families:
        told = "; ".join(evidence(family))
        yield f"  {family.name}: {_state(family)}. {clean(family.sentence)}{f' ({told})' if told else ''}"
    for label in LISTED:
        found = _of(endpoint, label)
        yield from (f"  {found_line(one)}" for one in found[:MOST])
        if len(found) > MOST:
            yield f"  {label}: {len(found) - MOST} more"
    rare = len(_of(endpoint, "rare"))
    if rare:
        yield f"  rare: {rare} paths of which nothing can be said yet"


def _state(family: Family) -> str:
    return f"{family.state} (advisory)" if family.advisory and family.state != NOT_JUDGED else family.state


def _distance(one: Hypothesis) -> float:
    return one.log_e - one.line


def _of_line(one: Hypothesis) -> str:
    return f"{number(one.log_e)} of {number(one.line)}"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def tables(judgements: Sequence[Judgement]) -> RenderableType:
    """The same for a terminal."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = []
    for one in judgements:
        parts.append(Text(about(one), style="dim"))
        parts += [Text(note, style="yellow") for note in caveats(one)]
        for shadow, verdict in one.verdicts.items():
            head = Text().append(f"{clean(shadow)}: ", "bold").append(verdict.state, _COLOURS[verdict.state])
            parts.append(head.append(f". {clean(verdict.sentence)}"))
            endpoints = worst_first(verdict.endpoints)
            parts.append(_endpoints_table(endpoints, one.written))
            if any(found.label in LISTED for endpoint in endpoints for found in endpoint.findings):
                parts.append(_findings_table(endpoints))
        parts += [*(Text(guarantee, style="dim") for guarantee in guarantees(one)), Text()]
    return Group(*parts[:-1])


def _endpoints_table(endpoints: Sequence[EndpointVerdict], written: float) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    made = Table(header_style="bold", pad_edge=False, show_lines=True)
    for name in ("endpoint", "errors", "latency", "body"):
        made.add_column(name, overflow="fold", ratio=3 if name == "endpoint" else 2)
    for one in endpoints:
        who = Text().append(f"{clean(one.endpoint)}\n", "bold").append(one.state, _COLOURS[one.state])
        for line in (pairs(one), *outlook(one, written), *map(clean, one.notes)):
            who.append(f"\n{line}")
        made.add_row(who, *map(_family_cell, one.families))
    return made


def _family_cell(family: Family) -> Text:
    from rich.text import Text

    cell = Text().append(_state(family), _COLOURS[family.state]).append(f"\n{clean(family.sentence)}")
    for line in evidence(family):
        cell.append(f"\n{line}", "dim")
    return cell


def _findings_table(endpoints: Sequence[EndpointVerdict]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    made = Table(header_style="bold", pad_edge=False)
    for name in ("path", "kind", "label", "candidate", "control", "evidence"):
        right = name in ("candidate", "control", "evidence")
        made.add_column(name, overflow="fold", justify="right" if right else "left")
    for endpoint in endpoints:
        shown: Counter[str] = Counter()
        for found in endpoint.findings:
            shown[found.label] += 1
            if found.label not in LISTED or shown[found.label] > MOST:
                continue
            control = f"{found.control:,} of {found.triples:,}" if found.triples else "none"
            made.add_row(
                Text(f"{clean(endpoint.endpoint)}\n{clean(found.path)}"), Text(found.kind),
                Text(found.label, style=_LABELS[found.label]), f"{found.candidate:,} of {found.pairs:,}", control,
                f"{number(found.log_e)} of {number(found.line)}")  # fmt: skip
    return made
