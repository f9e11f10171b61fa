"""Counters in, verdict out: a pure function, with the same answer for the same counters wherever they were counted.

FAIL of a shadow: ``alpha`` is split over the families, then over endpoints, then (bodies) over paths in the order of
their discovery; each hypothesis fails at its own line (Ville's inequality and a union bound), so one may always look.
PASS: every needed certificate of every required endpoint, each at ``beta`` (an intersection-union test: to demand all
of them needs no correction). What has failed stays failed: hand ``Verdict.failed`` back the next time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log

from msgspec import Struct, structs

from understudy.evidence import families
from understudy.evidence.counters import since
from understudy.evidence.eprocesses import log_sum
from understudy.evidence.families import Case
from understudy.evidence.findings import findings, label_all
from understudy.evidence.paths import share_mismatch
from understudy.evidence.reading import Reading, read
from understudy.evidence.settings import Settings
from understudy.evidence.statements import (
    CONTINUE,
    FAIL,
    INCONCLUSIVE,
    INVALID,
    PASS,
    EndpointVerdict,
    Family,
    Finding,
    Hypothesis,
    Verdict,
)  # fmt: skip

RESTART_EVERY = 20_000
KEPT = 4
"""Snapshots that are kept: evidence since the beginning, and since these."""


class Evidence(Struct, frozen=True):
    """All that is known of one endpoint in one epoch."""

    counters: Mapping[str, int]
    paths: Sequence[str] = ()
    """In the order of discovery, the same for everybody who judges. A path that is not in it is not judged yet."""
    snapshots: Sequence[Mapping[str, int]] = ()
    """The counters as they were at some moments, in order (``with_snapshot``)."""
    dropped: int = 0
    """How many older snapshots there were, that are no longer kept."""
    weight: float | None = None
    """This endpoint's part of alpha; None for an equal part. All of them sum to 1 at most."""


def restart_due(evidence: Evidence) -> bool:
    """Whether a snapshot of the counters should be kept now. It depends on numbers of pairs alone, never on answers."""
    last = pairs_of(evidence.snapshots[-1]) if evidence.snapshots else 0
    return pairs_of(evidence.counters) - last >= RESTART_EVERY


def with_snapshot(evidence: Evidence) -> Evidence:
    """The same with a snapshot of now, and without the oldest one where there are too many."""
    snapshots = (*evidence.snapshots, evidence.counters)
    gone = max(0, len(snapshots) - KEPT)
    return structs.replace(evidence, snapshots=snapshots[gone:], dropped=evidence.dropped + gone)


def pairs_of(counters: Mapping[str, int]) -> int:
    """Pairs that were counted."""
    return sum(n for name, n in counters.items() if name.startswith("share/"))


def verdict(evidence: Mapping[str, Evidence], settings: Settings | None = None,
            failed: Collection[tuple[str, str]] = (), silent: Collection[str] = ()) -> Verdict:
    """Judges a shadow by the evidence of all its endpoints, also of those without any yet.

    ``failed``: (endpoint, hypothesis) that an earlier verdict of this epoch found. ``silent``: endpoints that have
    had no pair for longer than they should (there is no clock here).
    """
    settings = settings or Settings()
    cases = {name: _case(one, settings, 1 / len(evidence), {h for e, h in failed if e == name})
             for name, one in evidence.items()}  # fmt: skip
    bodies = {name: families.body(case) for name, case in cases.items()}
    listed = label_all(cases, {name: logs for name, (_, logs) in bodies.items()}, settings)
    endpoints = tuple(
        _endpoint(name, case, bodies[name][0], findings(name, case, bodies[name][1], listed), name in silent)
        for name, case in cases.items()
    )
    now_failed = frozenset((one.endpoint, h) for one in endpoints for family in one.families for h in family.failed)
    state, sentence = _overall(endpoints, settings)
    return Verdict(state, sentence, endpoints, _guarantees(settings, len(endpoints)), now_failed,
                   _mean_evidence(cases, endpoints, settings))


def _case(one: Evidence, settings: Settings, weight: float, latched: set[str]) -> Case:
    readings = [read(one.counters)]
    if settings.restarts:
        readings += [read(since(one.counters, then)) for then in one.snapshots]
    return Case(tuple(readings), settings, weight if one.weight is None else one.weight, tuple(one.paths), latched,
                one.dropped)


def _endpoint(name: str, case: Case, body: Family, found: tuple[Finding, ...], silent: bool) -> EndpointVerdict:
    whole, settings = case.whole, case.settings
    alarms = families.control_alarms(case)
    primary = whole.fourfold("primary")
    troubles = [one.meaning for one in alarms if one.crossed and one.name == "control/errors"]
    if silent:
        troubles.append("No pair has been seen for too long.")
    bad = primary.baseline + primary.both
    if primary.total >= settings.min_pairs and bad > settings.baseline_ceiling * primary.total:
        troubles.append(f"The primary itself fails: {bad} of {primary.total} answers are bad.")
    of_body = [one.meaning for one in alarms if one.crossed and one.name != "control/errors"]
    judged = (
        _unless(troubles, families.errors(case), case),
        _unless(troubles, families.latency(case), case),
        _unless(troubles + of_body, body, case),
    )
    state, sentence = _judge(judged, [*troubles, *of_body], whole)
    remaining = None
    if state == CONTINUE:
        wanted = [one.remaining for family in judged if family.needed for one in family.certificates if not one.crossed]
        numbers = [n for n in wanted if n is not None]
        remaining = max(numbers) if numbers and len(numbers) == len(wanted) else None
    return EndpointVerdict(
        name, state, sentence, judged, alarms, found,
        _control(whole),
        whole.pairs, whole.triples, tuple(_notes(whole)), remaining,
    )  # fmt: skip


def _control(whole: Reading) -> str:
    if not whole.pairs:
        return "unknown"
    return "all" if whole.controlled else "none" if whole.uncontrolled else "share"


def _unless(troubles: Sequence[str], family: Family, case: Case) -> Family:
    """The family, or that it cannot be judged; what had failed before the trouble stays so."""
    if not troubles or any(one.partition("/")[0] == family.name for one in case.latched):
        return family
    return Family(family.name, INVALID, troubles[0], family.hypotheses, family.certificates, (), family.advisory,
                  family.needed)


def _judge(judged: Sequence[Family], troubles: Sequence[str], whole: Reading) -> tuple[str, str]:
    for state in (FAIL, INVALID):
        found = [one for one in judged if one.state == state and not (one.advisory and state == FAIL)]
        if found:
            return state, " ".join(dict.fromkeys(one.sentence for one in found))
    needed = [one for one in judged if one.needed]
    if all(one.state == PASS for one in needed):
        rest = [_LIMITS[one.name] for one in judged if not one.needed and one.state != PASS]
        return PASS, " ".join([*(one.sentence for one in needed), *rest])
    if not whole.pairs:
        return CONTINUE, "No pair has been counted yet."
    if all(one.state in (PASS, INCONCLUSIVE) for one in needed):
        undecided = ", ".join(one.name for one in needed if one.state == INCONCLUSIVE)
        return INCONCLUSIVE, f"The budget of pairs is spent, and neither line was reached: {undecided}."
    missing = ", ".join(one.name for one in needed if one.state != PASS)
    return CONTINUE, f"Nothing worse so far; not certified yet: {missing}."


def _notes(whole: Reading) -> Iterable[str]:
    if not whole.pairs:
        return
    if whole.uncontrolled:
        yield ("No control: only errors are certified, against the primary. Differences in bodies are advisory, as "
               "noise cannot be told from them, and durations are not judged.")  # fmt: skip
    elif not whole.controlled:
        yield "A control for a share of the pairs: errors are compared with the primary."
    elif whole.triples < whole.pairs / 2:
        yield f"Only {whole.triples} of {whole.pairs} pairs have a control, although all should."
    if share_mismatch(whole) >= log(1000):
        yield "Not as many controls as asked for (or more): bodies are judged by the pairs with a control alone."
    not_compared = sum(whole.not_compared.values())
    if not_compared:
        reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(whole.not_compared.items()))
        yield (f"Bodies of {not_compared} of {whole.pairs} pairs were not compared ({reasons}): nothing is certified "
               "of them.")  # fmt: skip


_LIMITS = {
    "errors": "Errors are not certified.",
    "latency": "Durations are not certified.",
    "body": "Bodies are not certified, as there is no control.",
}


def _overall(endpoints: Sequence[EndpointVerdict], settings: Settings) -> tuple[str, str]:
    required = [one for one in endpoints if settings.require is None or one.endpoint in settings.require]
    failed = [one for one in endpoints if one.state == FAIL]
    if failed:
        return FAIL, f"Worse on {_some(failed)}."
    invalid = [one for one in required if one.state == INVALID]
    if invalid:
        return INVALID, f"Cannot judge {_some(invalid)}: {invalid[0].sentence}"
    if required and all(one.state == PASS for one in required):
        return PASS, "Certified on every endpoint." if len(required) == len(endpoints) else \
            f"Certified on {_some(required)}."
    if required and all(one.state in (PASS, INCONCLUSIVE) for one in required):
        return INCONCLUSIVE, f"Undecided on {_some([one for one in required if one.state == INCONCLUSIVE])}."
    if not any(one.pairs for one in endpoints):
        return CONTINUE, "No pair has been counted yet."
    certified = sum(one.state == PASS for one in required)
    return CONTINUE, f"Nothing worse so far; {certified} of {len(required)} endpoints certified."


def _some(endpoints: Sequence[EndpointVerdict]) -> str:
    names = [one.endpoint for one in endpoints[:3]]
    return ", ".join(names) + (f" and {len(endpoints) - 3} more" if len(endpoints) > 3 else "")


def _guarantees(settings: Settings, endpoints: int) -> tuple[str, ...]:
    more = f" by more than {100 * settings.errors_tolerated:g} points" if settings.errors_tolerated else ""
    return (
        f"FAIL: the chance of ever saying so of a candidate that is as good (no more bad answers{more}, at most "
        f"{settings.latency_ratio:.2f} times as slow, no path that differs more often than the control's) is at most "
        f"{100 * settings.alpha:g} %, over {endpoints} endpoints and however often one looks.",
        f"PASS: for an endpoint that is worse by a margin or more, the chance of ever saying so is at most "
        f"{100 * settings.beta:g} %.",
    )


def _mean_evidence(cases: Mapping[str, Case], endpoints: Sequence[EndpointVerdict], settings: Settings) -> float:
    """A mean of e-values, weighted as alpha is split, is one itself; what is not stated stands at 0 there."""
    terms: list[float] = []
    for endpoint in endpoints:
        for family in endpoint.families:
            terms += [one.log_e - one.line for one in family.hypotheses if not family.advisory]
    return log_sum(terms) - log(settings.alpha) if terms else 0.0


def hypotheses(of: EndpointVerdict) -> Iterable[Hypothesis]:
    """Everything that was weighed for an endpoint."""
    for family in of.families:
        yield from family.hypotheses
        yield from family.certificates
    yield from of.validity
