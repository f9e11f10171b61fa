"""The configurations under ``examples/``, their services on free ports, and asks that reach every endpoint."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from examples.backends import services
from msgspec import Struct

from understudy.config.formats import format_of, parse
from understudy.config.model import Endpoint, Service
from understudy.config.read import read_text
from understudy.testing.backend import Backend
from understudy.testing.gateway import RunningGateway, free_port

FOLDER = Path(__file__).parents[2] / "examples"
FILES = ("shop.json", "bank.json", "media.yaml", "mobile.json", "travel.toml")
PEOPLE = ("7", "missing", "a-1", "top")
"""Four clients, each with a value for path parameters; the services do not know ``missing``."""


class Answer(Struct, frozen=True):
    """What a client got: everything but the date."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for n, value in self.headers if n.lower() == name.lower()), None)


class Ask(Struct, frozen=True):
    """One request of a client."""

    endpoint: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None = None
    chunked: bool = False


class Stage:
    """An example whose services answer on free ports."""

    def __init__(self, name: str, text: str, backends: dict[str, Backend]) -> None:
        self.name = name
        self.text = text
        self.backends = backends

    @property
    def service(self) -> Service:
        """As the gateway reads it."""
        return read_text(self.text.encode(), self.name, {}, FOLDER)

    def data(self) -> dict[str, Any]:
        """The file as plain data."""
        found: dict[str, Any] = parse(self.text.encode(), format_of(self.name))
        return found

    def without_shadows(self) -> dict[str, Any]:
        """The same configuration before anybody thought of an understudy."""
        data = self.data()
        for endpoint in data["endpoints"]:
            endpoint["backend"] = [b for b in endpoint["backend"]
                                   if not b.get("extra_config", {}).get("proxy", {}).get("shadow")]
        return data

    def marked(self) -> int:
        """How many copies have arrived, at all services together."""
        return sum(1 for b in self.backends.values() for s in b.seen if s.header("x-understudy-shadow") is not None)


@asynccontextmanager
async def staged(name: str) -> AsyncIterator[Stage]:
    """An example with its services running."""
    text = (FOLDER / name).read_text()
    async with AsyncExitStack() as stack:
        backends = {}
        for port, answer in services(Path(name).stem).items():
            backends[port] = await stack.enter_async_context(Backend(answer))
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{backends[port].port}")
        yield Stage(name, text, backends)


class RunningFile(RunningGateway):
    """``understudy run`` on a file as it is, in its own format."""

    def __init__(self, name: str, text: str) -> None:
        port = free_port()
        super().__init__({"port": port}, arguments=("-p", str(port)))
        self.path = self.folder / name
        self._text = text

    def write(self, config: dict[str, Any]) -> None:
        """The text, whatever the data says."""
        self.path.write_text(self._text)


def asks_of(service: Service) -> list[Ask]:
    """Every endpoint, asked by every one of ``PEOPLE``; the last of them uploads in chunks."""
    return [_ask(endpoint, who, value) for endpoint in service.endpoints for who, value in enumerate(PEOPLE)]


def _ask(endpoint: Endpoint, who: int, value: str) -> Ask:
    path = endpoint.path
    for name in endpoint.params:
        path = path.replace("{" + name + "}", value)
    query = f"q=red+lamp&page={who}&sort=price&cursor=c{who}&size=2&from=a&to=b&limit=1&reader=r{who}&unknown=1"
    headers = {
        "Host": "www.example", "Authorization": f"Bearer t{who}", "Cookie": f"traveller=t{who}; cart=1",
        "Accept": ("*/*", "application/xml", "text/plain", "application/json")[who],
        "Accept-Language": ("de", "en", "de-AT", "fr")[who], "User-Agent": "example/1", "X-Real-Ip": "192.0.2.7",
        "X-Session": f"s{who}", "X-Customer": f"c{who}", "X-Device": f"d{who}", "X-Traveller": f"t{who}",
        "X-App-Version": ("4.0", "3.9", "4.1", "4.2")[who], "X-Sensor": "s", "Range": "bytes=0-7",
        "If-None-Match": '"v1"', "Idempotency-Key": f"k{who}",
    }  # fmt: skip
    if endpoint.method in ("GET", "DELETE"):
        return Ask(endpoint.index, endpoint.method, f"{path}?{query}", headers)
    body = b'{"who":%d}' % who
    headers["Content-Type"] = "application/json"
    return Ask(endpoint.index, endpoint.method, f"{path}?{query}", headers, body, chunked=who == len(PEOPLE) - 1)


async def answers(port: int, asks: Iterable[Ask]) -> list[Answer]:
    """What a client on one keep-alive connection gets, in order."""
    return await asyncio.to_thread(_answers, port, list(asks))


def _answers(port: int, asks: list[Ask]) -> list[Answer]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    out = []
    try:
        for ask in asks:
            body: Any = [ask.body] if ask.chunked and ask.body is not None else ask.body
            connection.request(ask.method, ask.target, body, ask.headers, encode_chunked=ask.chunked)
            got = connection.getresponse()
            headers = tuple((name, value) for name, value in got.getheaders() if name != "Date")
            out.append(Answer(got.status, got.reason, headers, got.read()))
    finally:
        connection.close()
    return out


def data_of(answer: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.body)
