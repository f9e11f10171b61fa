"""What the store holds, judged: the counters of an epoch in, the verdict of each shadow out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from understudy.errors import StoreError
from understudy.evidence.settings import Settings
from understudy.evidence.statements import FAIL, EndpointVerdict, Verdict
from understudy.evidence.verdict import Evidence, hypotheses, pairs_of, verdict
from understudy.store import counts, epochs, paths, series, verdicts, writers
from understudy.store.epochs import Epoch
from understudy.store.place import Identity
from understudy.store.series import Series
from understudy.store.store import Store
from understudy.store.verdicts import Latched


class Judgement(Struct, frozen=True, kw_only=True):
    """A gateway's newest epoch, judged."""

    epoch: Epoch
    verdicts: Mapping[str, Verdict]
    """By shadow. Empty when nothing was counted yet, and nothing is known of what should be."""
    written: float
    """Seconds in which somebody wrote evidence; 0 when that is unknown."""
    lost: int
    """Outcomes that writers had to give up."""
    killed: int
    """Writers that were killed, each with what it had not yet written."""
    new: Mapping[str, frozenset[tuple[str, str]]]
    """(endpoint, hypothesis) by shadow that failed now for the first time: ``latch`` keeps them."""


def judge(store: Store, identity: Identity | None = None, *, expected: Iterable[Series] = (), silent: bool = False,
          now: float | None = None) -> Sequence[Judgement]:
    """The newest epoch of a gateway, or of each gateway in the store, newest first. Only reads. Raises StoreError.

    ``expected``: what should be counted, so that an endpoint without traffic is not taken for one that is fine.
    ``silent``: pairs should have come by now; a shadow that has none is INVALID.
    """
    now = time.time() if now is None else now
    wanted = tuple(expected)
    with store.reading() as connection:
        return [_judged(connection, epoch, wanted, silent, now) for epoch in _newest(connection, identity)]


def latch(store: Store, judgement: Judgement, now: float | None = None) -> bool:
    """Keeps what failed for the first time, so that it stays failed; whether there was any. Raises StoreError."""
    reached = tuple(_reached(judgement, time.time() if now is None else now))
    if reached:
        with store.writing() as connection:
            for one in reached:
                verdicts.latch(connection, judgement.epoch.id, one)
    return bool(reached)


def settings_of(epoch: Epoch) -> Settings:
    """How strictly this epoch is judged. Raises StoreError."""
    try:
        return msgspec.convert(dict(epoch.settings), Settings)
    except msgspec.ValidationError as error:
        raise StoreError(f"Epoch {epoch.id} cannot be judged by its settings: {error}.") from None


def _newest(connection: Connection, identity: Identity | None) -> Sequence[Epoch]:
    if identity is not None:
        latest = epochs.latest(connection, identity)
        return [] if latest is None else [latest]
    newest: dict[Identity, Epoch] = {}
    for epoch in epochs.listed(connection):
        newest.setdefault(epoch.identity, epoch)
    return list(newest.values())


def _judged(connection: Connection, epoch: Epoch, expected: Sequence[Series], silent: bool, now: float) -> Judgement:
    settings = settings_of(epoch)
    failed = {(one.series.shadow, one.series.endpoint, one.hypothesis)
              for one in verdicts.latched(connection, epoch.id) if one.state == FAIL}  # fmt: skip
    said: dict[str, Verdict] = {}
    new: dict[str, frozenset[tuple[str, str]]] = {}
    for shadow, evidence in _evidence(connection, epoch, expected).items():
        known = {(endpoint, hypothesis) for name, endpoint, hypothesis in failed if name == shadow}
        quiet = silent and not any(pairs_of(one.counters) for one in evidence.values())
        said[shadow] = verdict(evidence, settings, known, evidence if quiet else ())
        if said[shadow].failed - known:
            new[shadow] = said[shadow].failed - known
    writing = writers.listed(connection, epoch.id)
    killed = writers.killed(connection, epoch.id, now)
    return Judgement(
        epoch=epoch, verdicts=said, written=covered([(one.started, one.seen) for one in writing]),
        lost=sum(one.lost for one in writing), killed=len(killed), new=new)  # fmt: skip


def _evidence(connection: Connection, epoch: Epoch,
              expected: Sequence[Series]) -> Mapping[str, Mapping[str, Evidence]]:
    """By shadow and endpoint; those without any counts as well."""
    sums, found = counts.sums(connection, epoch.id), paths.ordinals(connection, epoch.id)
    out: dict[str, dict[str, Evidence]] = {}
    for one in dict.fromkeys([*expected, *series.known(connection, epoch.id)]):
        if one.endpoint:
            out.setdefault(one.shadow, {})[one.endpoint] = Evidence(sums.get(one, {}), tuple(found.get(one, ())))
    return out


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds that lie in at least one of the spans."""
    total, end = 0.0, float("-inf")
    for start, stop in sorted(spans):
        total += max(0.0, stop - max(start, end))
        end = max(end, stop)
    return total


def _reached(judgement: Judgement, now: float) -> Iterable[Latched]:
    for shadow, failed in judgement.new.items():
        endpoints = {one.endpoint: one for one in judgement.verdicts[shadow].endpoints}
        for endpoint, hypothesis in sorted(failed):
            yield Latched(series=Series(shadow, endpoint), hypothesis=hypothesis, state=FAIL, at=now,
                          evidence=_on(endpoints[endpoint], hypothesis))  # fmt: skip


def _on(endpoint: EndpointVerdict, hypothesis: str) -> dict[str, object]:
    """What it failed on; the counters of a path that is not among those stated are in its finding."""
    out: dict[str, object] = {"pairs": endpoint.pairs, "triples": endpoint.triples}
    for one in hypotheses(endpoint):
        if one.name == hypothesis:
            return {**out, "log_e": one.log_e, "line": one.line, "counts": dict(one.counts)}
    for found in endpoint.findings:
        if f"body/{found.path}" == hypothesis:
            counted = {"candidate": found.candidate, "control": found.control}
            return {**out, "log_e": found.log_e, "line": found.line, "counts": counted}
    return out
