"""The three questions about one endpoint (errors, durations, bodies), and whether the measurement can be trusted.

``readings[0]`` is all that was counted; the others are what was counted since each snapshot. A clean past makes an
e-process slow to notice a late regression, so evidence is a mean over several beginnings (``strength``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from math import log

from msgspec import Struct

from understudy.evidence import latency as durations
from understudy.evidence.eprocesses import coin, log_sum, within, worse_by
from understudy.evidence.paths import body_certificate, path_processes
from understudy.evidence.reading import Fourfold, Reading
from understudy.evidence.scales import ratio_steps
from understudy.evidence.settings import Settings, path_weight, start_share
from understudy.evidence.statements import CONTINUE, FAIL, INCONCLUSIVE, NOT_JUDGED, PASS, Family, Hypothesis

SHOWN = 10
"""So many hypotheses about bodies are stated; all are judged."""


class Case(Struct, frozen=True):
    """One endpoint, as it lies before the judge."""

    readings: tuple[Reading, ...]
    settings: Settings
    weight: float
    """The endpoint's part of alpha."""
    paths: tuple[str, ...]
    """In the order in which they were found."""
    latched: Collection[str] = ()
    """Names of the hypotheses that have crossed before."""
    dropped: int = 0
    """How many older beginnings are no longer kept."""

    @property
    def whole(self) -> Reading:
        """All that was counted."""
        return self.readings[0]


def strength(process: Callable[[Reading], float], case: Case) -> float:
    """``log e`` of a process over all its beginnings: those to come stand at 1, those no longer kept at 0."""
    kappa, first = case.settings.kappa, process(case.whole)
    if not case.settings.restarts:
        return kappa * first
    logs = [log(start_share(0)) + kappa * first]
    for started, reading in enumerate(case.readings[1:], case.dropped + 1):
        logs.append(log(start_share(started)) + kappa * process(reading))
    return log_sum([*logs, -log(case.dropped + len(case.readings) + 1)])


def errors(case: Case) -> Family:
    """More bad answers than the control; where not every pair has one, than the primary."""
    settings, whole = case.settings, case.whole
    baseline = "control" if whole.controlled else "primary"
    tolerated = settings.errors_tolerated
    counted = whole.fourfold(baseline)

    def worse(reading: Reading) -> float:
        cells = reading.fourfold(baseline)
        if tolerated:
            return worse_by(cells.candidate, cells.baseline, cells.total, tolerated)
        return coin(cells.candidate, cells.candidate + cells.baseline)

    counts = _counts(counted)
    more = f"by more than {_points(tolerated)}" if tolerated else "at all"
    hypothesis = Hypothesis(
        "errors", f"More bad answers than the {baseline}, {more}.", strength(worse, case),
        settings.line(settings.split.errors, case.weight), counts,
    )  # fmt: skip
    certificate = _certificate(
        "errors/within", f"At most {_points(settings.errors_margin)} more bad answers than the {baseline}.",
        lambda x: within(counted.candidate * x, counted.baseline * x, counted.total * x, settings.errors_margin),
        counts, case, counted.total,
    )  # fmt: skip
    return _family("errors", case, [hypothesis], [certificate], counted.total)


def latency(case: Case) -> Family:
    """Slower than the control: copy against copy, never against the user's own answer."""
    settings, whole = case.settings, case.whole
    if not whole.triples and not whole.controlled:
        return Family("latency", NOT_JUDGED, "Not judged: there is no control to compare durations with.",
                      advisory=True, needed=False)
    ratio = settings.latency_ratio
    above, below = durations.beyond(whole, ratio_steps(ratio), 0)
    typical = {"slower": above, "faster": below}
    hypothesis = Hypothesis(
        "latency", f"More than {ratio:.2f} times as slow as the control.",
        strength(partial(durations.slower, ratio=ratio), case),
        settings.line(settings.split.latency, case.weight), typical,
    )  # fmt: skip
    up, down = durations.slow_end(whole, ratio, settings.tail_margin)
    certificates = [
        _certificate("latency/typical", f"Most answers take less than {ratio:.2f} times as long as the control's.",
                     partial(durations.mostly_within, whole, ratio), typical, case, whole.latency),
        _certificate("latency/slow end", f"At most {_points(settings.tail_margin)} more answers beyond the control's "
                                         f"slow end (its slowest 2 %, with a factor of {ratio:.2f}).",
                     lambda x: within(up * x, down * x, whole.latency * x, settings.tail_margin),
                     {"only candidate": up, "only control": down, "pairs": whole.latency}, case, whole.latency),
    ]  # fmt: skip
    return _family("latency", case, [hypothesis], certificates, whole.latency, needed=whole.controlled)


def body(case: Case) -> tuple[Family, dict[str, float]]:
    """Paths that differ from the primary more often than the control's do; and ``log e`` of every path."""
    settings, whole = case.settings, case.whole
    logs = {path: strength(process, case) for path, process in path_processes(case.readings, settings).items()}
    advisory = whole.uncontrolled and not settings.accept_body_without_control
    order = {path: j for j, path in enumerate(case.paths)}
    more = f"on more than {_points(settings.body_margin)} of the pairs" if whole.uncontrolled else \
        "more often than on the control's side"
    hypotheses = sorted(
        (Hypothesis(
            f"body/{path}", f"{path} differs {more}.", log_e,
            settings.line(settings.split.body, case.weight * path_weight(order[path])), _versus(whole, path),
        ) for path, log_e in logs.items() if path in order),
        key=lambda one: (one.line - one.log_e, one.name),
    )  # fmt: skip
    worst, process = body_certificate(whole, settings)
    bodies = whole.bodies_pairs + whole.bodies_triples
    certificate = _certificate(
        "body/within", f"No path differs on {_points(settings.body_margin)} more pairs than on the control's side and "
                       f"{settings.body_ratio:.2f} times as often, where bodies could be compared.",
        process, {**worst, "pairs": bodies}, case, bodies,
    )  # fmt: skip
    return _family("body", case, hypotheses, [certificate], bodies, advisory=advisory), logs


def control_alarms(case: Case) -> tuple[Hypothesis, ...]:
    """Is the control a copy of the primary? Claims that a copy fulfils; crossed means that it is none.

    Of a path that comes and goes, two equal versions lack it equally often: so ``missing`` and ``extra`` of the control
    must be in balance, up to a margin for what changes between two requests.
    """
    settings, whole = case.settings, case.whole
    if not whole.triples:
        return ()
    check = whole.fourfold("check")
    part = settings.split.validity / 2
    found = [Hypothesis(
        "control/errors", "The control has more bad answers than the primary, by more than "
                          f"{_points(settings.control_errors_margin)}.",
        settings.kappa * worse_by(check.candidate, check.baseline, check.total, settings.control_errors_margin),
        settings.line(part, case.weight), _counts(check),
    )]  # fmt: skip
    for ordinal, path in enumerate(case.paths):
        reading = whole.paths.get(path)
        if reading is None:
            continue
        lacks, has = reading.of("missing").control, reading.of("extra").control
        if not lacks and not has:
            continue
        n = max(whole.triples, lacks + has)
        margin = settings.control_margin
        log_e = max(worse_by(lacks, has, n, margin), worse_by(has, lacks, n, margin)) - log(2)
        found.append(Hypothesis(
            f"control/{path}", f"The control is no copy of the primary: {path} is missing or extra there.",
            settings.kappa * log_e, settings.line(part, case.weight * path_weight(ordinal)),
            {"missing": lacks, "extra": has, "triples": whole.triples},
        ))  # fmt: skip
    return tuple(found)


def _family(name: str, case: Case, hypotheses: Sequence[Hypothesis], certificates: Sequence[Hypothesis], pairs: int,
            *, advisory: bool = False, needed: bool = True) -> Family:
    before = {one for one in case.latched if one.partition("/")[0] == name}
    failed = () if advisory else tuple(sorted(before | {one.name for one in hypotheses if one.crossed}))
    certified = all(one.crossed for one in certificates)
    if failed:
        state, sentence = FAIL, _failed(failed, hypotheses)
        if certified:
            sentence += " But by no more than the margin."
    elif certified and pairs >= case.settings.min_pairs:
        state, sentence = PASS, " ".join(one.meaning for one in certificates)
    elif case.whole.pairs >= case.settings.max_pairs:
        state, sentence = INCONCLUSIVE, "The budget of pairs is spent, and neither line was reached."
    else:
        state, sentence = CONTINUE, "Nothing worse so far; not enough pairs to certify it."
    stated = [one for i, one in enumerate(hypotheses) if i < SHOWN or one.name in failed]
    return Family(name, state, sentence, tuple(stated), tuple(certificates), failed, advisory, needed and not advisory)


def _failed(failed: Sequence[str], hypotheses: Sequence[Hypothesis]) -> str:
    meanings = [one.meaning for one in hypotheses if one.name in failed]
    if len(failed) > 1:
        return f"Worse on {len(failed)} paths."
    return meanings[0] if meanings else "Worse, as found earlier."


def _certificate(name: str, meaning: str, process: Callable[[float], float], counts: dict[str, int], case: Case,
                 pairs: int) -> Hypothesis:
    kappa, line = case.settings.kappa, case.settings.certified
    log_e = kappa * process(1.0) if pairs else 0.0
    remaining = None if log_e >= line else more_pairs(lambda x: kappa * process(x), line, case.whole.pairs)
    if pairs < case.settings.min_pairs and pairs:
        needed = -(-(case.settings.min_pairs - pairs) * case.whole.pairs // pairs)
        remaining = needed if log_e >= line or (remaining is not None and remaining < needed) else remaining
    return Hypothesis(name, meaning, log_e, line, counts, remaining)


def more_pairs(process: Callable[[float], float], line: float, pairs: int) -> int | None:
    """How many more pairs it takes until evidence that goes on as before is at the line; None for never.

    ``process(x)`` is ``log e`` of x times the counters.
    """
    low, high = 1.0, 2.0
    while process(high) < line:
        low, high = high, high * 2
        if high > 1e6 or not pairs:
            return None
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if process(middle) >= line else (middle, high)
    return max(1, round((high - 1) * pairs))


def _counts(cells: Fourfold) -> dict[str, int]:
    return {"only candidate": cells.candidate, "only baseline": cells.baseline, "both": cells.both,
            "pairs": cells.total}  # fmt: skip


def _versus(whole: Reading, path: str) -> dict[str, int]:
    versus = whole.paths[path].of("any")
    return {"candidate": versus.candidate, "control": versus.control, "only candidate": versus.win,
            "only control": versus.loss, "pairs": whole.pairs, "triples": whole.triples}  # fmt: skip


def _points(share: float) -> str:
    points = 100 * share
    return f"{points:g} percentage point" + ("" if points == 1 else "s")
