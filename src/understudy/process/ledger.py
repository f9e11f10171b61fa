"""The counters of all processes, living and dead: nothing that was counted is forgotten when a child ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from understudy.process.slots import Kind
from understudy.telemetry.counters import Board, merged

Values = dict[str, int]


class Counters(Struct, frozen=True, kw_only=True):
    """All counters at one moment. Mirrors were read before workers (see ``shadow.accounting``)."""

    mirrors: list[Values] = []
    workers: list[Values] = []
    dead_mirrors: Values = {}
    dead_workers: Values = {}
    histograms: dict[str, list[int]] = {}
    """Of all processes, living and dead, added up."""
    own: Values = {}
    """The supervisor's."""

    def total(self) -> Values:
        """Everything added up by name."""
        return merged((*self.workers, *self.mirrors, self.dead_workers, self.dead_mirrors, self.own))


def is_gauge(name: str) -> bool:
    """Whether a name stands for a state, which ends with its process, and not for a count."""
    return not name.partition("{")[0].endswith("_total")


def counts(values: Mapping[str, int]) -> Values:
    """Without gauges."""
    return {name: n for name, n in values.items() if not is_gauge(name)}


def added(into: dict[str, list[int]], more: Mapping[str, list[int]]) -> None:
    """Adds histograms, bucket by bucket."""
    for name, buckets in more.items():
        known = into.get(name)
        into[name] = buckets if known is None else [a + b for a, b in zip(known, buckets, strict=True)]


class Ledger:
    """Owner of the sums of finished boards, and of the supervisor's own counters."""

    def __init__(self) -> None:
        self._dead: dict[Kind, Values] = {"worker": {}, "mirror": {}, "admin": {}}
        self._histograms: dict[str, list[int]] = {}
        self.own: Values = {}

    def count(self, name: str, n: int = 1) -> None:
        """Counts something that the supervisor saw."""
        self.own[name] = self.own.get(name, 0) + n

    def retire(self, kind: Kind, board: Board) -> None:
        """The writer of this board has ended: its counts are kept, its gauges are not."""
        self._dead[kind] = merged((self._dead[kind], counts(board.values())))
        added(self._histograms, board.histograms())

    def read(self, boards: Iterable[tuple[Kind, Board]], own: Mapping[str, int]) -> Counters:
        """Everything as it is now; ``own``: states of the supervisor to go with its counts."""
        known = list(boards)
        histograms = {name: list(buckets) for name, buckets in self._histograms.items()}
        mirrors = [board.values() for kind, board in known if kind == "mirror"]
        workers = [board.values() for kind, board in known if kind == "worker"]
        for _, board in known:
            added(histograms, board.histograms())
        return Counters(
            mirrors=mirrors, workers=workers, dead_mirrors=self._dead["mirror"], dead_workers=self._dead["worker"],
            histograms=histograms, own={**self.own, **own},
        )  # fmt: skip
