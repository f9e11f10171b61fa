"""``understudy run`` as a process: started on a configuration, watched from outside, stopped as an operator would."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Self

_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class RunningGateway:
    """``async with RunningGateway(config) as gateway``: serves on ``port``; ``admin`` is where its admin side is."""

    def __init__(
        self, config: dict[str, Any], *, arguments: tuple[str, ...] = (), env: dict[str, str] | None = None
    ) -> None:
        self.port = int(config.get("port") or free_port())
        self.config = {**config, "port": self.port}
        self.folder = Path(tempfile.mkdtemp(prefix="understudy-test-"))
        self.path = self.folder / "gateway.json"
        self.log_path = self.folder / "gateway.log"
        self.admin = ""
        self.process: asyncio.subprocess.Process
        self._arguments = arguments
        self._env = env or {}

    async def __aenter__(self) -> Self:
        self.write(self.config)
        with self.log_path.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "understudy", "run", "-c", str(self.path), *self._arguments,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **self._env},
            )  # fmt: skip
        try:
            await self._until_ready()
        except BaseException:
            if self.process.returncode is None:
                self.process.kill()
            raise
        return self

    async def __aexit__(self, *of_what: object) -> None:
        await self.stop()

    async def _until_ready(self) -> None:
        async with asyncio.timeout(20):
            while True:
                match = re.search(r"admin side on (http://\S+)", self.log)
                if match and await self._accepts():
                    self.admin = match[1]
                    if await self.ready():
                        return
                if self.process.returncode is not None:
                    raise RuntimeError(f"the gateway ended with {self.process.returncode}:\n{self.log}")
                await asyncio.sleep(0.02)

    async def _accepts(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    @property
    def log(self) -> str:
        """Everything it has said."""
        return self.log_path.read_text(errors="replace")

    def write(self, config: dict[str, Any]) -> None:
        """Replaces the configuration file; ``reload`` makes it count."""
        self.path.write_text(json.dumps(config, indent=1))

    def reload(self) -> None:
        """SIGHUP."""
        self.process.send_signal(signal.SIGHUP)

    async def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Ends it and returns the exit code; kills it when it has not ended after 20 seconds."""
        if self.process.returncode is None:
            self.process.send_signal(signal_number)
            try:
                async with asyncio.timeout(20):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
        return await self.process.wait()

    async def admin_get(self, path: str) -> Any:
        """A GET of the admin API; parsed when it is JSON."""
        return await asyncio.get_running_loop().run_in_executor(None, self._admin_get, path)

    def _admin_get(self, path: str) -> Any:
        with urllib.request.urlopen(self.admin + path, timeout=5) as answer:
            text = answer.read().decode()
            return json.loads(text) if "json" in answer.headers["Content-Type"] else text

    async def ready(self) -> bool:
        """Whether the admin side says that it serves."""
        try:
            await self.admin_get("/ready")
        except OSError:
            return False
        return True

    async def shadows(self) -> dict[str, dict[str, Any]]:
        """The account of every shadow, by name."""
        found = await self.admin_get("/api/shadows")
        rows = found["shadows"] if isinstance(found, dict) else found
        return {row["shadow"]: row for row in rows}

    async def shadows_at_rest(self, seconds: float = 20.0) -> dict[str, dict[str, Any]]:
        """The same, once nothing is under way; raises ``TimeoutError``."""
        async with asyncio.timeout(seconds):
            while True:
                rows = await self.shadows()
                if all(not (r["in_transit"] or r["in_flight"] or r["pending"]) for r in rows.values()):
                    return rows
                await asyncio.sleep(0.05)

    def children(self) -> dict[int, str]:
        """Process ids of its children, with what each is called."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _stat(int(entry.name), 3) == str(self.process.pid):
                found[int(entry.name)] = (entry / "comm").read_text().strip()
        return found

    def child(self, kind: str) -> int:
        """The process id of the first child whose name contains this word."""
        return next(pid for pid, name in sorted(self.children().items()) if kind in name)

    def resident(self) -> int:
        """Bytes of memory of the process tree: proportional set size, so that shared pages count once."""
        return sum(_pss(pid) for pid in (self.process.pid, *self.children()))

    def descriptors(self) -> int:
        """Open file descriptors of the process tree."""
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in (self.process.pid, *self.children()))

    def memory(self) -> dict[str, int]:
        """Bytes of memory by process (kind and process id), as in ``resident``."""
        found = {f"{kind} {pid}": _pss(pid) for pid, kind in self.children().items()}
        return {f"supervisor {self.process.pid}": _pss(self.process.pid), **found}

    def cpu_seconds(self) -> float:
        """CPU time of the living process tree."""
        pids = (self.process.pid, *self.children())
        return sum(int(_stat(pid, 13) or 0) + int(_stat(pid, 14) or 0) for pid in pids) / _TICKS


def connections_to(port: int) -> int:
    """TCP connections of this machine to a port on it, from the connecting side, made or being made."""
    wanted, states = f":{port:04X}", ("01", "02")
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    # A set: what changes while it is read may be listed twice.
    return len({f[1] for line in lines if (f := line.split())[2].endswith(wanted) and f[3] in states})


def _stat(pid: int, field: int) -> str | None:
    """A field of /proc/PID/stat, counted from 0; None when the process has gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return [str(pid), "", *text.rpartition(")")[2].split()][field]


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    match = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0
