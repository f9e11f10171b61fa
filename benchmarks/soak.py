"""Hours of trouble in minutes: ``python -m benchmarks.soak [--minutes 10] [--rate 300]``.

A real gateway with two workers, and shadows that go through every fault in turn while users keep asking at a bounded
rate. At the end: not one user error, every process's memory and the descriptors flat, the account of copies exact.
Exit code 1 when not.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import click
import uvloop
from rich.console import Console
from rich.table import Table

from understudy.testing import faults
from understudy.testing.backend import Backend, Script, Seen, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway, free_port

MIB = 1024 * 1024
USERS = 24
PHASE = 10.0
"""Seconds of each fault before the next one's turn."""
TOLERANCE, LEAST = 0.05, 3 * MIB
"""A process may grow between the second and the last third by this share, or by this many bytes."""
BODY = b'{"order":' + b"1" * 2000 + b"}"


def primary(seen: Seen) -> bytes:
    """What users must get, always."""
    return reply({"target": seen.target, "size": len(seen.body)})


def healthy(seen: Seen) -> bytes:
    """What a shadow says between two faults."""
    return reply({"copy": True})


PHASES: dict[str, Script | Any] = {"healthy": healthy, **faults.ALL, "stopped mirror": healthy}


@dataclass
class Sample:
    """The gateway at one moment."""

    memory: dict[str, int]
    descriptors: int


@dataclass
class Soak:
    """What has been seen."""

    answers: int = 0
    errors: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


def configuration(lead: str, bad: str, clear: str) -> dict[str, Any]:
    """Every kind of endpoint with a shadow that goes through all faults, and three whose shadows are never there."""
    def understudy(host: str, name: str, **options: Any) -> dict[str, Any]:
        settings = {"name": name, "max_in_flight": 10, "of": 0, **options}
        return {"url_pattern": "/copy", "host": [host], "extra_config": {
            "proxy": {"shadow": True, "shadow_timeout": "1s"}, "understudy/shadow": settings}}

    def endpoint(name: str, host: str, regular: int = 1, method: str = "GET", **more: Any) -> dict[str, Any]:
        backends: list[dict[str, Any]] = [
            {"url_pattern": f"/p{n}", "host": [lead], "group": f"g{n}", "method": method} for n in range(regular)
        ]
        copy = {**understudy(host, name, breaker={"failures": 50, "pause": "1s"}), "method": method}
        return {"endpoint": f"/{name}", "method": method, "input_query_strings": ["*"], "backend": [*backends, copy],
                **more}

    sequential = {"extra_config": {"proxy": {"sequential": True}}}
    return {
        "version": 3, "timeout": "10s",
        "endpoints": [
            endpoint("json", bad), endpoint("noop", bad, output_encoding="no-op"), endpoint("merge", bad, 2),
            endpoint("post", bad, method="POST"), endpoint("sequence", bad, 2, **sequential),
            endpoint("refused", f"http://127.0.0.1:{free_port()}"), endpoint("dns", "http://nobody.invalid"),
            endpoint("tls", clear.replace("http:", "https:")),
        ],
        "extra_config": {"understudy/service": {"workers": 2, "access_log": False}},
    }  # fmt: skip


async def user(port: int, soak: Soak, paths: itertools.cycle[str], pause: float, end: float) -> None:
    """Asks, waits, asks again."""
    async with Client(port) as client:
        while time.monotonic() < end:
            path = next(paths)
            began = time.monotonic()
            try:
                got = await (client.ask("POST", path, BODY) if path == "/post" else client.get(f"{path}?n={soak.answers}"))
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                soak.errors.append(f"{path}: {error!r}")
                return
            soak.seconds.append(time.monotonic() - began)
            soak.answers += 1
            if got.status != 200 or got.header("x-krakend-completed") != ("false" if path == "/noop" else "true"):
                soak.errors.append(f"{path}: {got!r}")
            await asyncio.sleep(max(0.0, pause - (time.monotonic() - began)))


async def phases(gateway: RunningGateway, bad: Backend, soak: Soak, console: Console, minutes: float) -> None:
    """Every fault in turn, again and again; a sample at the end of each."""
    end = time.monotonic() + minutes * 60
    for name in itertools.cycle(PHASES):
        left = end - time.monotonic()
        if left <= 0:
            return
        bad.answer = PHASES[name]
        mirror = gateway.child("mirror")
        if name == "stopped mirror":
            os.kill(mirror, signal.SIGSTOP)
        await asyncio.sleep(min(PHASE, left) - 1.0 if left > 1.0 else left)
        if name == "stopped mirror":
            os.kill(mirror, signal.SIGCONT)
        for _ in range(2):
            soak.samples.append(Sample(gateway.memory(), gateway.descriptors()))
            await asyncio.sleep(0.5)
        bad.seen.clear()
        memory = sum(soak.samples[-1].memory.values()) / MIB
        console.print(f"{left / 60:5.1f} min left  {name:15}  {soak.answers:8} answers  {len(soak.errors)} errors  "
                      f"{memory:6.1f} MiB  {soak.samples[-1].descriptors} descriptors")  # fmt: skip


def thirds(values: list[int]) -> tuple[float, float, float]:
    """The medians of the three thirds of a series."""
    size = max(1, len(values) // 3)
    return median(values[:size]), median(values[size : 2 * size] or values), median(values[-size:])


def judged(soak: Soak, accounts: dict[str, dict[str, Any]], console: Console) -> list[str]:
    """Prints the figures; what is wrong with them, in sentences."""
    wrong = [f"{len(soak.errors)} user errors, the first: {soak.errors[0]}"] if soak.errors else []
    table = Table("", "first third", "second", "last")
    for process in soak.samples[-1].memory:
        first, second, last = thirds([s.memory[process] for s in soak.samples if process in s.memory])
        table.add_row(process, *(f"{value / MIB:.1f} MiB" for value in (first, second, last)))
        if last - second > max(LEAST, TOLERANCE * second):
            wrong.append(f"{process} has grown from {second / MIB:.1f} to {last / MIB:.1f} MiB")
    first, second, last = thirds([s.descriptors for s in soak.samples])
    table.add_row("descriptors", *(f"{value:.0f}" for value in (first, second, last)))
    if last > second + USERS:
        wrong.append(f"descriptors have grown from {second:.0f} to {last:.0f}")
    console.print(table)
    for name, account in accounts.items():
        wrong += account["problems"]
        if account["in_transit"] or account["in_flight"] or account["pending"]:
            wrong.append(f"{name}: something is under way at rest")
        console.print(f"{name:9} {account['eligible']} eligible = {account['sent']} sent + skipped {account['skipped']} "
                      f"+ dropped {account['dropped']}; {account['answered']} answered, failed {account['failed']}")  # fmt: skip
    eligible, asked = sum(a["eligible"] for a in accounts.values()), soak.answers + len(soak.errors)
    if eligible != asked:
        wrong.append(f"{asked} requests, but {eligible} eligible copies")
    times = sorted(soak.seconds)
    p50, p99, p999 = (times[min(len(times) - 1, int(len(times) * q))] * 1000 for q in (0.5, 0.99, 0.999))
    console.print(f"users: {soak.answers} answers, {len(soak.errors)} errors; {p50:.1f} ms p50, {p99:.1f} p99, "
                  f"{p999:.1f} p99.9")  # fmt: skip
    return wrong


async def run(minutes: float, rate: int, console: Console) -> list[str]:
    """The whole of it; what is wrong, in sentences."""
    soak = Soak()
    async with Backend(primary) as lead, Backend(healthy) as bad, Backend(faults.clear_text) as clear:
        settings = configuration(lead.url, bad.url, clear.url)
        paths = itertools.cycle([entry["endpoint"] for entry in settings["endpoints"]])
        async with RunningGateway(settings) as gateway:
            end = time.monotonic() + minutes * 60
            users = [
                asyncio.create_task(user(gateway.port, soak, paths, USERS / rate, end)) for _ in range(USERS)
            ]
            forgetting = asyncio.create_task(_forget(lead))
            await phases(gateway, bad, soak, console, minutes)
            bad.answer = healthy
            await asyncio.gather(*users)
            forgetting.cancel()
            return judged(soak, await gateway.shadows_at_rest(), console)


async def _forget(lead: Backend) -> None:
    """The test's own memory stays small too."""
    while True:
        await asyncio.sleep(1)
        lead.seen.clear()


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long.")
@click.option("--rate", default=300, show_default=True, help="Requests a second, of all users together.")
def main(minutes: float, rate: int) -> None:
    """Soaks the gateway in faults."""
    console = Console(width=200, highlight=False)
    wrong = uvloop.run(run(minutes, rate, console))
    for sentence in wrong:
        console.print(f"[red]{sentence}[/red]")
    console.print("nothing is wrong" if not wrong else f"{len(wrong)} things are wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
