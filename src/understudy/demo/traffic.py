"""Users of the demo: a few keep-alive connections that ask for one user after the other."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque


class Traffic:
    """What users got, as it comes in."""

    def __init__(self, port: int, *, users: int = 4, pause: float = 0.02) -> None:
        self._port = port
        self._users = users
        self._pause = pause
        self.statuses: Counter[int] = Counter()
        self.errors = 0
        self.latest = ""
        self.seconds: deque[float] = deque(maxlen=2000)

    async def run(self) -> None:
        """Asks until cancelled."""
        async with asyncio.TaskGroup() as group:
            for user in range(self._users):
                group.create_task(self._user(user))

    async def _user(self, number: int) -> None:
        asked = 0
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                try:
                    while True:
                        asked += 1
                        await self._ask(reader, writer, number * 100_000 + asked)
                        await asyncio.sleep(self._pause)
                finally:
                    writer.close()
            except (OSError, asyncio.IncompleteReadError, ValueError):
                self.errors += 1
                await asyncio.sleep(0.2)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, id: int) -> None:
        started = time.monotonic()
        writer.write(f"GET /user/{id} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:"))
        body = await reader.readexactly(length)
        self.seconds.append(time.monotonic() - started)
        self.statuses[int(head[9:12])] += 1
        self.latest = body.decode("utf-8", "replace")

    def quantile(self, q: float) -> float:
        """Seconds; 0 before the first answer."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else 0.0
