"""The judge of a mirror: compares exchanges, counts what they say, and hands it to the writer once a second.

Nothing here waits: comparing is bounded by its rules, and handing over is adding integers in memory.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from understudy.compare.compare import outcome
from understudy.compare.outcome import Compared, Outcome
from understudy.compare.rules import Rules
from understudy.config.model import Service
from understudy.evidence.counters import Tally
from understudy.evidence.scales import steps
from understudy.evidence.settings import Settings
from understudy.exchange import Exchange
from understudy.store.series import Series
from understudy.store.texts import storable
from understudy.store.writer import Writer


class _Case(Struct):
    """One endpoint's shadow, as far as this process has seen it."""

    series: Series
    rules: Rules
    tally: Tally
    outcomes: int = 0
    """Since the last hand-over."""


class Recorder:
    """A ``shadow.pairing.Judge`` whose counts end in a store. Raises ValueError for a rule that cannot be read."""

    def __init__(self, service: Service, writer: Writer, settings: Settings) -> None:
        self._writer = writer
        self._settings = settings
        self._subjects: dict[tuple[int, str], tuple[Series, Rules]] = {}
        self._cases: dict[tuple[int, str, float], _Case] = {}
        for endpoint in service.endpoints:
            for backend in endpoint.shadows:
                shadow = backend.shadow
                if shadow is not None and shadow.role == "candidate" and shadow.compare.enabled:
                    series = Series(shadow.name, f"{endpoint.method} {endpoint.path}")
                    self._subjects[endpoint.index, shadow.name] = series, Rules(shadow.compare)

    def judge(self, exchange: Exchange, share: float) -> None:
        """Compares and counts one exchange; one that shows a difference may become an example of it."""
        key = exchange.endpoint, exchange.shadow, share
        case = self._cases.get(key)
        if case is None:
            case = self._cases[key] = self._new(exchange, share)
        seen = _storable(outcome(exchange, case.rules))
        differences = seen.compared.differences
        if differences:
            self._writer.keep(case.series, exchange, [(d.path, d.kind) for d in differences])
        case.tally.count(seen)
        case.outcomes += 1

    def flush(self) -> None:
        """Hands over what was counted since the last time, and takes notice of paths that were known elsewhere."""
        for case in self._cases.values():
            if not case.outcomes:
                continue
            counts, found = case.tally.take()
            self._writer.add(case.series, counts, case.outcomes, found)
            case.outcomes = 0
            case.tally.known.update(self._writer.ordinals(case.series))

    def _new(self, exchange: Exchange, share: float) -> _Case:
        series, rules = self._subjects[exchange.endpoint, exchange.shadow]
        settings = self._settings
        known = self._writer.ordinals(series)
        return _Case(series, rules, Tally(share, steps(settings.latency_ratio), settings.warm_up, known))


def _storable(seen: Outcome) -> Outcome:
    """With paths as the store has them: one path has one name in counters, in examples and in what is known."""
    compared, noise = _named(seen.compared), _named(seen.noise) if seen.noise is not None else None
    if compared is seen.compared and noise is seen.noise:
        return seen
    return replace(seen, compared=compared, noise=noise)


def _named(compared: Compared) -> Compared:
    if all(storable(d.path) == d.path for d in compared.differences):
        return compared
    return replace(compared, differences=tuple(replace(d, path=storable(d.path)) for d in compared.differences))
