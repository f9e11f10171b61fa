"""Runs the demo until Ctrl-C, or for DEMO_SECONDS."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from understudy.demo import gateway, services
from understudy.demo.gateway import RunningGateway
from understudy.demo.traffic import Traffic

Say = Callable[[str], None]


def users_table(traffic: Traffic) -> Table:
    """What users got."""
    table = Table(title="What users got", title_justify="left", expand=False)
    for name in ("answers", "not 200", "errors", "p50 ms", "p99 ms"):
        table.add_column(name, justify="right")
    other = sum(n for status, n in traffic.statuses.items() if status != 200)
    table.add_row(
        f"{sum(traffic.statuses.values()):,}", f"{other:,}", f"{traffic.errors:,}",
        f"{traffic.quantile(0.5) * 1000:.1f}", f"{traffic.quantile(0.99) * 1000:.1f}",
    )  # fmt: skip
    return table


def shadows_table(shadows: list[dict[str, Any]]) -> Table:
    """What became of every copy."""
    table = Table(title="What the shadow got", title_justify="left", expand=False)
    for name in ("shadow", "eligible", "sent", "answered", "failed", "skipped", "dropped", "in flight"):
        table.add_column(name, justify="left" if name == "shadow" else "right")
    for one in shadows:
        table.add_row(
            str(one["shadow"]), f"{one['eligible']:,}", f"{one['sent']:,}", f"{one['answered']:,}",
            f"{sum(one['failed'].values()):,}", f"{sum(one['skipped'].values()):,}",
            f"{sum(one['dropped'].values()):,}", f"{one['in_flight'] + one['in_transit']:,}",
        )  # fmt: skip
    return table


async def watch(console: Console, running: RunningGateway, traffic: Traffic, seconds: float | None) -> None:
    """Shows both tables live, or a line now and then where the output is no terminal."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds if seconds is not None else float("inf")
    with Live(console=console, refresh_per_second=4, auto_refresh=False) as live:
        while loop.time() < end and running.process.returncode is None:
            await asyncio.sleep(min(0.5, max(0.05, end - loop.time())))
            shadows = await running.shadows()
            if console.is_terminal:
                latest = Text(f"latest answer: {traffic.latest}", style="dim")
                live.update(Group(users_table(traffic), shadows_table(shadows), latest), refresh=True)
    if not console.is_terminal:
        console.print(users_table(traffic), shadows_table(await running.shadows()))


async def demo(console: Console, seconds: float | None) -> int:
    """Everything, in order; the exit code."""
    v1, v2 = services.version_1(), services.version_2()
    await v1.start(8081)
    await v2.start(8082)
    probe = services.listen(8080)
    port = probe.getsockname()[1]
    probe.close()
    for name, wanted, got in (("primary", 8081, v1.port), ("shadow", 8082, v2.port), ("gateway", 8080, port)):
        if wanted != got:
            console.print(f"Port {wanted} is taken: the {name} uses {got} instead.")
    with tempfile.TemporaryDirectory(prefix="understudy-demo-") as folder:
        running = await gateway.start(Path(folder), port, gateway.configuration(v1.port, v2.port))
        console.print(
            f"Primary (v1) on {v1.port}, shadow (v2) on {v2.port}, gateway on http://127.0.0.1:{port}, "
            f"admin side on {running.admin}\n"
            f"Try: curl -i http://127.0.0.1:{port}/user/42   ·   curl {running.admin}/metrics   ·   Ctrl-C ends it.\n"
        )
        traffic = Traffic(port)
        asking = asyncio.create_task(traffic.run())
        try:
            await watch(console, running, traffic, seconds)
        finally:
            asking.cancel()
            code = await running.stop()
        if code:
            console.print(running.log.read_text(errors="replace"))
            console.print(f"The gateway ended with {code}.")
            return 1
    console.print(f"v1 was asked {v1.seen:,} times, v2 {v2.seen:,} times; users got {sum(traffic.statuses.values()):,} "
                  f"answers, all of them from v1.")  # fmt: skip
    return 0 if not traffic.errors else 1


def main() -> int:
    """The demo as a program."""
    console = Console()
    text = os.environ.get("DEMO_SECONDS", "")
    seconds = float(text) if text else None
    loop_factory = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        task = runner.get_loop().create_task(demo(console, seconds))
        runner.get_loop().add_signal_handler(signal.SIGINT, task.cancel)
        runner.get_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            return runner.get_loop().run_until_complete(task)
        except asyncio.CancelledError:
            return 0
        except OSError as error:
            console.print(f"[red]The demo cannot start:[/red] {error}", markup=True)
            return 1


if __name__ == "__main__":
    sys.exit(main())
