"""Many users at once, each on a keep-alive connection, who remember every byte that they get."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from typing import cast

_DATE = re.compile(rb"\r\nDate: [^\r]*")
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)")

Make = Callable[[int], bytes]
"""The request with this number, as bytes."""


def get(path: str, *headers: str) -> Make:
    """GETs of ``path?n=NUMBER``."""
    more = "".join(f"{line}\r\n" for line in headers)
    return lambda n: f"GET {path}?n={n} HTTP/1.1\r\nHost: gateway\r\n{more}\r\n".encode()


def post(path: str, body: bytes) -> Make:
    """POSTs of this body to ``path?n=NUMBER``."""
    return lambda n: b"POST %b?n=%d HTTP/1.1\r\nHost: gateway\r\nContent-Length: %d\r\n\r\n%b" % (
        path.encode(), n, len(body), body
    )  # fmt: skip


class Heard:
    """What all users together have got."""

    def __init__(self) -> None:
        self.answers: dict[int, bytes] = {}
        """By the number of the request: status line, header fields but Date, and body."""
        self.errors: list[str] = []
        self.seconds: list[float] = []

    @property
    def statuses(self) -> set[int]:
        """All that were seen."""
        return {int(answer[9:12]) for answer in self.answers.values()}

    def quantile(self, q: float) -> float:
        """Seconds within which this share of requests was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * q))]


async def ask(port: int, count: int, make: Make, *, users: int = 50, seconds: float = 60.0) -> Heard:
    """So many requests from so many users. Raises ``TimeoutError``."""
    heard, numbers = Heard(), iter(range(count))
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: _User(numbers, make, heard), "127.0.0.1", port) for _ in range(users)]
    async with asyncio.timeout(seconds):
        await asyncio.gather(*(user.done for _, user in made))
    return heard


class _User(asyncio.Protocol):
    """One connection: a request, its answer, the next one."""

    def __init__(self, numbers: Iterator[int], make: Make, heard: Heard) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._numbers = numbers
        self._make = make
        self._heard = heard
        self._number: int | None = None
        self._asked = 0.0
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        self._number = next(self._numbers, None)
        if self._number is None:
            self._transport.close()
            self._finish()
            return
        self._asked = time.monotonic()
        self._transport.write(self._make(self._number))

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0 or self._number is None:
            return
        head = self._got[: end + 2]
        length = _LENGTH.search(head)
        if length is None:
            self._heard.errors.append(f"no length: {head!r}")
            self._transport.abort()
            return
        body = self._got[end + 4 :]
        if len(body) < int(length[1]):
            return
        self._heard.seconds.append(time.monotonic() - self._asked)
        self._heard.answers[self._number] = _DATE.sub(b"", head) + body
        self._got = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._heard.errors.append(f"the connection ended before answer {self._number}: {exc!r}")
            self._finish()

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
