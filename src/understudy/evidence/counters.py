"""What was seen of one endpoint's shadow in one epoch: integers under flat names, that only grow.

Merging mirrors, restarts and gateways is adding mappings, in any order. Who stores them need not know what they mean.

The names (``/`` separates; a path stands last, as it may contain anything)::

    share/PPM                          pairs counted, by the share of them that was to get a control (in 1/1000000)
    warm_up                            pairs that were not counted, because they were the first
    triples                            pairs with a control
    bodies/pairs, bodies/triples       pairs (without, with a control) all of whose bodies were compared
    not_compared/REASON                pairs whose bodies were not
    status/BASELINE/THAT/CANDIDATE     BASELINE is primary or control; a status, or the word of a failure
    bad/BASELINE/IJ                    I: baseline bad, J: candidate bad (0 or 1)
    bad/check/IJ                       I: primary bad, J: control bad
    seconds/SIDE/BUCKET                durations, in the buckets of ``scales``
    latency                            triples whose durations were compared
    ratio/BUCKET                       of them: candidate's duration over the control's
    slower/SHIFT/from|to/BUCKET        the candidate's bucket less SHIFT is above the control's: it enters at `from`
    faster/SHIFT/from|to/BUCKET        below it. So prefix sums of from - to count, for each threshold, the pairs in
                                       which one side alone is beyond it
    win/KIND/PATH                      the candidate differs from the primary and the control does not
    loss/KIND/PATH                     the reverse
    both/KIND/PATH                     both differ
    alone/KIND/PATH                    the candidate differs, and no control was asked
    found/candidate|control/PATH       differences that were not counted above, because they are how a path was found

``KIND`` is a kind of ``compare.outcome.Difference``, or ``any``: a path differs in any kind. With kinds, a uuid that
became a number is told from one that is merely another.

Why the first difference of a path is not counted: which hypotheses there are, and so how much evidence each needs,
must be settled before its evidence begins. Paths in bodies count only where both sides' bodies were compared: a rule
that does not change when candidate and control change places, which is what keeps the test exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from understudy.compare.outcome import Compared, Outcome, Seen
from understudy.evidence.scales import LAST, bucket, ratio_bucket

PATHS = 1024
"""How many paths an endpoint has; the rest is counted as one, ``OTHER``."""

OTHER = "(other)"
MORE = "(more)"
"""Differing paths over the limit of one comparison."""

ANY = "any"
FULL = 1_000_000

_COMPARED = ("equal", "differs")
_BAD = ("00", "01", "10", "11")


class Tally:
    """Counts one endpoint's outcomes in this process. ``counts`` is what ``merged`` adds.

    ``share`` of the pairs get a control, at random and whatever the answers. The first ``warm_up`` pairs are not
    counted (fixed beforehand). ``known``: paths that are known already, here or elsewhere; ``shift``: how many buckets
    slower the candidate may be.
    """

    __slots__ = ("_names", "_share", "_shift", "_sides", "_status", "counts", "found", "known", "warm_up")

    def __init__(self, share: float, shift: int = 0, warm_up: int = 0, known: Iterable[str] = ()) -> None:
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.known = set(known)
        self.found: list[str] = []
        """Paths found since ``take``, in order."""
        self.warm_up = warm_up
        self._share = f"share/{round(share * FULL)}"
        self._shift = shift
        self._names: dict[tuple[str, str, str], str] = {}
        self._status: dict[tuple[str, int, str, int, str], str] = {}
        self._sides = {
            way: [(f"{way}/{shift}/from/{i}", f"{way}/{shift}/to/{i}") for i in range(LAST + 2)]
            for way in ("slower", "faster")
        }

    def take(self) -> tuple[dict[str, int], list[str]]:
        """What was counted and found since the last time."""
        taken = dict(self.counts), self.found
        self.counts.clear()
        self.found = []
        return taken

    def count(self, outcome: Outcome) -> None:
        """Counts one outcome."""
        counts = self.counts
        if self.warm_up > 0:
            self.warm_up -= 1
            counts["warm_up"] += 1
            return
        primary, candidate, control = outcome.primary, outcome.candidate, outcome.control
        counts[self._share] += 1
        counts[_PRIMARY[2 * primary.bad + candidate.bad]] += 1
        self._transition("primary", primary, candidate)
        counts[_SECONDS_PRIMARY[bucket(primary.seconds)]] += 1
        counts[_SECONDS_CANDIDATE[bucket(candidate.seconds)]] += 1
        if control is not None:
            counts["triples"] += 1
            counts[_CONTROL[2 * control.bad + candidate.bad]] += 1
            counts[_CHECK[2 * primary.bad + control.bad]] += 1
            self._transition("control", control, candidate)
            counts[_SECONDS_CONTROL[bucket(control.seconds)]] += 1
            self._latency(candidate, control)
        self._bodies(outcome.compared, outcome.noise)

    def _transition(self, baseline: str, there: Seen, here: Seen) -> None:
        key = (baseline, there.status, there.failure, here.status, here.failure)
        name = self._status.get(key)
        if name is None:
            name = f"status/{baseline}/{there.failure or there.status}/{here.failure or here.status}"
            self._status[key] = name
        self.counts[name] += 1

    def _latency(self, candidate: Seen, control: Seen) -> None:
        if (candidate.bad and candidate.failure != "timeout") or (control.bad and control.failure != "timeout"):
            return
        counts = self.counts
        counts["latency"] += 1
        mine, theirs = candidate.seconds, control.seconds
        counts[_RATIO[ratio_bucket(mine, theirs)]] += 1
        here = LAST if candidate.failure else max(0, bucket(mine) - self._shift)
        there = LAST if control.failure else bucket(theirs)
        if here != there:
            low, high = (there, here) if here > there else (here, there)
            names = self._sides["slower" if here > there else "faster"]
            counts[names[low + 1][0]] += 1
            counts[names[high + 1][1]] += 1

    def _bodies(self, compared: Compared, noise: Compared | None) -> None:
        counts = self.counts
        both = compared.body in _COMPARED and (noise is None or noise.body in _COMPARED)
        if both:
            counts["bodies/pairs" if noise is None else "bodies/triples"] += 1
        if compared.body not in _COMPARED:
            counts[f"not_compared/{compared.body}"] += 1
        if compared.differences or compared.more or (noise is not None and (noise.differences or noise.more)):
            mine = self._differing(compared, both)
            theirs = self._differing(noise, both) if noise is not None else None
            self._paths(mine, theirs)

    def _differing(self, compared: Compared, bodies: bool) -> dict[str, set[str]]:
        """Path to kinds, as far as they count."""
        out: dict[str, set[str]] = {}
        for difference in compared.differences:
            path = difference.path
            if bodies or of_head(path):
                if path not in self.known and len(self.known) >= PATHS:
                    path = OTHER
                out.setdefault(path, {ANY}).add(difference.kind)
        if compared.more and bodies:
            out[MORE] = {ANY}
        return out

    def _paths(self, mine: dict[str, set[str]], theirs: dict[str, set[str]] | None) -> None:
        counts, other = self.counts, theirs or {}
        for path in (mine | other if other else mine):
            here, there = mine.get(path, _NONE), other.get(path, _NONE)
            if path not in self.known:
                self.known.add(path)
                self.found.append(path)
                if here:
                    counts[f"found/candidate/{path}"] += 1
                if there:
                    counts[f"found/control/{path}"] += 1
                continue
            for kind in here:
                event = "alone" if theirs is None else "both" if kind in there else "win"
                counts[self._name(event, kind, path)] += 1
            for kind in there:
                if kind not in here:
                    counts[self._name("loss", kind, path)] += 1

    def _name(self, event: str, kind: str, path: str) -> str:
        key = (event, kind, path)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"{event}/{kind}/{path}"
        return name


def of_head(path: str) -> bool:
    """Whether a path is about the status or a header: comparable whatever the bodies are."""
    return path.startswith(("$status", "$header."))


def merged(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sum, counter by counter."""
    out: dict[str, int] = {}
    for part in parts:
        for name, n in part.items():
            out[name] = out.get(name, 0) + n
    return out


def since(now: Mapping[str, int], then: Mapping[str, int]) -> dict[str, int]:
    """What was counted after a snapshot."""
    return {name: n - then.get(name, 0) for name, n in now.items() if n != then.get(name, 0)}


_NONE: frozenset[str] = frozenset()
_PRIMARY, _CONTROL, _CHECK = ([f"bad/{b}/{ij}" for ij in _BAD] for b in ("primary", "control", "check"))
_SECONDS_PRIMARY, _SECONDS_CANDIDATE, _SECONDS_CONTROL = (
    [f"seconds/{side}/{i}" for i in range(LAST + 1)] for side in ("primary", "candidate", "control")
)


class _Ratios(dict[int, str]):
    def __missing__(self, index: int) -> str:
        self[index] = name = f"ratio/{index}"
        return name


_RATIO = _Ratios()
