"""``make picture``: the demo's screen as an SVG, taken of a real run."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from pathlib import Path

from rich.console import Console

from understudy.demo.__main__ import demo

SECONDS = 5.0


def picture(path: Path, seconds: float) -> int:
    """Runs the demo for so long and writes what it showed; the demo's exit code."""
    console = Console(record=True, file=io.StringIO(), width=110, color_system="truecolor")
    code = asyncio.run(demo(console, seconds))
    path.write_text(console.export_svg(title="make demo"))
    return code


if __name__ == "__main__":
    sys.exit(picture(Path(sys.argv[1]), float(os.environ.get("DEMO_SECONDS", SECONDS))))
