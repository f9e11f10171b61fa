"""Plays the recorded cases with their own runner against the real ``understudy run``, once a test session."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CASES = HERE / "cases"
COMMAND = Path(sys.executable).with_name("understudy")
_LINE = re.compile(r"^(ok  |FAIL) (?:.*?cases/)?(.+)$")


def play(files: list[str], *, improvements: bool = True, jobs: int = 2) -> dict[str, list[str]]:
    """Runs these files; every case's label to what differs (empty: nothing)."""
    words = [
        sys.executable, str(HERE / "run.py"), "check", *(str(CASES / f"{name}.json") for name in files), "-v",
        "-j", str(jobs), "--gateway", f"{COMMAND} run -c {{config}}",
        "--cli", f"env UNDERSTUDY_EXIT_CODES=krakend {COMMAND}", "--ports", "20000-24999",
    ]  # fmt: skip
    if improvements:
        words.append("--improvements")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in done.stdout.splitlines():
        match = _LINE.match(line)
        if match:
            current = found.setdefault(match[2], [])
            if match[1] == "FAIL":
                current.append("differs")
        elif line.startswith("    ") and current is not None:
            current.append(line.strip())
    if not found:
        raise RuntimeError(f"the runner played nothing:\n{done.stdout}\n{done.stderr}")
    return found
