"""Users who keep their connections and never stop asking."""

from __future__ import annotations

import asyncio
from typing import Self

from understudy.testing.client import Client


class Load:
    """``async with Load(port) as load``: asks on several keep-alive connections; counts answers and failures.

    A connection that the gateway has announced to close is opened again; anything else that is not a 200 is a failure.
    ``ending`` says that the gateway may be gone: from then on a refused connection ends a user.
    """

    def __init__(self, port: int, users: int = 8, target: str = "/a") -> None:
        self.answers = 0
        self.closed_politely = 0
        self.failures: list[str] = []
        self.ending = False
        self._port = port
        self._users = users
        self._target = target
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._user()) for _ in range(self._users)]
        return self

    async def __aexit__(self, *of_what: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def more(self, count: int) -> None:
        """Waits for so many further answers."""
        goal = self.answers + count
        async with asyncio.timeout(20):
            while self.answers < goal:
                await asyncio.sleep(0.002)

    async def _user(self) -> None:
        while True:
            try:
                async with Client(self._port) as client:
                    await self._session(client)
            except ConnectionRefusedError:
                if self.ending:
                    return
                self.failures.append("refused")
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                self.failures.append(repr(error))

    async def _session(self, client: Client) -> None:
        while True:
            got = await client.get(self._target)
            if got.status != 200:
                self.failures.append(f"{got.status} {got.body!r}")
            self.answers += 1
            if got.header("connection") == "close":
                self.closed_politely += 1
                return
