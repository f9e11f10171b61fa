"""The account of copies, over any sequence of steps and deaths."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shadow.making import service, shadow
from understudy.shadow import accounting
from understudy.shadow.accounting import Parts, Summary, summary
from understudy.telemetry.counters import latency_bucket

NAME = "s"


class Connection:
    """From one incarnation of a worker to one of a mirror."""

    def __init__(self) -> None:
        self.wire = 0
        self.received = 0
        self.worker_alive = True
        self.mirror_alive = True


class World:
    """A worker, a mirror, and what was there before them; ``true`` is what really became of every copy."""

    def __init__(self) -> None:
        self.worker: Counter[str] = Counter()
        self.mirror: Counter[str] = Counter()
        self.dead_workers: list[Counter[str]] = []
        self.dead_mirrors: list[Counter[str]] = []
        self.connections: list[Connection] = [Connection()]
        self.tap = self.lane = self.flying = self.answered = 0
        self.true: Counter[str] = Counter()

    @property
    def current(self) -> Connection | None:
        last = self.connections[-1]
        return last if last.worker_alive else None

    def copies(self, of: Counter[str], outcome: str, n: int = 1) -> None:
        of[accounting.copies(NAME, outcome)] += n

    # -- steps: each does nothing when it is not possible

    def begin(self) -> None:
        self.copies(self.worker, "eligible")
        self.true["eligible"] += 1
        self.tap += 1

    def skip(self) -> None:
        if self.tap:
            self.tap -= 1
            self.worker[accounting.skipped(NAME, "percent")] += 1
            self.true["skipped"] += 1

    def give_up(self) -> None:
        if self.tap:
            self.tap -= 1
            self.worker[accounting.dropped(NAME, "link_full")] += 1
            self.true["dropped"] += 1

    def hand(self) -> None:
        if self.tap and self.current:
            self.tap -= 1
            self.copies(self.worker, "handed")
            self.current.wire += 1

    def receive(self) -> None:
        for connection in self.connections:
            if connection.mirror_alive and connection.wire:
                connection.wire -= 1
                connection.received += 1
                self.copies(self.mirror, "received")
                self.lane += 1
                return

    def drop(self) -> None:
        if self.lane:
            self.lane -= 1
            self.mirror[accounting.dropped(NAME, "max_rate")] += 1
            self.true["dropped"] += 1

    def send(self) -> None:
        if self.lane:
            self.lane -= 1
            self.copies(self.mirror, "sent")
            self.true["sent"] += 1
            self.flying += 1

    def fail(self) -> None:
        if self.flying:
            self.flying -= 1
            self.mirror[accounting.failed(NAME, "timeout")] += 1
            self.true["failed"] += 1

    def answer(self) -> None:
        if self.flying:
            self.flying -= 1
            self.copies(self.mirror, "answered")
            self.true["answered"] += 1
            self.answered += 1

    def compare(self) -> None:
        if self.answered:
            self.answered -= 1
            self.copies(self.mirror, "compared")
            self.true["compared"] += 1

    def leave_uncompared(self) -> None:
        if self.answered:
            self.answered -= 1
            self.mirror[accounting.not_compared(NAME, "no_primary")] += 1
            self.true["not compared"] += 1

    # -- deaths, and their being noticed

    def kill_worker(self) -> None:
        self.dead_workers.append(self.worker)
        self.worker = Counter()
        self.true["lost before sending"] += self.tap
        self.tap = 0
        connection = self.current
        if connection is not None:
            connection.worker_alive = False
            lost = connection.wire // 2  # what it had not yet written
            connection.wire -= lost
            self.true["lost before sending"] += lost
        self.connections.append(Connection())

    def kill_mirror(self) -> None:
        self.dead_mirrors.append(self.mirror)
        self.mirror = Counter()
        self.true["lost before sending"] += self.lane
        self.true["lost in flight"] += self.flying
        self.true["lost uncompared"] += self.answered
        self.lane = self.flying = self.answered = 0
        for connection in self.connections:
            connection.mirror_alive = False

    def notice(self) -> None:
        """The worker sees that its mirror has gone; the mirror has read a dead worker's connection to its end."""
        connection = self.current
        if connection is not None and not connection.mirror_alive:
            self.copies(self.worker, "settled_by_worker", 0)
            self.worker[accounting.copies(NAME, "settled_by_worker")] = self.worker[accounting.copies(NAME, "handed")]
            connection.worker_alive = False
            self.connections.append(Connection())
        for old in [c for c in self.connections if not c.worker_alive]:
            if old.mirror_alive and old.wire:
                continue
            if old.mirror_alive:
                self.copies(self.mirror, "settled_by_mirror", old.received)
            self.true["lost before sending"] += old.wire
            self.connections.remove(old)

    def rest(self) -> None:
        """Everything that is under way comes to its end."""
        for step in (self.skip, self.receive, self.send, self.answer, self.compare):
            self.notice()
            for _ in range(2000):
                step()
        self.notice()

    def account(self) -> Summary:
        return summary(NAME, Parts(mirrors=[self.mirror], workers=[self.worker], dead_mirrors=self.dead_mirrors,
                                   dead_workers=self.dead_workers))


STEPS = ("begin", "begin", "begin", "skip", "give_up", "hand", "hand", "hand", "receive", "receive", "receive", "drop",
         "send", "send", "fail", "answer", "compare", "leave_uncompared", "kill_worker", "kill_mirror", "notice")


@settings(max_examples=300)
@given(st.lists(st.sampled_from(STEPS), max_size=120))
def test_over_any_steps_and_deaths_the_identity_holds_and_no_term_is_negative(steps: list[str]) -> None:
    """At every moment; and at rest every single number is the true one."""
    world = World()
    for step in steps:
        getattr(world, step)()
        now = world.account()
        assert now.problems() == [], (step, now)
        assert now.eligible == world.true["eligible"] and now.sent == world.true["sent"]
    world.rest()
    end = world.account()
    assert end.at_rest and end.problems() == []
    true = world.true
    lost = end.dropped.pop("lost", 0), end.failed.pop("lost", 0), end.not_compared.pop("lost", 0)
    assert lost == (true["lost before sending"], true["lost in flight"], true["lost uncompared"])
    assert (sum(end.skipped.values()), sum(end.dropped.values())) == (true["skipped"], true["dropped"])
    assert (end.answered, sum(end.failed.values())) == (true["answered"], true["failed"])
    assert (end.compared, sum(end.not_compared.values())) == (true["compared"], true["not compared"])


def test_what_does_not_add_up_is_said_in_sentences() -> None:
    bad = Summary(shadow="s", eligible=3, skipped={}, dropped={"late": -1}, in_transit=0, sent=1, answered=2, failed={},
                  in_flight=0, compared=0, not_compared={}, pending=1)
    assert bad.problems() == [
        "s: eligible is not sent + skipped + dropped + in transit", "s: sent is not answered + failed + in flight",
        "s: answered is not compared + not compared + pending", "s: dropped is negative",
    ]  # fmt: skip


@pytest.mark.parametrize(("states", "word"), [((), "closed"), ((0, 0), "closed"), ((0, 2), "probing"),
                                              ((2, 1), "open")])
def test_the_worst_breaker_and_the_least_share_of_all_processes_count(states: tuple[int, ...], word: str) -> None:
    mirrors = [{accounting.state(NAME, "breaker"): n} for n in states]
    workers = [{accounting.state(NAME, "guard"): n} for n in (0, 750_000)]
    found = summary(NAME, Parts(mirrors=mirrors, workers=workers))
    assert (found.breaker, found.guard) == (word, 0.25)
    assert summary(NAME, Parts()).guard == 1.0


def test_times_are_quantiles_of_both_sides() -> None:
    buckets = [0] * 64
    buckets[latency_bucket(0.010)] = 99
    buckets[latency_bucket(1.0)] = 1
    merged = accounting.merge_histograms([{accounting.seconds(NAME, "candidate"): buckets}] * 2)
    found = summary(NAME, Parts(), merged)
    assert found.candidate_p50 is not None and 0.010 <= found.candidate_p50 <= 0.0125
    assert found.primary_p50 is None


def test_names_are_those_of_all_shadows_each_once_and_labels_are_escaped() -> None:
    of = service(shadow("a"), shadow('b"\n\\'))
    for names in (accounting.worker_names(of), accounting.mirror_names(of), accounting.mirror_histograms(of)):
        assert len(set(names)) == len(names) and any('shadow="b\\"\\n\\\\"' in name for name in names)
    assert accounting.worker_names(of).index(accounting.copies("a", "handed")) < accounting.worker_names(of).index(
        accounting.copies("a", "eligible"))
