"""Memory of a worker over a million requests, and throughput with one and two workers: ``python -m benchmarks.workers``.

The gateway is pinned to as many cores as it has workers, as far as there are; load and backends take what is left, so
on two cores the second worker shares its core with them: read the ratio with that in mind.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

import click

from benchmarks.backends import Backends
from benchmarks.gateway import RESULTS, machine
from benchmarks.load import check_tools, saturate
from benchmarks.peers import Understudy, krakend_file

LOAD_CPU = (os.cpu_count() or 1) - 1


class Workers(Understudy):
    """Ours with several workers, on their first cores."""

    count = 1

    def command(self) -> list[str]:
        """The same scenarios, more workers."""
        path = self.folder / "understudy.json"
        file = krakend_file(self.backends, self.port, shadows=True)
        file["extra_config"]["understudy/service"] = {"workers": self.count}
        path.write_text(json.dumps(file))
        return ["taskset", "-c", f"0-{min(self.count, LOAD_CPU + 1) - 1}", sys.executable, "-m", "understudy", "run",
                "-c", str(path)]


def resident(pids: list[int]) -> float:
    """MiB of the largest of these processes."""
    sizes = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    return max(sizes) * os.sysconf("SC_PAGE_SIZE") / 2**20


@click.command()
@click.option("--requests", default=1_000_000, show_default=True, help="How many a worker serves while it is watched.")
@click.option("--rounds", default=3, show_default=True)
def main(requests: int, rounds: int) -> None:
    """Measure, print, and write benchmarks/results/workers.md."""
    check_tools()
    lines = ["# Workers", "", ", ".join(f"{k} {v}" for k, v in machine().items()) + f"; {os.cpu_count()} cores", ""]
    with tempfile.TemporaryDirectory(prefix="understudy-bench-") as name:
        folder = Path(name)
        with Backends(folder, LOAD_CPU) as backends:
            Workers.count = 1
            with Workers(folder, backends, 0) as one:
                idle, served, sizes = resident(one.workers()), 0, []
                while served < requests:
                    served += saturate(one.url("json"), 4, LOAD_CPU, folder).requests
                    sizes.append(resident(one.workers()))
            lines += [f"A worker: {idle:.1f} MiB before its first request, {sizes[0]:.1f} MiB after a tenth or so, "
                      f"{sizes[-1]:.1f} MiB after {served:,} (json, 64 connections).", ""]
            rates: dict[int, list[float]] = {1: [], 2: []}
            for _ in range(rounds):
                for count in rates:
                    Workers.count = count
                    with Workers(folder, backends, 0) as gateway:
                        done = saturate(gateway.url("json"), 4, LOAD_CPU, folder)
                        rates[count].append(done.requests / done.seconds)
    one_worker, two = median(rates[1]), median(rates[2])
    lines += [f"json with one worker {one_worker:,.0f} requests a second, with two {two:,.0f} "
              f"({two / one_worker:.2f} times; medians of {rounds} interleaved rounds).", ""]
    text = "\n".join(lines)
    sys.stdout.write(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "workers.md").write_text(text)


if __name__ == "__main__":
    main()
