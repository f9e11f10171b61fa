"""Does the verdict keep its promises? Seeded experiments: ``python -m benchmarks.verdict_experiments [--part 0.1]``.

Each plays many worlds whose truth is known, looks again and again, and compares how often (or how soon) something was
said with what was promised. Results go to ``benchmarks/results/verdict.md``. What is played with arrays, for speed,
uses the same formulas; ``check_tables`` holds them to the ones that judge.
"""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks import verdict_worlds as worlds
from understudy.evidence.eprocesses import BETS, arms, coin, e_bh, srm, within, worse_by
from understudy.evidence.latency import RATIO_MARGINS, THRESHOLDS
from understudy.evidence.scales import LAST
from understudy.evidence.settings import path_weight

Array = Any
LINES = (20, 100, 1000)
RESULT = Path(__file__).parent / "results" / "verdict.md"


@dataclass
class Row:
    """One line of the table."""

    name: str
    what: str
    limit: str
    seen: str
    holds: bool


def most(nominal: float, runs: int) -> float:
    """The largest share of alarms that luck explains: nominal plus three standard deviations, and one run."""
    return nominal + 3 * math.sqrt(nominal * (1 - nominal) / runs) + 1 / runs


@cache
def table(most_tosses: int) -> Array:
    """``coin`` for all counts up to this: the sum of ``C(d+1, i)`` for i up to k, over ``(d+1) C(d, k)``."""
    out = np.full((most_tosses + 1, most_tosses + 1), -np.inf)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most_tosses + 3)))])
    for d in range(most_tosses + 1):
        choose_more = factorials[d + 1] - factorials[: d + 1] - factorials[d + 1 : 0 : -1]
        choose = factorials[d] - factorials[: d + 1] - factorials[d::-1]
        out[: d + 1, d] = np.logaddexp.accumulate(choose_more) - math.log(d + 1) - choose
    return out


def log_mean(terms: Array) -> Array:
    """Over the first axis."""
    top = terms.max(axis=0)
    return top + np.log(np.exp(terms - top).mean(axis=0))


def margin_test(n01: Array, n10: Array, n: Array, margin: float, certificate: bool) -> Array:
    """``worse_by`` and ``within``, for arrays."""
    sign = -1 if certificate else 1
    bets = np.array(BETS).reshape(-1, *[1] * np.ndim(n01))
    one, two, none = bets * (1 - margin) / (1 + margin), bets, bets * margin / (1 + margin)
    return log_mean(n01 * np.log1p(sign * one) + n10 * np.log1p(-sign * two) + (n - n01 - n10) * np.log1p(-sign * none))


def check_tables() -> None:
    """Arrays and scalars agree. Raises AssertionError."""
    rng = np.random.default_rng(7)
    coins = table(1500)
    assert all(abs(coins[k, d] - coin(k, d)) < 1e-6 for d in range(0, 1501, 37) for k in range(0, d + 1, 11))
    for _ in range(200):
        n01, n10 = (int(x) for x in rng.integers(0, 40, 2))
        n, margin = 100 + n01 + n10, float(rng.choice([0.001, 0.005, 0.05]))
        for certificate, scalar in ((True, within), (False, worse_by)):
            value = margin_test(np.array([n01]), np.array([n10]), np.array([n]), margin, certificate)[0]
            assert abs(value - scalar(n01, n10, n, margin)) < 1e-9


def alarms(paths: Array, lines: tuple[int, ...] = LINES) -> list[float]:
    """Share of runs (first axis) whose evidence was ever at each line."""
    highest = paths.max(axis=1)
    return [float((highest >= math.log(line)).mean()) for line in lines]


def first_at(paths: Array, line: float, looks: Array) -> Array:
    """The look at which each run was first at the line; infinite where it never was."""
    at = paths >= math.log(line)
    return np.where(at.any(axis=1), np.asarray(looks)[at.argmax(axis=1)], np.inf)


def judged(name: str, what: str, shares: list[float], runs: int, lines: tuple[int, ...] = LINES) -> Row:
    """A row about false alarms."""
    limits = [most(1 / line, runs) for line in lines]
    return Row(name, what + f", {runs:,} runs", " / ".join(f"{100 * x:.2g} %" for x in limits) + f" at {lines}",
               " / ".join(f"{100 * x:.3g} %" for x in shares), all(a <= b for a, b in zip(shares, limits, strict=True)))


def soon(name: str, what: str, when: Array, limit: float) -> Row:
    """A row about speed: 95 % of the runs within the limit."""
    early = float((when <= limit).mean())
    middle, late = np.quantile(when, [0.5, 0.95], method="inverted_cdf")
    tolerated = 0.95 - 2 * math.sqrt(0.95 * 0.05 / len(when))
    return Row(name, what + f", {len(when):,} runs", f"95 % within {limit:,.0f}", f"median {middle:,.0f}, 95 % {late:,.0f}",
               early >= tolerated)


def a1(part: float) -> list[Row]:
    """Fair coins, a look after each."""
    runs, tosses = int(10_000 * part), 1000
    wins = np.cumsum(np.random.default_rng(1).random((runs, tosses), dtype=np.float32) < 0.5, axis=1)
    logs = table(1500)[wins, np.arange(1, tosses + 1)]
    return [judged("A1", "T1 with nothing to find, 1,000 discordances, a look after each", alarms(logs), runs)]


def latency_paths(log_mine: Array, log_theirs: Array, looks: Array, ratio: float = 1.0) -> Array:
    """``latency.slower`` at each look, for runs x pairs of log durations in seconds."""
    coins = table(1500) if log_mine.shape[1] <= 1500 else table(6000)
    up_to = np.asarray(looks) - 1
    shift_ratio = math.ceil(math.log(ratio) / math.log(1.02) - 1e-9)
    shift = math.ceil(math.log(ratio) / math.log(1.05) - 1e-9)
    index = np.rint((log_mine - log_theirs) / math.log(1.02)).clip(-350, 350) - shift_ratio
    by_ratio = np.stack([_tosses(coins, index > m, index < -m, up_to) for m in RATIO_MARGINS])
    mine, theirs = ((np.floor((x - math.log(1e-4)) / math.log(1.05)) + 1).clip(0, LAST) for x in (log_mine, log_theirs))
    mine = np.maximum(mine - shift, 0)
    by_threshold = np.stack([
        _tosses(coins, (mine >= t) & (theirs < t), (theirs >= t) & (mine < t), up_to) for t in THRESHOLDS
    ])  # fmt: skip
    return log_mean(np.stack([log_mean(by_ratio), log_mean(by_threshold)]))


def _tosses(coins: Array, wins: Array, losses: Array, up_to: Array) -> Array:
    k = np.cumsum(wins, axis=1, dtype=np.int32)[:, up_to]
    return coins[k, k + np.cumsum(losses, axis=1, dtype=np.int32)[:, up_to]]


def durations(rng: Any, runs: int, pairs: int, r: float, change: Callable[[Any, Array], Array]) -> tuple[Array, Array]:
    """Log durations of candidate and control: log-normal, sigma 0.5 around 50 ms, with this correlation of a pair."""
    common = rng.standard_normal((runs, pairs), dtype=np.float32) * math.sqrt(r)
    own = math.sqrt(1 - r)
    mine, theirs = (
        math.log(0.05) + 0.5 * (common + own * rng.standard_normal((runs, pairs), dtype=np.float32)) for _ in range(2)
    )
    return change(rng, mine), theirs


def in_parts(runs: int, size: int, play: Callable[[int], Array]) -> Array:
    """Results of many runs, some at a time, as they need much memory."""
    return np.concatenate([play(min(size, runs - at)) for at in range(0, runs, size)])


def a2(part: float) -> list[Row]:
    """Equal durations."""
    runs, pairs = int(10_000 * part), 1500
    looks = np.arange(25, pairs + 1, 25)
    rows = []
    for r in (0.0, 0.9):
        rng = np.random.default_rng(2)
        logs = in_parts(runs, 250, lambda n, rng=rng, r=r: latency_paths(
            *durations(rng, n, pairs, r, lambda _, x: x), looks))
        rows.append(judged("A2", f"durations with nothing to find, r = {r}, 1,500 pairs, 60 looks", alarms(logs), runs))
    return rows


def a4(part: float) -> list[Row]:
    """An honest split."""
    runs, looks = int(1000 * part), range(200, 20_001, 200)
    rng, highest = np.random.default_rng(4), []
    for _ in range(runs):
        mine = np.cumsum(rng.binomial(200, 0.05, len(looks)))
        highest.append([srm([int(m), n - int(m)], [0.05, 0.95]) for m, n in zip(mine, looks, strict=True)])
    return [judged("A4", "SRM with an honest split of 5 %, 20,000 requests, 100 looks",
                   alarms(np.array(highest), (20, 1000)), runs, (20, 1000))]


def a5(part: float) -> list[Row]:
    """What looking again and again does to a test that was made for one look."""
    runs = max(20, int(100 * part))
    false = sum(worlds.mann_whitney_ever_alarms(seed, 1500) for seed in range(runs))
    return [Row("A5", f"contrast: Mann-Whitney at 5 %, a look after each of 30 to 1,500 pairs, {runs} runs",
                "(at least 30 %)", f"{100 * false / runs:.0f} % false alarms", false >= 0.3 * runs)]


NOISE = (0.0, 0.001, 0.0, 0.01, 0.001, 0.0, 0.05, 0.01, 0.0, 0.3)
"""Shares of the requests, of one path in ten each."""


def body_run(rng: Any, requests: int, real: int) -> tuple[set[int], int, int]:
    """500 paths, of which the first ``real`` differ on 1 % more: listed by e-BH; paths seen; listed by Diffy's rule."""
    noise = np.array(NOISE, dtype=np.float32)[np.arange(500) % len(NOISE)]
    extra = np.where(np.arange(500) < real, np.float32(0.01), np.float32(0))
    theirs = rng.random((requests, 500), dtype=np.float32) < noise
    mine = (rng.random((requests, 500), dtype=np.float32) < noise) | (
        rng.random((requests, 500), dtype=np.float32) < extra if real else False)
    either = mine | theirs
    found = np.where(either.any(axis=0), either.argmax(axis=0), requests)
    seen = [int(j) for j in np.argsort(found, kind="stable") if found[j] < requests]
    wins, losses = (mine & ~theirs).sum(axis=0), (theirs & ~mine).sum(axis=0)
    logs, weights = {}, {}
    for ordinal, j in enumerate(seen):
        k, lost = int(wins[j]), int(losses[j])
        first_win = bool(mine[found[j], j] and not theirs[found[j], j])
        first_loss = bool(theirs[found[j], j] and not mine[found[j], j])
        logs[j], weights[j] = coin(k - first_win, k + lost - first_win - first_loss), path_weight(ordinal)
    raw, control = mine.sum(axis=0), theirs.sum(axis=0)
    with np.errstate(invalid="ignore"):
        diffy = (raw > control) & (np.abs(raw - control) / (raw + control) > 0.2) & ((raw - control) / requests > 0.0003)
    return e_bh(logs, weights, 0.05), len(seen), int(diffy.sum())


def a8(part: float) -> list[Row]:
    """Bodies with noise only."""
    runs, rows = max(5, int(150 * part)), []
    for requests in (500, 2000, 8000):
        rng = np.random.default_rng(8)
        results = [body_run(rng, requests, 0) for _ in range(runs)]
        clean = sum(not listed for listed, _, _ in results) / runs
        diffy = sum(d for _, _, d in results) / runs
        rows.append(Row("A8", f"500 noisy paths, nothing to find, {requests:,} requests, {runs} runs",
                        "nothing listed in 95 % of the runs",
                        f"{100 * clean:.1f} % of the runs (a fixed rule like Diffy's lists {diffy:.1f} paths a run)",
                        clean >= 0.95))
    return rows


def shadow_errors(base: float, worse: float, shared: float, part: float) -> Array:
    """Pairs until T1 is at 1000; ``shared``: part of the baseline's errors that hit both sides of a pair."""
    runs, pairs, rng = max(40, int(1000 * part)), 14_000, np.random.default_rng(21)

    def play(n: int) -> Array:
        both = rng.random((n, pairs), dtype=np.float32) < base * shared
        own = base * (1 - shared)
        mine = both | (rng.random((n, pairs), dtype=np.float32) < worse - base * shared)
        theirs = both | (rng.random((n, pairs), dtype=np.float32) < own)
        k, lost = np.cumsum(mine & ~theirs, axis=1), np.cumsum(theirs & ~mine, axis=1)
        return first_at(table(1500)[k, np.minimum(k + lost, 1500)], 1000, np.arange(1, pairs + 1))

    return in_parts(runs, 100, play)


def b1(part: float) -> list[Row]:
    """Rare errors."""
    when = shadow_errors(0.001, 0.011, 0, part)
    return [soon("B1", "errors 1.1 % instead of 0.1 %, T1 at 1000", when, 3300)]


def b2(part: float) -> list[Row]:
    """Pairs pay where errors come from the request."""
    shared, apart = (shadow_errors(0.01, 0.02, share, part) for share in (0.8, 0.0))
    late, late_apart = (float(np.quantile(when, 0.95, method="inverted_cdf")) for when in (shared, apart))
    return [soon("B2", "errors 2 % instead of 1 %, 80 % of the baseline's shared, T1 at 1000", shared, 4300),
            Row("B2", "the same with independent errors", "more than twice as long", f"95 % {late_apart:,.0f}",
                late_apart > 2 * late)]


def slower_found(name: str, what: str, change: Callable[[Any, Array], Array], limit: float, part: float,
                 ratio: float = 1.0) -> Row:
    """Pairs until latency's evidence is at 1000, r = 0.9."""
    runs, pairs, rng = max(40, int(300 * part)), 6000, np.random.default_rng(5)
    looks = np.arange(25, pairs + 1, 25)
    when = in_parts(runs, 20, lambda n: first_at(
        latency_paths(*durations(rng, n, pairs, 0.9, change), looks, ratio), 1000, looks))
    return soon(name, what + ", r = 0.9, evidence 1000", when, limit)


def times(factor: float, share: float) -> Callable[[Any, Array], Array]:
    """So many times as slow, on this share of the requests."""
    return lambda rng, x: x + math.log(factor) * (rng.random(x.shape, dtype=np.float32) < share)


def b5_b7(part: float) -> list[Row]:
    """Slower, in three ways; and with the tolerance that is the default."""
    return [
        slower_found("B5", "5 % slower", times(1.05, 1.0), 950, part),
        slower_found("B6", "1 % of the requests 3 times as slow", times(3, 0.01), 5000, part),
        slower_found("B7", "2 % slower", times(1.02, 1.0), 6000, part),
        slower_found("own", "20 % slower, 10 % tolerated", times(1.2, 1.0), 1000, part, 1.1),
        slower_found("own", "3 % of the requests 3 times as slow, 10 % tolerated", times(3, 0.03), 3000, part, 1.1),
    ]


def certified(name: str, margin: float, rate: float, limit: float, part: float) -> Row:
    """Pairs until T2' is at 20, of equal sides."""
    runs, looks, rng = max(100, int(1000 * part)), np.arange(50, 60_001, 50), np.random.default_rng(88)
    n01, n10 = (np.cumsum(rng.binomial(50, rate * (1 - rate), (runs, len(looks))), axis=1) for _ in range(2))
    logs = margin_test(n01, n10, looks[None, :], margin, True)
    return soon(name, f"PASS at {100 * margin:g} points, errors {100 * rate:g} % on both sides, beta 5 %",
                first_at(logs, 20, looks), limit)


def b8_b9(part: float) -> list[Row]:
    """How soon an equal candidate passes."""
    return [certified("B8", 0.005, 0.0, 1300, part), certified("B8", 0.005, 0.001, 3100, part),
            certified("B9", 0.001, 0.0, 6000, part), certified("B9", 0.001, 0.0005, 28_000, part)]


def b10(part: float) -> list[Row]:
    """The truth is exactly at the margin: neither PASS nor FAIL is right."""
    runs, rows, looks = int(2000 * part), [], np.linspace(1200, 60_000, 50).astype(int)
    for margin in (0.005, 0.01):
        rng = np.random.default_rng(10)
        steps = np.diff(looks, prepend=0)
        n01, n10 = (np.cumsum(rng.binomial(steps, p, (runs, 50)), axis=1) for p in (margin + 0.001, 0.001))
        for certificate, word in ((True, "PASS"), (False, "FAIL")):
            logs = margin_test(n01, n10, looks[None, :], margin, certificate)
            rows.append(judged("B10", f"{word} though worse by exactly {100 * margin:g} points, 60,000 pairs",
                               alarms(logs, (20, 1000)), runs, (20, 1000)))
    return rows


def b11(part: float) -> list[Row]:
    """Real differences among noise."""
    runs, rng = max(5, int(150 * part)), np.random.default_rng(11)
    results = [body_run(rng, 8000, 20)[0] for _ in range(runs)]
    power = sum(len([j for j in listed if j < 20]) for listed in results) / 20 / runs
    wrong = sum(len([j for j in listed if j >= 20]) / max(1, len(listed)) for listed in results) / runs
    return [Row("B11", f"20 of 500 paths differ on 1 %, 8,000 requests, {runs} runs", "found >= 65 %, wrong <= 5 %",
                f"found {100 * power:.0f} %, wrong {100 * wrong:.2f} %", power >= 0.65 and wrong <= 0.05)]


def b12(part: float) -> list[Row]:
    """A broken schema, through all that judges."""
    when = np.array([worlds.pairs_until_fail(seed, worlds.Plant(path="$.price", kind="type", often=1.0), endpoints=50,
                                             noisy=9, every=1, most=60) for seed in range(max(5, int(40 * part)))])
    return [soon("B12", "a field always of another type, 9 noisy ones, 50 endpoints: FAIL by the whole verdict", when, 30)]


def shared_control(part: float) -> list[Row]:
    """Noise where only a share of the pairs has a control: what ``paths`` reckons of it."""
    rows, runs, looks = [], int(2000 * part), np.arange(500, 20_001, 500)
    for share, noise in ((0.01, 1.0), (0.01, 0.3), (0.1, 0.05)):
        rng = np.random.default_rng(13)
        # Candidate and control of a request agree in half of the noise.
        steps = np.full((runs, len(looks)), 500)
        asked = rng.binomial(steps, share)
        both = rng.binomial(asked, noise / 2 + noise * noise / 2)
        lone = (noise - noise * noise) / 2
        other = np.minimum(rng.binomial(asked, 2 * lone), asked - both)
        wins = rng.binomial(other, 0.5)
        mine = both + wins + rng.binomial(steps - asked, noise)
        mine, theirs, asked, wins, lost = (np.cumsum(x, axis=1) for x in
                                           (mine, both + other - wins, asked, wins, other - wins))
        counted = [[log_two(int(w), int(x), int(m), int(t), min(share, a / n)) for w, x, m, t, a, n in
                    zip(*row, looks, strict=True)] for row in zip(wins, lost, mine, theirs, asked, strict=True)]
        rows.append(judged("own", f"a field that differs in {100 * noise:g} % by itself, control on {100 * share:g} %, "
                                  "20,000 pairs, 40 looks", alarms(np.array(counted)), runs))
    return rows


def log_two(wins: int, losses: int, mine: int, theirs: int, share: float) -> float:
    """T1 and T3, in the mean."""
    third = arms([(mine, mine + theirs, 1 / (1 + share))])
    return float(np.logaddexp(coin(wins, wins + losses), third)) - math.log(2)


def whole(part: float) -> list[Row]:
    """Counting and judging as the product does it, with default settings."""
    rows, runs = [], max(6, int(100 * part))
    for control, pairs in ((1.0, 15_000), (0.01, 40_000)):
        results = [worlds.equal(seed, control, pairs) for seed in range(runs)]
        failed, listed = sum(f for f, _ in results), sum(n for _, n in results)
        rows.append(Row("A/A", f"equal code, 5 endpoints, noisy fields, control on {100 * control:g} %, {pairs:,} pairs in all, "
                               f"a look every 100, {runs} runs", "no FAIL, no field listed",
                        f"{failed} FAIL, {listed} listed", failed == 0 and listed == 0))
    for what, plant, control, limit in (
        ("a number that became a string", worlds.Plant(path="$.price", kind="type", often=1.0), 1.0, 100),
        ("a field missing for 1 % of the ids", worlds.Plant(path="$.stock", kind="missing", often=0.01), 1.0, 3500),
        ("1 % of errors", worlds.Plant(errors=0.01), 1.0, 2500),
        ("30 % slower", worlds.Plant(slower=1.3), 1.0, 400),
        ("a number that became a string", worlds.Plant(path="$.price", kind="type", often=1.0), 0.01, 3000),
    ):
        when = np.array([worlds.pairs_until_fail(seed, plant, control=control, most=4 * limit) for seed in range(runs)])
        rows.append(soon("demo", f"{what}, 5 endpoints, control on {100 * control:g} %: pairs of that endpoint to FAIL",
                         when, limit))
    passed = np.array([worlds.pairs_until_pass(seed) for seed in range(runs)])
    rows.append(soon("demo", "equal code, control on all: pairs of each endpoint to PASS", passed, 4000))
    return rows


EXPERIMENTS = (a1, a2, a4, a5, a8, b1, b2, b5_b7, b8_b9, b10, b11, b12, shared_control, whole)


@click.command()
@click.option("--part", default=1.0, help="This part of the runs.")
@click.option("--only", default="", help="Names of the functions to run, with commas between them.")
def main(part: float, only: str) -> None:
    """Plays all experiments and writes the table."""
    check_tables()
    rows, began = [], time.monotonic()
    for experiment in EXPERIMENTS:
        if only and experiment.__name__ not in only.split(","):
            continue
        for row in experiment(part):
            rows.append(row)
            print(f"{time.monotonic() - began:6.0f} s  {'ok ' if row.holds else 'NOT'}  {row.name}  {row.what}: "
                  f"{row.seen} ({row.limit})", flush=True)
    if not only:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(report(rows, part, time.monotonic() - began))
    if not all(row.holds for row in rows):
        raise SystemExit(1)


def report(rows: list[Row], part: float, seconds: float) -> str:
    """The table, as Markdown."""
    lines = [f"| {r.name} | {r.what} | {r.limit} | {r.seen} | {'yes' if r.holds else '**no**'} |" for r in rows]
    return "\n".join([
        "# Experiments on the verdict", "",
        f"`python -m benchmarks.verdict_experiments --part {part:g}`, CPython {platform.python_version()}, NumPy "
        f"{np.__version__}, {seconds:.0f} s. Seeded: the numbers come out the same again.", "",
        "| | experiment | must hold | seen | holds |", "|---|---|---|---|---|", *lines, "",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
