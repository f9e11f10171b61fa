"""Evidence, path by path, that the candidate differs from the primary more often than the control does.

With the same code behind both, candidate and control can be exchanged: whatever a path's noise, it is a coin which of
them is alone in differing (T1). Where only a share f of pairs has a control, the candidate's differences in all pairs
are also set against the control's in its share: given a difference, it is the candidate's with probability 1/(1+f) (T3;
requests in which both differ only make it smaller). The share that came about counts where it is below the one that was
meant, so controls that were not asked (overload) make no evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log

from understudy.evidence.counters import ANY, of_head
from understudy.evidence.eprocesses import arms, arms_within, coin, log_mean, log_sum, srm, within, worse_by
from understudy.evidence.reading import PathReading, Reading
from understudy.evidence.settings import KINDS, Settings

_SHARE_BROKEN = log(1000)

def path_processes(readings: Sequence[Reading], settings: Settings) -> dict[str, Callable[[Reading], float]]:
    """For every path that was seen, its ``log e`` in any of these readings."""
    shares = {id(reading): effective_share(reading) for reading in readings}
    kinds = kind_weights(settings)
    uncontrolled = readings[0].uncontrolled

    def of_path(path: str) -> Callable[[Reading], float]:
        if uncontrolled:
            return lambda reading: uncontrolled_evidence(reading, path, kinds, settings.body_margin)
        return lambda reading: path_evidence(reading, path, shares[id(reading)], kinds)

    return {path: of_path(path) for path in readings[0].paths}


def kind_weights(settings: Settings) -> dict[str, float]:
    """Half of a path's evidence is about its differing at all, half about the kinds; not all kinds: only these."""
    if set(settings.block_on) == set(KINDS):
        return {ANY: 0.5, **{kind: 0.5 / len(KINDS) for kind in KINDS}}
    return {kind: 1 / len(settings.block_on) for kind in settings.block_on}


def uncontrolled_evidence(reading: Reading, path: str, kinds: dict[str, float], margin: float) -> float:
    """``log e`` against: the candidate differs from the primary on ``margin`` of the pairs at most, noise or not."""
    one = reading.paths.get(path) or PathReading()
    pairs = compared(reading, path)[0]
    blocked = [one.of(ANY)] if ANY in kinds else [one.of(kind) for kind in kinds]
    return log_mean([worse_by(versus.candidate, 0, max(pairs, versus.candidate), margin) for versus in blocked])


def path_evidence(reading: Reading, path: str, share: float, kinds: dict[str, float]) -> float:
    """``log e`` of one path in one reading, by what controls there are (``share``: where not all pairs have one)."""
    one = reading.paths.get(path)
    if one is None:
        return 0.0
    return log_sum(log(weight) + _kind_evidence(one, kind, share) for kind, weight in kinds.items())


def _kind_evidence(one: PathReading, kind: str, share: float) -> float:
    versus = one.kinds.get(kind)
    if versus is None:
        return 0.0
    paired = coin(versus.win, versus.win + versus.loss)
    if not share:
        return paired
    mine = versus.candidate
    return log_mean([paired, arms([(mine, mine + versus.control, 1 / (1 + share))])])


def effective_share(reading: Reading) -> float:
    """The share f to reckon with; 0 where only pairs with a control may count.

    That is when every pair has one, when the share was changed, or when what came about does not fit to it.
    """
    share = reading.share
    if share is None or not 0 < share < 1 or share_mismatch(reading) >= _SHARE_BROKEN:
        return 0.0
    bodies = reading.bodies_triples + reading.bodies_pairs
    return max(0.0, min(share, reading.triples / reading.pairs, reading.bodies_triples / bodies if bodies else share))


def share_mismatch(reading: Reading) -> float:
    """``log e`` against: controls were asked at random, for the share that was meant."""
    share = reading.share
    if share is None or not 0 < share < 1:
        return 0.0
    return srm([reading.triples, reading.pairs - reading.triples], [share, 1 - share])


def compared(reading: Reading, path: str) -> tuple[int, int]:
    """Pairs (with or without control), and triples, in which this path could be compared."""
    if of_head(path):
        return reading.pairs, reading.triples
    return reading.bodies_pairs + reading.bodies_triples, reading.bodies_triples


def body_certificate(reading: Reading, settings: Settings) -> tuple[dict[str, int], Callable[[float], float]]:
    """The path that is hardest to certify: its counts, and ``log e`` of its certificate at x times all counters.

    A weighted mean of certificates, as each may say it: the difference between candidate and control in triples; the
    candidate's own share in all pairs, as the difference is at most that; and the ratio of both, for much noise. A path
    that never differed is certified as well.
    """
    margin, ratio = settings.body_margin, settings.body_ratio
    unseen = (0, 0, 0, 0, *compared(reading, "$"))
    cases = {unseen} | {_certified_counts(reading, path) for path in reading.paths}
    full, share = reading.controlled, effective_share(reading)

    def process(x: float, counts: tuple[int, ...]) -> float:
        mine, win, loss, theirs, pairs, triples = (n * x for n in counts)
        own = within(mine, 0, max(pairs, mine), margin)
        if not triples:
            return own
        paired = within(win, loss, max(triples, win + loss), margin)
        if full:
            stage = (win + theirs - loss, win + 2 * theirs - loss, 0.5)
            return log_sum([log(0.8) + paired, log(0.2) + arms_within([stage], ratio)])
        by_ratio = arms_within([(mine, mine + theirs, 1 / (1 + share))], ratio) if share else 0.0
        return log_sum([log(0.4) + own, log(0.4) + paired, log(0.2) + by_ratio])

    worst = min(cases, key=lambda counts: (process(1.0, counts), counts))
    return {"candidate": worst[0], "only candidate": worst[1], "only control": worst[2], "triples": worst[5]}, \
        lambda x: process(x, worst)


def _certified_counts(reading: Reading, path: str) -> tuple[int, ...]:
    one = reading.paths[path]
    versus, found = one.of(ANY), one.found_candidate
    return versus.candidate + found, versus.win + found, versus.loss, versus.control, *compared(reading, path)
