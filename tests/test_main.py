"""``python -m understudy``."""

from __future__ import annotations

import subprocess
import sys

import understudy


def test_it_is_the_command() -> None:
    """With its exit codes."""
    run = [sys.executable, "-m", "understudy"]
    done = subprocess.run([*run, "version"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "") and understudy.__version__ in done.stdout
    run += ["check", "-c", "/no/such/file"]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "/no/such/file" in done.stdout + done.stderr
