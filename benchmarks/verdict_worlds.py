"""Worlds whose truth is known, played through counting and judging as the product does it. No NumPy."""

from __future__ import annotations

import math
import random
from bisect import bisect_left, insort
from dataclasses import dataclass

from understudy.compare.outcome import Compared, Difference, Outcome, Seen
from understudy.evidence.counters import Tally, merged
from understudy.evidence.scales import steps
from understudy.evidence.settings import Settings
from understudy.evidence.statements import CONTINUE, FAIL, PASS, Verdict
from understudy.evidence.verdict import Evidence, verdict

OK = Seen(200, "", False, 0.02)


@dataclass
class Plant:
    """What is worse about a candidate."""

    path: str = ""
    kind: str = "value"
    often: float = 0.0
    errors: float = 0.0
    slower: float = 1.0


class World:
    """One endpoint: requests, noise (some fields always differ, some at times), and what is planted."""

    def __init__(self, seed: int, plant: Plant, control: float, noisy: int = 2, warm_up: int = 0) -> None:
        self._random = random.Random(seed)
        self._plant = plant
        self._control = control
        self._noisy = [Difference(f"$.noise{j}", "value", f"$.noise{j}", "1", "2") for j in range(noisy)]
        self._own = Difference(plant.path, plant.kind, plant.path, "1", '"1"')
        self._tally = Tally(control, steps(Settings().latency_ratio), warm_up)
        self.counters: dict[str, int] = {}
        self.paths: list[str] = []

    def play(self, pairs: int) -> None:
        """So many requests."""
        for _ in range(pairs):
            self._tally.count(self._outcome())
        counted, found = self._tally.take()
        self.counters = merged((self.counters, counted))
        self.paths += found

    def _outcome(self) -> Outcome:
        draw = self._random
        common = draw.gauss(0, 0.45)
        control = None
        noise = None
        if draw.random() < self._control:
            control, noise = Seen(200, "", False, self._seconds(common, 1.0)), self._answer()
        if draw.random() < self._plant.errors:
            candidate = Seen(500, "", True, self._seconds(common, 1.0))
            return Outcome(OK, candidate, Compared((_STATUS,), 0, "status"), control, noise)
        candidate = Seen(200, "", False, self._seconds(common, self._plant.slower))
        mine = self._answer()
        if draw.random() < self._plant.often:
            mine = Compared((*mine.differences, self._own), 0, "differs")
        return Outcome(OK, candidate, mine, control, noise)

    def _answer(self) -> Compared:
        """Even fields of noise always differ, odd ones in a third of the answers."""
        found = tuple(d for j, d in enumerate(self._noisy) if j % 2 == 0 or self._random.random() < 0.33)
        return Compared(found, 0, "differs") if found else Compared()

    def _seconds(self, common: float, factor: float) -> float:
        return 0.02 * factor * math.exp(common + self._random.gauss(0, 0.2))


_STATUS = Difference("$status", "value", "$status", "200", "500")


def judge(world: World, endpoints: int, failed: frozenset[tuple[str, str]] = frozenset()) -> Verdict:
    """The verdict on this endpoint, beside others of which nothing is known yet."""
    rest = {f"other {j}": Evidence({}) for j in range(endpoints - 1)}
    return verdict({"this": Evidence(world.counters, world.paths), **rest}, failed=failed)


def pairs_until_fail(seed: int, plant: Plant, endpoints: int = 5, control: float = 1.0, noisy: int = 2, every: int = 25,
                     most: int = 10_000) -> float:
    """Pairs that were played when the verdict became FAIL; infinite when it did not."""
    world = World(seed, plant, control, noisy)
    for played in range(every, most + 1, every):
        world.play(every)
        if judge(world, endpoints).state == FAIL:
            return played
    return math.inf


def pairs_until_pass(seed: int, most: int = 10_000) -> float:
    """Pairs that were played when an equal endpoint was certified."""
    world = World(seed, Plant(), 1.0)
    for played in range(100, most + 1, 100):
        world.play(100)
        found = judge(world, 5).endpoints[0].state
        if found != CONTINUE:
            return played if found == PASS else math.inf
    return math.inf


def equal(seed: int, control: float, pairs: int) -> tuple[bool, int]:
    """Equal code behind five endpoints, looked at every 100 pairs of each: did it ever fail; paths ever listed as worse."""
    world = [World(1000 * seed + j, Plant(), control, noisy=4) for j in range(5)]
    failed, listed = frozenset[tuple[str, str]](), set[tuple[str, str]]()
    for _ in range(pairs // 5 // 100):
        for one in world:
            one.play(100)
        said = verdict({str(j): Evidence(one.counters, one.paths) for j, one in enumerate(world)}, failed=failed)
        failed = said.failed
        listed |= {(f.endpoint, f.path) for e in said.endpoints for f in e.findings if f.label == "worse"}
    return bool(failed), len(listed)


def mann_whitney_ever_alarms(seed: int, pairs: int) -> bool:
    """Whether a two-sided Mann-Whitney test of equal samples, repeated after each pair from the 30th on, was ever at 5 %."""
    draw = random.Random(seed)
    left: list[float] = []
    right: list[float] = []
    wins = 0
    for n in range(1, pairs + 1):
        a, b = draw.gauss(0, 1), draw.gauss(0, 1)
        wins += bisect_left(right, a)
        insort(left, a)
        wins += len(left) - bisect_left(left, b)
        insort(right, b)
        if n >= 30 and abs(wins - n * n / 2) > 1.959964 * math.sqrt(n * n * (2 * n + 1) / 12):
            return True
    return False
