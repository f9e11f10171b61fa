"""The work of children is imported by those who do it."""

from __future__ import annotations

import subprocess
import sys

from understudy.process.mains import MAINS


def test_every_kind_has_its_work() -> None:
    assert set(MAINS) == {"worker", "mirror", "admin"}


def test_the_supervisor_pays_for_no_childs_libraries() -> None:
    asked = "import sys, understudy.process.supervisor; print([m for m in ('starlette', 'uvicorn', 'uvloop', " \
            "'asyncio', 'prometheus_client', 'threading') if m in sys.modules and m != 'threading'])"  # fmt: skip
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
