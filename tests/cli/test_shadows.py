"""Commands about shadows, asked of a real gateway."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import Shell
from tests.process.test_supervisor import until
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway

OK = reply({"ok": True})
TOKEN = "secret-token"


def config(primary: str, *shadows: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    backends: list[dict[str, Any]] = [{"url_pattern": "/a", "host": [primary]}]
    for url, ours in shadows:
        extra = {"proxy": {"shadow": True}, "understudy/shadow": {"guard": False, **ours}}
        backends.append({"url_pattern": "/b", "host": [url], "extra_config": extra})
    return {
        "version": 3, "endpoints": [{"endpoint": "/a", "backend": backends}],
        "extra_config": {"understudy/service": {
            "access_log": False, "explain_header": True, "admin_token": TOKEN, "workers": 2,
        }},
    }  # fmt: skip


class Command:
    """Runs commands as a user would, in a process of their own that finds the gateway by itself."""

    def __init__(self, home: Path) -> None:
        self.env = {**os.environ, "XDG_RUNTIME_DIR": str(home)}

    async def start(self, *words: str, **env: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "understudy", *words, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env={**self.env, **env},
        )  # fmt: skip

    async def __call__(self, *words: str, **env: str) -> tuple[int, str, str]:
        process = await self.start(*words, **env)
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()


async def test_a_rehearsal_from_the_command_line(tmp_path: Path) -> None:
    """Look, ask why, change, kill everything that can be killed: the change holds; look again."""
    command = Command(tmp_path)
    async with Backend(OK) as primary, Backend(reply(b"no", 404)) as other:
        settings = config(primary.url, (other.url, {"name": "all"}), (other.url, {"name": "none", "percent": 0}))
        async with RunningGateway(settings, env={"XDG_RUNTIME_DIR": str(tmp_path)}) as gateway:
            async with Client(gateway.port) as client:
                copies = (await client.get("/a")).header("x-understudy-copies") or ""
            id = copies.removeprefix("id=").partition(",")[0]
            assert copies == f"id={id}, all=copied, none=percent"
            await gateway.shadows_at_rest()

            code, out, _ = await command("explain", copies)
            assert code == 0 and out.splitlines() == [
                f"{id}: /a", "  all: copied (handed to the mirror)", "    copy: answered 404",
                '  none: percent (not among the "percent" of requests that are copied)',
            ]  # fmt: skip
            code, out, _ = await command("shadows", "-c", str(gateway.path))
            assert code == 0 and "all: GET /a to" in out
            assert "  eligible 1 = sent 1 + skipped 0 + dropped 0 + in transit 0" in out

            code, out, err = await command("shadow", "set", "all", "percent=0", "max_rate=5")
            assert (code, out) == (1, "") and "wants its token" in err
            code, out, err = await command("shadow", "set", "all", "percent=0", "max_rate=5", "--token", TOKEN)
            assert (code, out) == (0, "all: percent = 0, max_rate = 5\n") and "write it to the file" in err
            await _no_copies(gateway, other)

            for kind in ("worker", "worker", "mirror"):
                await _replaced(gateway, kind)
            await _no_copies(gateway, other)
            (row, _) = json.loads((await command("shadows", "--json"))[1])
            assert (row["percent"], row["max_rate"], row["changed"]) == (0.0, 5.0, ["max_rate", "percent"])


async def _no_copies(gateway: RunningGateway, shadow: Backend) -> None:
    before = len(shadow.seen)
    for _ in range(6):
        async with Client(gateway.port) as client:
            assert "all=percent" in ((await client.get("/a")).header("x-understudy-copies") or "")
    assert len(shadow.seen) == before


async def _replaced(gateway: RunningGateway, kind: str) -> None:
    old = gateway.child(kind)
    os.kill(old, signal.SIGKILL)

    async def there() -> bool:
        rows = await gateway.admin_get("/api/children")
        mine = [r for r in rows if r["kind"] == kind]
        return all(r["phase"] == "ready" and r["pid"] != old for r in mine)

    await until(there)


async def test_watching_writes_until_it_is_told_to_stop(tmp_path: Path) -> None:
    command = Command(tmp_path)
    async with Backend(OK) as backend:
        settings = config(backend.url, (backend.url, {"name": "s"}))
        async with RunningGateway(settings, env={"XDG_RUNTIME_DIR": str(tmp_path)}) as gateway:
            watching = await command.start("shadows", "--watch", "--interval", "0.1", "--json")
            assert watching.stdout is not None
            for _ in range(3):
                (row,) = json.loads(await asyncio.wait_for(watching.stdout.readline(), 20))
                assert row["shadow"] == "s"
            watching.send_signal(signal.SIGINT)
            assert await watching.wait() == 0
            await watching.communicate()
            watching = await command.start("shadows", "-w", "-i", "0.1")
            assert watching.stdout is not None and b"s: GET /a" in await watching.stdout.readline()
            await gateway.stop()
            _, err = await watching.communicate()
            assert watching.returncode == 1 and b"does not answer" in err


def test_without_a_gateway_it_is_told(shell: Shell) -> None:
    shell.monkeypatch.setenv("XDG_RUNTIME_DIR", str(shell.folder))
    code, out, err = shell("shadows")
    assert code == 1 and out == "" and "No gateway of this user runs" in err


def test_a_terminal_gets_a_table_and_watching_draws_it_anew(shell: Shell) -> None:
    from tests.cli.test_accounts import ROW
    from understudy.cli import shadows

    answers = iter([[ROW], [{**ROW, "name": "later"}]])

    def ask() -> Any:
        try:
            return next(answers)
        except StopIteration:
            raise KeyboardInterrupt from None

    with pytest.raises(KeyboardInterrupt):
        shadows._draw(ask, 0.01)
    shadows._draw(lambda: [ROW], None)
    shadows._draw(lambda: [], None)
    out = shell.capsys.readouterr().out
    assert "eligible" in out and "There are no shadows" in out
