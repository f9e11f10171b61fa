"""Is the candidate slower? Its durations and the control's for the same requests, compared in two ways.

Ratios: more requests that are at least m times slower than m times faster, over several m (a sequential relative of
Wilcoxon's signed rank test). Thresholds: more requests beyond some duration on the candidate's side alone than on the
control's alone (stochastic order, so also a change of the slowest per cent). Both are coins (T1) when the sides can be
exchanged; nothing is assumed about distributions. A tolerance shifts the candidate by whole buckets.
"""

from __future__ import annotations

from understudy.evidence.eprocesses import coin, log_mean, within
from understudy.evidence.reading import Reading
from understudy.evidence.scales import LAST, ratio_steps, steps

RATIO_MARGINS = tuple(ratio_steps(m) for m in (1.0, 1.1, 1.25, 1.5, 2.0, 4.0))
THRESHOLDS = tuple(range(2, LAST + 1, 4))
"""Every fourth bucket: 0.1 ms to 86 s, in steps of 22 %."""
SLOW_END = 0.98


def slower(reading: Reading, ratio: float) -> float:
    """``log e`` against: the candidate is at most ``ratio`` times as slow."""
    shift = ratio_steps(ratio)
    by_ratio = []
    for margin in RATIO_MARGINS:
        wins, losses = beyond(reading, shift, margin)
        by_ratio.append(coin(wins, wins + losses))
    up, down = _arrays(reading, ratio)
    by_threshold = [coin(up[i], up[i] + down[i]) if up[i] or down[i] else 0.0 for i in THRESHOLDS]
    return log_mean([log_mean(by_ratio), log_mean(by_threshold)])


def beyond(reading: Reading, shift: int, margin: int) -> tuple[int, int]:
    """Pairs that are more than ``margin`` buckets above, and below, the ratio at ``shift``."""
    above = sum(n for index, n in reading.ratios.items() if index - shift > margin)
    below = sum(n for index, n in reading.ratios.items() if index - shift < -margin)
    return above, below


def mostly_within(reading: Reading, ratio: float, scale: float = 1.0) -> float:
    """``log e`` of the certificate: most answers take less than ``ratio`` times as long as the control's."""
    above, below = beyond(reading, ratio_steps(ratio), 0)
    return coin(below * scale, (above + below) * scale)


def slow_end(reading: Reading, ratio: float, margin: float) -> tuple[int, int]:
    """Pairs beyond a threshold on the candidate's side alone, and on the control's alone.

    Of the thresholds from the control's 98 % quantile on, the one that is hardest to certify.
    """
    up, down = _arrays(reading, ratio)
    buckets = reading.seconds.get("control", {})
    rank, seen, first = SLOW_END * sum(buckets.values()), 0, LAST
    for index in sorted(buckets):
        seen += buckets[index]
        if seen >= rank:
            first = index
            break
    different = {(up[i], down[i]) for i in range(first, LAST + 1)}
    return min(different, key=lambda one: (within(one[0], one[1], reading.latency, margin), one))


def _arrays(reading: Reading, ratio: float) -> tuple[list[int], list[int]]:
    shift = steps(ratio)
    nothing = [0] * (LAST + 2)
    up, down = reading.slower.get(shift), reading.faster.get(shift)
    return (up.between() if up else nothing), (down.between() if down else nothing)
