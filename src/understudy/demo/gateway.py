"""The gateway of the demo: ``understudy run`` as anybody would start it, on a file written for the ports at hand."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import urllib.request
from pathlib import Path
from typing import Any

SEED: dict[str, Any] = {
    "version": 3, "timeout": "3s", "host": ["http://127.0.0.1:8081"],
    "endpoints": [{"endpoint": "/user/{id}", "timeout": "150ms", "backend": [
        {"host": ["http://127.0.0.1:8081"], "url_pattern": "/v1/user/{id}"},
        {"host": ["http://127.0.0.1:8082"], "url_pattern": "/v2/user/{id}",
         "extra_config": {"proxy": {"shadow": True}}}]}],
}  # fmt: skip


def configuration(primary: int, shadow: int) -> str:
    """The seed configuration with these ports, in the layout of examples/seed.json."""
    return json.dumps(SEED, indent=1).replace(":8081", f":{primary}").replace(":8082", f":{shadow}")


class RunningGateway:
    """The gateway's process."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, log: Path, admin: str) -> None:
        self.process = process
        self.port = port
        self.log = log
        self.admin = admin

    async def shadows(self) -> list[dict[str, Any]]:
        """The account of every shadow, from the admin API; empty while that does not answer."""
        try:
            return await asyncio.get_running_loop().run_in_executor(None, self._shadows)
        except (OSError, ValueError):
            return []

    def _shadows(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.admin}/api/shadows", timeout=2) as answer:
            found = json.load(answer)
        return list(found["shadows"] if isinstance(found, dict) else found)

    async def stop(self) -> int:
        """Ends it as an operator would; the exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()


async def start(folder: Path, port: int, text: str) -> RunningGateway:
    """Starts the gateway and waits until it serves; raises ``OSError`` with its own words when it does not."""
    path, log = folder / "gateway.json", folder / "gateway.log"
    path.write_text(text)
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "understudy", "run", "-c", str(path), "-p", str(port),
            stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, "USAGE_DISABLE": "1"},
        )  # fmt: skip
    for _ in range(200):
        said = log.read_text(errors="replace")
        match = re.search(r"admin side on (http://\S+)", said)
        if match and await _accepts(port):
            return RunningGateway(process, port, log, match[1])
        if process.returncode is not None:
            raise OSError(said.strip() or "the gateway ended without a word")
        await asyncio.sleep(0.05)
    process.kill()
    raise OSError("the gateway did not start within ten seconds:\n" + log.read_text(errors="replace"))


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
