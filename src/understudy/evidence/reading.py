"""The flat counters of ``counters``, as values with a meaning. Names that this version does not know are skipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate

from msgspec import Struct, field

from understudy.evidence.counters import FULL
from understudy.evidence.scales import LAST, bound


class Fourfold(Struct):
    """Pairs by who was bad: neither, the candidate alone, the baseline alone, both."""

    neither: int = 0
    candidate: int = 0
    """Only the candidate (in ``check``: only the control)."""
    baseline: int = 0
    both: int = 0

    @property
    def total(self) -> int:
        """All pairs."""
        return self.neither + self.candidate + self.baseline + self.both


class Versus(Struct):
    """How a path differed, in one kind."""

    win: int = 0
    loss: int = 0
    both: int = 0
    alone: int = 0

    @property
    def candidate(self) -> int:
        """Pairs in which the candidate differs."""
        return self.win + self.both + self.alone

    @property
    def control(self) -> int:
        """Triples in which the control differs."""
        return self.loss + self.both


class PathReading(Struct):
    """One path."""

    kinds: dict[str, Versus] = field(default_factory=dict)
    """``any`` and each kind that was seen."""
    found_candidate: int = 0
    found_control: int = 0

    def of(self, kind: str) -> Versus:
        """One kind; zeros when it was not seen."""
        return self.kinds.get(kind) or Versus()


class Steps(Struct):
    """Difference arrays: how many pairs enter and leave the region between the two durations, by bucket."""

    start: dict[int, int] = field(default_factory=dict)
    end: dict[int, int] = field(default_factory=dict)

    def between(self) -> list[int]:
        """For each bucket as a threshold: the pairs of which one side alone reaches it."""
        return list(accumulate(self.start.get(i, 0) - self.end.get(i, 0) for i in range(LAST + 2)))


class Reading(Struct):
    """All that was counted of one endpoint."""

    shares: dict[int, int] = field(default_factory=dict)
    """Pairs by the share, in millionths, that was to get a control."""
    triples: int = 0
    warm_up: int = 0
    bodies_pairs: int = 0
    bodies_triples: int = 0
    not_compared: dict[str, int] = field(default_factory=dict)
    bad: dict[str, Fourfold] = field(default_factory=dict)
    """``primary`` and ``control`` against the candidate; ``check``: the primary against the control."""
    status: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    """Transition matrix by baseline: (there, candidate) to pairs."""
    seconds: dict[str, dict[int, int]] = field(default_factory=dict)
    """Durations by side and bucket."""
    latency: int = 0
    ratios: dict[int, int] = field(default_factory=dict)
    slower: dict[int, Steps] = field(default_factory=dict)
    """By shift."""
    faster: dict[int, Steps] = field(default_factory=dict)
    paths: dict[str, PathReading] = field(default_factory=dict)

    @property
    def pairs(self) -> int:
        """Pairs that were counted."""
        return sum(self.shares.values())

    @property
    def share(self) -> float | None:
        """The share of pairs that was to get a control; None when it was not always the same."""
        return next(iter(self.shares)) / FULL if len(self.shares) == 1 else 0.0 if not self.shares else None

    @property
    def controlled(self) -> bool:
        """Whether every pair was to get a control."""
        return self.share == 1.0

    @property
    def uncontrolled(self) -> bool:
        """Whether no pair was to get a control."""
        return self.shares.keys() == {0}

    def fourfold(self, baseline: str) -> Fourfold:
        """Bad answers against one baseline."""
        return self.bad.get(baseline) or Fourfold()


def read(counters: Mapping[str, int]) -> Reading:
    """The meaning of these counters."""
    reading = Reading()
    for name, n in counters.items():
        head, _, rest = name.partition("/")
        reader = _READERS.get(head)
        if reader is not None:
            reader(reading, head, rest, n)
    return reading


def quantile(buckets: Mapping[int, int], q: float) -> float | None:
    """The lower bound in seconds of the bucket that holds the q-quantile; None without observations."""
    rank, seen = q * sum(buckets.values()), 0
    for index in sorted(buckets):
        seen += buckets[index]
        if seen >= rank and buckets[index] > 0:
            return bound(index)
    return None


def _number(reading: Reading, head: str, rest: str, n: int) -> None:
    setattr(reading, head, n)


def _share(reading: Reading, _: str, rest: str, n: int) -> None:
    if n:
        reading.shares[int(rest)] = n


def _bodies(reading: Reading, _: str, rest: str, n: int) -> None:
    if rest == "pairs":
        reading.bodies_pairs = n
    else:
        reading.bodies_triples = n


def _not_compared(reading: Reading, _: str, rest: str, n: int) -> None:
    reading.not_compared[rest] = n


def _status(reading: Reading, _: str, rest: str, n: int) -> None:
    baseline, there, here = rest.split("/")
    reading.status.setdefault(baseline, {})[there, here] = n


def _bad(reading: Reading, _: str, rest: str, n: int) -> None:
    baseline, which = rest.split("/")
    setattr(reading.bad.setdefault(baseline, Fourfold()), _CELLS[which], n)


def _seconds(reading: Reading, _: str, rest: str, n: int) -> None:
    side, index = rest.split("/")
    reading.seconds.setdefault(side, {})[int(index)] = n


def _ratio(reading: Reading, _: str, rest: str, n: int) -> None:
    reading.ratios[int(rest)] = n


def _steps(reading: Reading, head: str, rest: str, n: int) -> None:
    shift, end, index = rest.split("/")
    ways = reading.slower if head == "slower" else reading.faster
    steps = ways.setdefault(int(shift), Steps())
    (steps.start if end == "from" else steps.end)[int(index)] = n


def _event(reading: Reading, head: str, rest: str, n: int) -> None:
    kind, _, path = rest.partition("/")
    kinds = reading.paths.setdefault(path, PathReading()).kinds
    setattr(kinds.setdefault(kind, Versus()), head, n)


def _found(reading: Reading, _: str, rest: str, n: int) -> None:
    side, _, path = rest.partition("/")
    setattr(reading.paths.setdefault(path, PathReading()), f"found_{side}", n)


_CELLS = {"00": "neither", "01": "candidate", "10": "baseline", "11": "both"}
_READERS: dict[str, Callable[[Reading, str, str, int], None]] = {
    "triples": _number, "warm_up": _number, "latency": _number,
    "share": _share, "bodies": _bodies, "not_compared": _not_compared, "status": _status, "bad": _bad,
    "seconds": _seconds, "ratio": _ratio, "slower": _steps, "faster": _steps, "found": _found,
    "win": _event, "loss": _event, "both": _event, "alone": _event,
}  # fmt: skip
