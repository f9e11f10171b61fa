"""A thousand endpoints beside ten: ``python -m benchmarks.routes [--rounds 9] [--save]``.

How long a file takes to load (read, checked, made into a router and pipes), and what finding a route costs. Everything
is in one process and one run, in interleaved rounds; costs are CPU time, medians over rounds.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import click

from benchmarks.gateway import RESULTS, machine
from understudy.config.model import Service
from understudy.config.read import read_text
from understudy.config.routes import conflicts
from understudy.gateway.build import Surroundings, build, routes
from understudy.gateway.meters import layout
from understudy.gateway.router import Router
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.telemetry.counters import Board

FEW, MANY = 10, 1000
LOOKUPS = 4000
ASKS: Mapping[str, tuple[str, str]] = {
    "a fixed path": ("GET", "/area3/list3"),
    "a path with parameters": ("GET", "/area4/things4/17/parts/99"),
    "nothing (404)": ("GET", "/nowhere/at/all"),
    "nothing, among many names (404)": ("GET", "/area3/nothing"),
    "another method (405)": ("DELETE", "/area3/list3"),
    "another letter case (301)": ("GET", "/AREA9/List9"),
}
"""What is looked up: it stands in both files."""


def configuration(count: int) -> dict[str, Any]:
    """So many endpoints in ten areas: fixed paths, parameters, merges of two, every fifth with a shadow."""
    return {"version": 3, "host": ["http://127.0.0.1:8081"], "endpoints": [_endpoint(n) for n in range(count)]}


def _endpoint(n: int) -> dict[str, Any]:
    path = f"/area{n % 10}/things{n}/{{id}}/parts/{{part}}" if n % 2 == 0 else f"/area{n % 10}/list{n}"
    pattern = "/v1/{id}/{part}" if n % 2 == 0 else "/v1/list"
    backends: list[dict[str, Any]] = [
        {"url_pattern": pattern, "group": "a", "allow": ["id", "name", "price.amount"]},
        {"host": ["http://127.0.0.1:8082"], "url_pattern": pattern, "group": "b", "mapping": {"sku": "id"}},
    ]
    if n % 5 == 0:
        backends.append({"host": ["http://127.0.0.1:8083"], "url_pattern": pattern, "group": "a", "extra_config": {
            "proxy": {"shadow": True}, "understudy/shadow": {"percent": 10, "sticky_by": "client_ip"}}})  # fmt: skip
    return {"endpoint": path, "timeout": "800ms", "input_headers": ["Accept", "X-Request-Id"], "backend": backends}


def load(text: bytes) -> tuple[float, float, float]:
    """CPU seconds for reading, for finding conflicts, and for building, of one file."""
    started = time.process_time()
    service = read_text(text, "gateway.json", {}, Path())
    have_read = time.process_time()
    if conflicts(service):
        raise RuntimeError("the benchmark's own file has conflicts")
    checked = time.process_time()
    asyncio.run(_build(service))
    return have_read - started, checked - have_read, time.process_time() - checked


async def _build(service: Service) -> None:
    loop = asyncio.get_running_loop()
    around = Surroundings(service, Deadlines(loop), Outbox(loop), Board(layout(service)))
    build(service, around).close()


def router_of(count: int) -> Router[Any]:
    """The routes of a file of this size."""
    service = read_text(json.dumps(configuration(count)).encode(), "gateway.json", {}, Path())
    router = routes(service)
    for endpoint in service.endpoints:
        router.add(endpoint.method, endpoint.path, endpoint)
    return router


def lookup(find: Callable[[str, str], object], method: str, path: str) -> float:
    """CPU microseconds of one look-up. Without garbage collection, which pays for what was made before."""
    gc.disable()
    try:
        started = time.process_time()
        for _ in range(LOOKUPS):
            find(method, path)
        return (time.process_time() - started) / LOOKUPS * 1e6
    finally:
        gc.enable()


def measured(rounds: int) -> dict[str, Any]:
    """All figures: seconds for loading, microseconds and ratios for looking up."""
    texts = {count: json.dumps(configuration(count), indent=1).encode() for count in (FEW, MANY)}
    routers = {count: router_of(count) for count in texts}
    loads: dict[int, list[tuple[float, float, float]]] = {count: [] for count in texts}
    costs: dict[tuple[str, int], list[float]] = {(name, count): [] for name in ASKS for count in texts}
    for _ in range(rounds):
        for count, text in texts.items():
            loads[count].append(load(text))
        for name, (method, path) in ASKS.items():
            for count, router in routers.items():
                costs[name, count].append(lookup(router.find, method, path))
    return {
        "rounds": rounds,
        "bytes": {str(count): len(text) for count, text in texts.items()},
        "load_seconds": {str(count): dict(zip(("read", "conflicts", "build"), map(median, zip(*runs, strict=True)),
                                              strict=True)) for count, runs in loads.items()},
        "lookup_microseconds": {name: {str(count): median(costs[name, count]) for count in texts} for name in ASKS},
        "lookup_ratio": {name: median(costs[name, MANY]) / median(costs[name, FEW]) for name in ASKS},
    }  # fmt: skip


def markdown(found: Mapping[str, Any], where: Mapping[str, Any]) -> str:
    """The figures as two tables."""
    lines = [
        "# A thousand endpoints beside ten", "",
        f"{where['cpu']}, Python {where['python']}, commit {where['commit']}. CPU time, medians of {found['rounds']} "
        "interleaved rounds in one process: `python -m benchmarks.routes`.", "",
        "| endpoints | size of the file | read | conflicts | build | in all |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for count, took in found["load_seconds"].items():
        cells = " | ".join(f"{took[part] * 1000:.1f} ms" for part in ("read", "conflicts", "build"))
        lines.append(f"| {count} | {found['bytes'][count] / 1024:.0f} KiB | {cells} | {sum(took.values()) * 1000:.1f} ms |")
    lines += ["", f"| looking up | {FEW} endpoints | {MANY} endpoints | ratio |", "|---|---|---|---|"]
    for name, cells in found["lookup_microseconds"].items():
        lines.append(f"| {name} | {cells[str(FEW)]:.2f} µs | {cells[str(MANY)]:.2f} µs | {found['lookup_ratio'][name]:.2f} |")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--rounds", default=9, show_default=True, help="Interleaved rounds.")
@click.option("--save/--no-save", default=True, help="Write benchmarks/results/routes.md and .json.")
def main(rounds: int, save: bool) -> None:
    """Load and route a thousand endpoints beside ten."""
    where, found = machine(), measured(rounds)
    text = markdown(found, where)
    sys.stdout.write(text)
    if save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "routes.md").write_text(text)
        (RESULTS / "routes.json").write_text(json.dumps({"machine": where, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
