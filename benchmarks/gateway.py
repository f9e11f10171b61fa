"""Ours beside nginx, Envoy and (when on PATH) KrakenD: ``python -m benchmarks.gateway [--rounds 3] [--seconds 4]``.

In one run, on one core for the gateway and one for load and backends, in interleaved rounds: every round measures every
gateway in every scenario. Figures are medians over rounds. CPU is user plus system time of all of a gateway's processes,
divided by requests answered; for ours also of the workers alone.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.backends import Backends
from benchmarks.load import CONNECTIONS, at_rate, check_tools, saturate
from benchmarks.peers import SCENARIOS, SHADOWED, Peer, available, cpu_seconds

GATEWAY_CPU, OTHER_CPU = 0, 1
RESULTS = Path(__file__).parent / "results"
TARGETS = {"noop": 45 / 20, "json": 55 / 20, "merge": 90 / 20, "healthy": 95 / 20}
"""CPU of all processes a request, as a multiple of nginx's plain proxying in the same run (the issue's 20 µs)."""


@dataclass
class Row:
    """One gateway in one scenario, in one round."""

    peer: str
    scenario: str
    rate: float
    cpu: float
    """Microseconds of all processes a request."""
    worker_cpu: float
    p50: float
    p99: float
    p999: float
    errors: int
    copies: float | None
    """Share of the requests whose copy arrived at the shadow; only where it can answer."""


def measure(peer: Peer, scenario: str, seconds: float, folder: Path, rate: int | None = None) -> Row:
    """One round of one gateway in one scenario."""
    arrived = peer.backends.arrived(peer.backends.shadow)
    pids, workers = peer.pids(), peer.workers()
    before, before_workers = cpu_seconds(pids), cpu_seconds(workers)
    url = peer.url(scenario)
    done = saturate(url, seconds, OTHER_CPU, folder) if rate is None else at_rate(url, rate, seconds, OTHER_CPU, folder)
    if scenario == "healthy":
        time.sleep(0.5)
    used, used_workers = cpu_seconds(pids) - before, cpu_seconds(workers) - before_workers
    copies = None
    if scenario == "healthy" and done.requests:
        copies = (peer.backends.arrived(peer.backends.shadow) - arrived - 1) / done.requests
    count = max(1, done.requests)
    return Row(
        peer.name, scenario, done.requests / done.seconds, used / count * 1e6, used_workers / count * 1e6,
        done.p50, done.p99, done.p999, done.errors, copies,
    )  # fmt: skip


def medians(rows: list[Row]) -> dict[str, dict[str, dict[str, float | None]]]:
    """By gateway and scenario: the median of every figure."""
    out: dict[str, dict[str, dict[str, float | None]]] = {}
    for peer, scenario in dict.fromkeys((r.peer, r.scenario) for r in rows):
        mine = [r for r in rows if (r.peer, r.scenario) == (peer, scenario)]
        cell: dict[str, float | None] = {
            key: round(median(getattr(r, key) for r in mine), 2)
            for key in ("rate", "cpu", "worker_cpu", "p50", "p99", "p999", "errors")
        }
        shares = [r.copies for r in mine if r.copies is not None]
        cell["copies"] = round(median(shares), 4) if shares else None
        out.setdefault(peer, {})[scenario] = cell
    return out


def machine() -> dict[str, str]:
    """Where this was measured."""
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "?")  # fmt: skip
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {"cpu": model, "python": platform.python_version(), "kernel": platform.release(),
            "commit": commit.stdout.strip() or "?"}  # fmt: skip


def markdown(title: str, found: dict[str, dict[str, dict[str, float | None]]]) -> list[str]:
    """One table a kind of load."""
    lines = [f"## {title}", "",
             "| gateway | scenario | requests/s | CPU µs/request | workers µs | p50 ms | p99 ms | p99.9 ms | errors "
             "| copies arrived |", "|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for peer, scenarios in found.items():
        for scenario, c in scenarios.items():
            copies = "" if c["copies"] is None else f"{c['copies']:.1%}"
            lines.append(
                f"| {peer} | {scenario} | {c['rate']:,.0f} | {c['cpu']:.1f} | {c['worker_cpu']:.1f} | {c['p50']:.2f} "
                f"| {c['p99']:.2f} | {c['p999']:.2f} | {c['errors']:,.0f} | {copies} |"
            )
    return [*lines, ""]


def ratios(saturated: dict[str, Any], steady: dict[str, Any]) -> list[str]:
    """How the targets stand, as ratios within this run."""
    lines = ["## Targets, as ratios in this run", "", "| what | measured | target |", "|---|---|---|"]
    ours, nginx = saturated.get("understudy", {}), saturated.get("nginx", {})
    if "noop" not in nginx or "noop" not in ours:
        return []
    unit = nginx["noop"]["cpu"]
    for scenario, target in TARGETS.items():
        source = steady.get("understudy", {}).get(scenario) if scenario == "healthy" else ours.get(scenario)
        if source:
            lines.append(f"| CPU {scenario} / nginx plain, saturated | {source['cpu'] / unit:.2f} | ≤ {target:.2f} |")
    healthy, at_rate_too = steady.get("understudy", {}).get("healthy"), steady.get("nginx", {}).get("noop")
    if healthy and at_rate_too:
        lines.append(f"| CPU healthy / nginx plain at the same rate | {healthy['cpu'] / at_rate_too['cpu']:.2f} | (none) |")
    plain = ours["noop"]
    for scenario in SHADOWED:
        if scenario in ours:
            least = 0.75 if scenario == "healthy" else 0.95
            lines.append(f"| throughput {scenario} / no shadow, saturated | {ours[scenario]['rate'] / plain['rate']:.2f} "
                         f"| ≥ {least} |")  # fmt: skip
    steady_ours = steady.get("understudy", {})
    if "noop" in steady_ours:
        for scenario in SHADOWED:
            if scenario in steady_ours:
                lines.append(f"| p99 {scenario} / no shadow, fixed rate "
                             f"| {steady_ours[scenario]['p99'] / steady_ours['noop']['p99']:.2f} | ≤ 1.05 (hung, dead) |")  # fmt: skip
        if "healthy" in steady_ours:
            more = steady_ours["healthy"]["worker_cpu"] / steady_ours["noop"]["worker_cpu"]
            lines.append(f"| workers' CPU healthy / no shadow, fixed rate | {more:.2f} | ≤ 1.35 |")
    return [*lines, ""]


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Interleaved rounds.")
@click.option("--seconds", default=4.0, show_default=True, help="Length of one measurement.")
@click.option("--rate", default=6000, show_default=True, help="Requests a second of the fixed-rate part; 0 leaves it out.")
@click.option("--only", default="", help="Only these scenarios, comma-separated.")
@click.option("--peer", "wanted", default="", help="Only these gateways, comma-separated.")
@click.option("--save/--no-save", default=True, show_default=True, help="Write benchmarks/results/.")
def main(rounds: int, seconds: float, rate: int, only: str, wanted: str, save: bool) -> None:
    """Compare gateways side by side."""
    check_tools()
    console = Console()
    chosen = [s for s in SCENARIOS if not only or s in only.split(",")]
    saturated, steady = [], []
    with tempfile.TemporaryDirectory(prefix="understudy-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        backends = stack.enter_context(Backends(folder, OTHER_CPU))
        kinds = [k for k in available() if not wanted or k.name in wanted.split(",")]
        versions = {}
        for number in range(rounds):
            for kind in kinds:
                peer = kind(folder, backends, GATEWAY_CPU)
                with peer:
                    versions[peer.name] = peer.version()
                    saturate(peer.url("noop"), 1, OTHER_CPU, folder)
                    for scenario in chosen:
                        if scenario not in peer.scenarios:
                            continue
                        console.print(f"round {number + 1}/{rounds}  {peer.name:<11}{scenario}", style="dim")
                        saturated.append(measure(peer, scenario, seconds, folder))
                        if rate and scenario in ("noop", *SHADOWED):
                            steady.append(measure(peer, scenario, seconds, folder, rate))
        where = machine()
    by_load = {"saturated": medians(saturated), "steady": medians(steady)}
    about = f"{where['cpu']}, Python {where['python']}, Linux {where['kernel']}, commit {where['commit']}"
    lines = ["# Gateways side by side", "", f"{about}. {CONNECTIONS} connections, one core for the gateway, one for load "
             f"and backends, {rounds} interleaved rounds of {seconds:g} s, medians.", "",
             ", ".join(f"{n}: {v}" for n, v in versions.items()), ""]  # fmt: skip
    lines += markdown("At saturation (wrk, closed loop)", by_load["saturated"])
    if steady:
        lines += markdown(f"At {rate:,} requests a second (h2load, fixed rate)", by_load["steady"])
    lines += ratios(by_load["saturated"], by_load["steady"])
    text = "\n".join(lines)
    show(console, by_load["saturated"])
    sys.stdout.write(text + "\n")
    if save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "gateway.md").write_text(text)
        data = {"machine": where, "versions": versions, "rounds": rounds, "seconds": seconds, "rate": rate, **by_load,
                "rows": [asdict(r) for r in saturated + steady]}  # fmt: skip
        (RESULTS / "gateway.json").write_text(json.dumps(data, indent=1) + "\n")


def show(console: Console, found: dict[str, dict[str, dict[str, float | None]]]) -> None:
    """A table for people."""
    table = Table(title="CPU µs a request (requests a second)")
    table.add_column("scenario")
    for peer in found:
        table.add_column(peer, justify="right")
    for scenario in SCENARIOS:
        cells = [found[p].get(scenario) for p in found]
        if any(cells):
            table.add_row(scenario, *(f"{c['cpu']:.1f} ({c['rate']:,.0f})" if c else "—" for c in cells))
    console.print(table)


if __name__ == "__main__":
    main()
