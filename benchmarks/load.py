"""The load: wrk (closed loop) for saturation, h2load (open loop) for fixed rates, on the second CPU."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 64
_REPORT = """
done = function(summary, latency, requests)
  io.write(string.format('{"requests":%d,"seconds":%f,"errors":%d,"p50":%f,"p99":%f,"p999":%f}\\n',
    summary.requests, summary.duration / 1e6,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3))
end
"""


@dataclass(frozen=True)
class Measured:
    """One round: requests answered, seconds, errors, latencies in milliseconds."""

    requests: int
    seconds: float
    errors: int
    p50: float
    p99: float
    p999: float


def check_tools() -> None:
    """Ends the program with a sentence when something is missing."""
    for tool, package in (("wrk", "wrk"), ("taskset", "util-linux")):
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing: sudo apt-get install {package}")


def saturate(url: str, seconds: float, cpu: int, folder: Path) -> Measured:
    """As many requests as 64 connections can ask."""
    script = folder / "report.lua"
    script.write_text(_REPORT)
    words = ["taskset", "-c", str(cpu), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s",
             "--timeout", "10s", "-s", str(script), url]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    match = re.search(r'\{"requests".*\}', done.stdout)
    if not match:
        sys.exit(f"wrk said nothing that can be read:\n{done.stdout}{done.stderr}")
    return Measured(**json.loads(match[0]))


def at_rate(url: str, rate: int, seconds: float, cpu: int, folder: Path) -> Measured:
    """A fixed rate, whatever the answers take: latency counts from when a request was due to be sent on its connection."""
    per_connection = max(1, round(rate / CONNECTIONS))
    log = folder / "h2load.log"
    log.unlink(missing_ok=True)
    words = ["taskset", "-c", str(cpu), "h2load", "--h1", "-t1", f"-c{CONNECTIONS}", f"--rps={per_connection}",
             f"-D{max(1, round(seconds))}", f"--log-file={log}", url]  # fmt: skip
    subprocess.run(words, capture_output=True, text=True, check=True)
    times, errors = [], 0
    for line in log.read_text().splitlines():
        _, status, micros = line.split("\t")[:3]
        times.append(int(micros) / 1000)
        errors += status != "200"
    times.sort()
    if not times:
        return Measured(0, seconds, 0, 0.0, 0.0, 0.0)
    p50, p99, p999 = (times[min(len(times) - 1, int(len(times) * q))] for q in (0.5, 0.99, 0.999))
    return Measured(len(times), seconds, errors, p50, p99, p999)
