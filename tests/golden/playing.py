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
    """Runs these files; every case's label to what differs (empty: nothing).

    Files with a case that was only too late are played once more, alone: the machine may have been busy.
    """
    found = _play(files, improvements=improvements, jobs=jobs)
    late = {label for label, diffs in found.items() if diffs and all(map(_is_late, diffs[1:]))}
    if late:
        again = _play(sorted({file_of(label) for label in late}), improvements=improvements, jobs=1)
        found.update({label: again[label] for label in late})
    return found


def _is_late(diff: str) -> bool:
    return re.fullmatch(r"took \d+ ms, max_ms is \d+", diff) is not None


def file_of(label: str) -> str:
    """The file of a case, by its label."""
    return label.partition("/")[0].partition(":")[0]


def _play(files: list[str], *, improvements: bool, jobs: int) -> dict[str, list[str]]:
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
