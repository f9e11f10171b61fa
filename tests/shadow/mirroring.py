"""A mirror in the test's own loop, with real sockets on both sides: frames in, copies out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.shadow.making import board, counts, service
from understudy.config.model import Service, Shadow
from understudy.gateway.build import Surroundings, again_part, shadow_part
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.process.mirror import bounded
from understudy.shadow.frames import AskFrame, Frame, HelloFrame, encode
from understudy.shadow.lane import ShadowLane
from understudy.shadow.mirror import Mirror
from understudy.shadow.pairing import Judge
from understudy.shadow.valve import Valves
from understudy.telemetry.counters import Board


class Mirroring:
    """What a test may look at. ``lines`` are for the log, ``changes`` are those of breakers."""

    def __init__(self, of: Service, path: str, mirrors: int, judge: Judge | None) -> None:
        loop = asyncio.get_running_loop()
        self.service = of
        self.path = path
        self.board: Board = board("mirror", of)
        self.valves = Valves(of)
        self.lines: list[tuple[str, str]] = []
        self.changes: list[tuple[str, str, str]] = []
        self.around = Surroundings(of, Deadlines(loop), Outbox(loop), self.board, answers=bounded(of))
        self.mirror = Mirror(
            of, self.board, self.valves, lambda e, b: shadow_part(of, e, b, self.around), generation=3,
            mirrors=mirrors, judge=judge, again_of=lambda e, b: again_part(of, e, b, self.around),
            report=lambda *line: self.lines.append(line),
            changed=lambda *change: self.changes.append(change),
        )  # fmt: skip
        self._writer: asyncio.StreamWriter | None = None
        self._ids = 100

    @property
    def counts(self) -> dict[str, int]:
        """By the plain word; only those of the shadow s, and of all when their names differ."""
        out: dict[str, int] = {}
        for name, n in counts(self.board).items():
            out[name.rpartition('="')[2].rstrip('"}')] = n
        return out

    @property
    def lane(self) -> ShadowLane:
        return self.mirror.lanes()[0]

    def frame(self, chosen: int = 1, **more: Any) -> AskFrame:
        self._ids += 1
        return AskFrame(**{"id": self._ids, "endpoint": 0, "chosen": chosen, "at": time.monotonic(), "method": "GET",
                           "path": "/e", "params": {}, "query": [], "wire": b"X-A: 1\r\n", "body": b"", **more})

    async def connect(self) -> None:
        if self._writer is not None:
            self._writer.close()
        _, self._writer = await asyncio.open_unix_connection(self.path)
        self.say(HelloFrame(1, 3, 1))

    def say(self, *frames: Frame) -> None:
        assert self._writer is not None
        self._writer.write(b"".join(map(encode, frames)))

    def hang_up(self) -> None:
        assert self._writer is not None
        self._writer.close()

    async def until(self, word: str, n: int = 1) -> None:
        """Waits until a counter has come this far."""
        async with asyncio.timeout(10):
            while self.counts.get(word, 0) < n:
                await asyncio.sleep(0.005)

    async def explained(self, id: int, *outcomes: str) -> None:
        """Waits until this is what is known about an exchange."""
        async with asyncio.timeout(10):
            while [d.outcome for d in self.mirror.explain(f"{id:x}")] != list(outcomes):
                await asyncio.sleep(0.005)


@asynccontextmanager
async def mirroring(folder: Path, url: str, *shadows: Shadow, mirrors: int = 1, judge: Judge | None = None,
                    **endpoint: Any) -> AsyncIterator[Mirroring]:
    """A mirror whose shadows are all at ``url``, and a worker's connection to it."""
    m = Mirroring(service(*shadows, hosts=(url,), **endpoint), str(folder / "mirror"), mirrors, judge)
    server = await asyncio.get_running_loop().create_unix_server(m.mirror.link, m.path)
    await m.connect()
    try:
        yield m
    finally:
        server.close()
        m.hang_up()
        await m.mirror.drain(0.0)
        m.around.pools.close()
        for pool in m.around.pools._pools.values():
            for connection in list(pool.all):
                connection.cut()
        await asyncio.sleep(0)
