"""Services with shadows, their counters, requests for them, and a mirror's end of a link that keeps what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from understudy.config.model import Backend, Endpoint, Service, Shadow
from understudy.gateway.types import Ask
from understudy.http.values import Pair, Request, canonical
from understudy.process.boards import board_for
from understudy.process.slots import Kind
from understudy.shadow.frames import Frame, FrameDecoder, HelloFrame
from understudy.telemetry.counters import Board


def shadow(name: str = "s", **keys: Any) -> Shadow:
    return Shadow(**{"name": name, "timeout": 1.0, "of": 0, **keys})


def service(*shadows: Shadow, hosts: tuple[str, ...] = ("http://127.0.0.1:9",), patterns: Sequence[str] = (),
            primary: str = "http://127.0.0.1:8", **endpoint: Any) -> Service:
    """One endpoint with one regular backend and these shadows behind it."""
    backends = [Backend(index=0, hosts=(primary,), url_pattern="/p", method="GET")]
    for index, of_it in enumerate(shadows or (shadow(),), 1):
        pattern = patterns[index - 1] if patterns else "/s"
        backends.append(Backend(index=index, hosts=hosts, url_pattern=pattern, method="GET", shadow=of_it))
    keys = {"index": 0, "path": "/e", "method": "GET", "timeout": 1.0, "input_headers": ("*",), **endpoint}
    return Service(endpoints=(Endpoint(backends=tuple(backends), **keys),))


def board(kind: Kind, of: Service) -> Board:
    return board_for(kind, of)


def counts(of: Board) -> dict[str, int]:
    """What is not zero, without the names' common beginning."""
    return {name.removeprefix("understudy_shadow_"): n for name, n in of.values().items()
            if n and name.startswith("understudy_shadow_")}


def pairs(**headers: str) -> list[Pair]:
    return [(canonical(name.replace("_", "-").encode()), value.encode()) for name, value in headers.items()]


def request(target: str = "/e", method: str = "GET", body: Any = b"", **headers: str) -> Request:
    return Request(method.encode(), target.encode(), pairs(**headers), body)


def ask(body: Any = b"", deadline: float = 1e12, **more: Any) -> Ask:
    return Ask(**{"method": "GET", "path": "/e", "params": {}, "query": [], "headers": [], "body": body,
                  "deadline": deadline, **more})


class Mailbox:
    """``async with Mailbox(folder) as box``: listens at ``box.path`` for links; ``box.frames`` is what they said."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "m")
        self.frames: list[Frame] = []
        self.hellos: list[HelloFrame] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._heard = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._serve, self.path)
        return self

    async def __aexit__(self, *of_what: object) -> None:
        assert self._server is not None
        self.reading.set()
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Ends every connection."""
        for writer in self._writers:
            writer.transport.abort()

    async def until(self, count: int) -> list[Frame]:
        """Waits for so many frames, greetings left out."""
        async with asyncio.timeout(10), self._heard:
            await self._heard.wait_for(lambda: len(self.frames) >= count)
        return self.frames

    async def greeted(self, count: int = 1) -> None:
        """Waits for so many greetings."""
        async with asyncio.timeout(10), self._heard:
            await self._heard.wait_for(lambda: len(self.hellos) >= count)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        decoder = FrameDecoder()
        try:
            while True:
                await self.reading.wait()
                data = await reader.read(65536)
                if not data:
                    break
                async with self._heard:
                    for frame in decoder.feed(data):
                        (self.hellos if isinstance(frame, HelloFrame) else self.frames).append(frame)  # type: ignore[attr-defined]
                    self._heard.notify_all()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
