"""What happened to every copy, in counters that survive the death of any process. Pure.

The identity
------------
Counted in copies (a request of an ``amplify`` 10 is ten), for each shadow, at any moment::

    eligible = sent + skipped + dropped + in transit
    sent     = answered + failed + in flight
    answered = compared + not compared + pending

``skipped``: it was decided that there is no copy (share, match, loop, …). ``dropped``: there should have been one and
something stood in the way. ``in transit``, ``in flight`` and ``pending`` are zero once the traffic has stopped.

Why it is exact, also after SIGKILL
-----------------------------------
Each counter stands in memory that the supervisor shares with exactly one process (``telemetry.counters``), which is
its only writer, so no increment is ever lost and none is made twice. What can be lost is a copy between two
increments. Every step first counts that it has begun (the left side above), and later how it has ended (one term of
the right side): so at any moment, in each process, left minus right is the number of copies that are under way there,
and it is never negative. While the process lives that number is ``in transit``, ``in flight`` or ``pending``; when it
is dead, nobody will ever finish them: the same number is ``lost``. Nothing has to be written down at the moment of
death, which is the point: SIGKILL gives no such moment. In detail:

=====================================================  ==================  ======================
difference                                              process alive       process dead
=====================================================  ==================  ======================
worker: eligible - skipped - dropped - handed           in transit (tap)    dropped, lost
link: handed (all workers) - received (all mirrors)     in transit, or dropped, lost (below)
mirror: received - dropped - sent                       in transit (lane)   dropped, lost
mirror: sent - answered - failed                        in flight           failed, lost
mirror: answered - compared - not compared              pending             not compared, lost
=====================================================  ==================  ======================

The link lies between two processes. What was handed over and not received is in transit only while both ends of the
connection live. When a connection ends, the worker throws away what it still holds for it and sets ``settled`` to
``handed``: everything handed over until then is received, or lost. The mirror, when a connection ends (it has then
read it to the end), sets its ``settled`` to what it has received over ended connections. So for the living
``in transit = sum(handed - settled) - sum(received - settled)``, and the rest of the difference is lost. It does not
matter which incarnation of a worker spoke to which incarnation of a mirror: only sums occur.

For a moment, between the death of one end and the other end's noticing, the split between ``in transit`` and ``lost``
may be off; their sum never is, and at rest both are exact. The identity itself holds by construction; what tests
check is that no term is negative, that nothing is in transit, in flight or pending at rest, and that the sums agree
with what backends saw.

Reading while others write: a reader goes against the stream (mirrors before workers, right sides before left), so it
may miss what has just begun, but never sees an end without its beginning. Layouts list the counters in that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from understudy.config.model import Service, Shadow
from understudy.telemetry.counters import merged, quantile

SKIPPED = ("percent", "match", "loop", "no_key", "paused", "guard", "no_timeout", "body_too_large", "upgrade", "grpc")
"""Why it was decided that a request is not copied."""

DROPPED_BY_WORKER = ("link_full", "no_mirror", "body_incomplete", "body_memory", "internal", "max_in_flight", "breaker")
DROPPED_BY_MIRROR = (
    "max_in_flight", "max_rate", "breaker", "memory", "late", "draining", "sequence", "rejected",
    "internal_mirror",
)  # fmt: skip
DROPPED = (*dict.fromkeys((*DROPPED_BY_WORKER, *DROPPED_BY_MIRROR)), "lost")
"""What stood in the way of a copy that should have been sent. Some are found by both (``shadow/valve.py``)."""

FAILED = ("refused", "dns", "tls", "connect", "reset", "closed", "cut", "garbage", "decode", "limit", "memory",
          "timeout", "no_capacity", "draining", "internal", "other", "lost")
"""How a copy that was sent has failed. A status, whatever it says, is an answer."""

NOT_COMPARED = ("not_configured", "disabled", "no_primary", "no_control", "memory", "queue_full", "amplified",
                "control", "draining", "internal", "lost")
"""Why an answer was not compared."""

RESAMPLED = ("sent", "answered", "failed", "skipped")
"""What became of requests that were put to the primary once more, to measure noise. They are no copies."""

_EMPTY: Mapping[str, int] = {}


def label(text: str) -> str:
    """A label value, escaped for Prometheus' text format."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def copies(shadow: str, outcome: str) -> str:
    """Counter of copies that came this far: eligible, handed, received, sent, answered, compared; and settled."""
    return f'understudy_shadow_copies_total{{shadow="{label(shadow)}",outcome="{outcome}"}}'


def skipped(shadow: str, reason: str) -> str:
    """Counter of requests that were not to be copied."""
    return f'understudy_shadow_skipped_total{{shadow="{label(shadow)}",reason="{reason}"}}'


def dropped(shadow: str, reason: str) -> str:
    """Counter of copies that were given up before they were sent."""
    return f'understudy_shadow_dropped_total{{shadow="{label(shadow)}",reason="{reason}"}}'


def failed(shadow: str, kind: str) -> str:
    """Counter of copies without a complete answer."""
    return f'understudy_shadow_failed_total{{shadow="{label(shadow)}",kind="{kind}"}}'


def not_compared(shadow: str, reason: str) -> str:
    """Counter of answers that were not compared."""
    return f'understudy_shadow_not_compared_total{{shadow="{label(shadow)}",reason="{reason}"}}'


def resampled(shadow: str, outcome: str) -> str:
    """Counter of requests that were put to the primary's own backend once more: sent, answered, failed, skipped."""
    return f'understudy_shadow_resampled_total{{shadow="{label(shadow)}",outcome="{outcome}"}}'


def seconds(shadow: str, side: str) -> str:
    """Histogram of answer times; ``side`` is ``candidate`` or ``primary``."""
    return f'understudy_shadow_seconds{{shadow="{label(shadow)}",side="{side}"}}'


def state(shadow: str, what: str) -> str:
    """Gauge: ``breaker`` (0 closed, 1 open, 2 probing), ``guard`` (share let through, in 1/1000000)."""
    return f'understudy_shadow_state{{shadow="{label(shadow)}",what="{what}"}}'


def shadows_of(service: Service) -> Iterator[Shadow]:
    """All shadows of a configuration."""
    for endpoint in service.endpoints:
        for backend in endpoint.shadows:
            if backend.shadow is not None:
                yield backend.shadow


def worker_names(service: Service) -> list[str]:
    """The counters of a worker, in the order in which they must be read."""
    names: dict[str, None] = {}
    for shadow in shadows_of(service):
        name = shadow.name
        names |= dict.fromkeys((
            copies(name, "settled_by_worker"), copies(name, "handed"),
            *(dropped(name, r) for r in DROPPED_BY_WORKER), *(skipped(name, r) for r in SKIPPED),
            copies(name, "eligible"), state(name, "guard"),
        ))  # fmt: skip
    return list(names)


def mirror_names(service: Service) -> list[str]:
    """The counters of a mirror, in the order in which they must be read."""
    names: dict[str, None] = {}
    for shadow in shadows_of(service):
        name = shadow.name
        names |= dict.fromkeys((
            *(not_compared(name, r) for r in NOT_COMPARED if r != "lost"), copies(name, "compared"),
            *(failed(name, k) for k in FAILED if k != "lost"), copies(name, "answered"), copies(name, "sent"),
            *(dropped(name, r) for r in DROPPED_BY_MIRROR),
            copies(name, "settled_by_mirror"), copies(name, "received"), state(name, "breaker"),
            *(resampled(name, o) for o in RESAMPLED),
        ))  # fmt: skip
    return list(names)


def mirror_histograms(service: Service) -> list[str]:
    """The histograms of a mirror."""
    return list(dict.fromkeys(seconds(s.name, side) for s in shadows_of(service) for side in ("candidate", "primary")))


class Summary(Struct, frozen=True, kw_only=True):
    """The account of one shadow: every copy is in exactly one of these."""

    shadow: str
    eligible: int
    skipped: dict[str, int]
    """By reason, without zeros; so are the next ones."""
    dropped: dict[str, int]
    in_transit: int
    sent: int
    answered: int
    failed: dict[str, int]
    in_flight: int
    compared: int
    not_compared: dict[str, int]
    pending: int
    breaker: str = "closed"
    guard: float = 1.0
    """Share of the configured percent that the guard lets through: the least of all workers."""
    candidate_p50: float | None = None
    """Seconds; None without observations."""
    candidate_p99: float | None = None
    primary_p50: float | None = None
    primary_p99: float | None = None

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way."""
        return not (self.in_transit or self.in_flight or self.pending)

    def problems(self) -> list[str]:
        """What is wrong with this account, in sentences; empty for a sound one."""
        said = []
        if self.eligible != self.sent + sum(self.skipped.values()) + sum(self.dropped.values()) + self.in_transit:
            said.append(f"{self.shadow}: eligible is not sent + skipped + dropped + in transit")
        if self.sent != self.answered + sum(self.failed.values()) + self.in_flight:
            said.append(f"{self.shadow}: sent is not answered + failed + in flight")
        if self.answered != self.compared + sum(self.not_compared.values()) + self.pending:
            said.append(f"{self.shadow}: answered is not compared + not compared + pending")
        for name in self.__struct_fields__:
            value = getattr(self, name)
            parts = value.values() if isinstance(value, dict) else (value,)
            if any(isinstance(part, int) and part < 0 for part in parts):
                said.append(f"{self.shadow}: {name} is negative")
        return said


class Parts(Struct, frozen=True, kw_only=True):
    """Plain counters of all processes: one mapping for each living one, and the dead ones (each, or already summed).

    Read ``mirrors`` before ``workers``, else a copy may look as if it had been received before it was handed over.
    """

    mirrors: Sequence[Mapping[str, int]] = ()
    workers: Sequence[Mapping[str, int]] = ()
    dead_mirrors: Sequence[Mapping[str, int]] = ()
    dead_workers: Sequence[Mapping[str, int]] = ()


class _Sums:
    """The counters of one shadow, of one kind of process."""

    def __init__(self, shadow: str, parts: Iterable[Mapping[str, int]]) -> None:
        self._shadow = shadow
        self._all = merged(parts)

    def copies(self, outcome: str) -> int:
        return self._all.get(copies(self._shadow, outcome), 0)

    def skipped(self) -> dict[str, int]:
        return {r: n for r in SKIPPED if (n := self._all.get(skipped(self._shadow, r), 0))}

    def dropped(self) -> dict[str, int]:
        return {r: n for r in DROPPED if (n := self._all.get(dropped(self._shadow, r), 0))}

    def failed(self) -> dict[str, int]:
        return {k: n for k in FAILED if (n := self._all.get(failed(self._shadow, k), 0))}

    def not_compared(self) -> dict[str, int]:
        return {r: n for r in NOT_COMPARED if (n := self._all.get(not_compared(self._shadow, r), 0))}

    def in_tap(self) -> int:
        return _left(self.copies("eligible"), self.skipped(), self.dropped(), self.copies("handed"))

    def in_lane(self) -> int:
        return _left(self.copies("received"), self.dropped(), _EMPTY, self.copies("sent"))

    def in_flight(self) -> int:
        return _left(self.copies("sent"), self.failed(), _EMPTY, self.copies("answered"))

    def pending(self) -> int:
        return _left(self.copies("answered"), self.not_compared(), _EMPTY, self.copies("compared"))


def _left(begun: int, ended: Mapping[str, int], also: Mapping[str, int], passed: int) -> int:
    return max(0, begun - sum(ended.values()) - sum(also.values()) - passed)


def summary(
    shadow: str, parts: Parts, histograms: Mapping[str, Sequence[int]] | None = None
) -> Summary:
    """The account of the shadow with this name; ``histograms`` are those of all mirrors, merged."""
    mirrors, dead_mirrors = _Sums(shadow, parts.mirrors), _Sums(shadow, parts.dead_mirrors)
    workers, dead_workers = _Sums(shadow, parts.workers), _Sums(shadow, parts.dead_workers)
    on_links = max(0, _both(workers, dead_workers, "handed") - _both(mirrors, dead_mirrors, "received"))
    alive = (workers.copies("handed") - workers.copies("settled_by_worker")
             - mirrors.copies("received") + mirrors.copies("settled_by_mirror"))  # fmt: skip
    in_links = min(max(0, alive), on_links)
    lost = dead_workers.in_tap() + on_links - in_links + dead_mirrors.in_lane()
    buckets = histograms or {}
    candidate, primary = buckets.get(seconds(shadow, "candidate"), ()), buckets.get(seconds(shadow, "primary"), ())
    return Summary(
        shadow=shadow,
        eligible=_both(workers, dead_workers, "eligible"),
        skipped=_with(merged((workers.skipped(), dead_workers.skipped())), 0),
        dropped=_with(
            merged((workers.dropped(), dead_workers.dropped(), mirrors.dropped(), dead_mirrors.dropped())), lost
        ),
        in_transit=workers.in_tap() + in_links + mirrors.in_lane(),
        sent=_both(mirrors, dead_mirrors, "sent"),
        answered=_both(mirrors, dead_mirrors, "answered"),
        failed=_with(merged((mirrors.failed(), dead_mirrors.failed())), dead_mirrors.in_flight()),
        in_flight=mirrors.in_flight(),
        compared=_both(mirrors, dead_mirrors, "compared"),
        not_compared=_with(merged((mirrors.not_compared(), dead_mirrors.not_compared())), dead_mirrors.pending()),
        pending=mirrors.pending(),
        breaker=_breaker(parts.mirrors, state(shadow, "breaker")),
        guard=_guard(parts.workers, state(shadow, "guard")),
        candidate_p50=quantile(candidate, 0.5), candidate_p99=quantile(candidate, 0.99),
        primary_p50=quantile(primary, 0.5), primary_p99=quantile(primary, 0.99),
    )  # fmt: skip


def _both(living: _Sums, dead: _Sums, outcome: str) -> int:
    return living.copies(outcome) + dead.copies(outcome)


def _with(counts: dict[str, int], lost: int) -> dict[str, int]:
    if lost:
        counts["lost"] = counts.get("lost", 0) + lost
    return counts


_BREAKER = ("closed", "open", "probing")


def _breaker(mirrors: Sequence[Mapping[str, int]], name: str) -> str:
    """The worst state of all mirrors."""
    states = [mirror.get(name, 0) for mirror in mirrors]
    return _BREAKER[1] if 1 in states else _BREAKER[max(states, default=0)]


FULL = 1_000_000
"""All, in the unit of shares."""


def _guard(workers: Sequence[Mapping[str, int]], name: str) -> float:
    """The least share of all workers; a worker writes FULL minus its share, so that an unwritten zero means all."""
    return (FULL - max((worker.get(name, 0) for worker in workers), default=0)) / FULL


def merge_histograms(parts: Iterable[Mapping[str, Sequence[int]]]) -> dict[str, list[int]]:
    """Bucket by bucket, the sum."""
    out: dict[str, list[int]] = {}
    for part in parts:
        for name, buckets in part.items():
            known = out.get(name)
            out[name] = list(buckets) if known is None else [a + b for a, b in zip(known, buckets, strict=True)]
    return out
