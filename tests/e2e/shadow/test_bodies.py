"""Uploads of every kind: teed without a delay, whole or not copied at all; upgrades are not copied."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.shadow.stage import MIB, at_rest, config, endpoint, shadow
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client, Got
from understudy.testing.gateway import RunningGateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

KINDS = ("json", "noop", "merge", "sequential")
POST: dict[str, Any] = {"method": "POST"}
SOCKET = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


class Lead:
    """A primary that reads by hand: it says when the first bytes of a body are there, and how many came."""

    def __init__(self) -> None:
        self.early = asyncio.Event()
        self.bodies: list[int] = []

    async def before_reading(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"Upgrade: websocket" in head:
            writer.write(SOCKET)
            writer.write(await reader.readexactly(4))
            return True
        if b"chunked" in head:
            size = await self._chunks(reader)
        else:
            lines = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            size = int(lines[0].partition(b":")[2]) if lines else 0
            first = await reader.readexactly(min(size, 5))
            self.early.set()
            await reader.readexactly(size - len(first))
        self.bodies.append(size)
        writer.write(reply({"id": 7, "size": size}))
        return True

    async def _chunks(self, reader: asyncio.StreamReader) -> int:
        total = 0
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
            self.early.set()
            total += size
        await reader.readline()
        return total

    async def __call__(self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        return False


class Stage:
    """A gateway with a shadow on every kind of endpoint that takes bodies."""

    def __init__(self, gateway: RunningGateway, lead: Lead, study: Backend) -> None:
        self.gateway = gateway
        self.lead = lead
        self.study = study

    async def account(self, name: str) -> dict[str, Any]:
        """Of one shadow, at rest and sound."""
        (found,) = await at_rest(self.gateway, name)
        return found

    def copies(self, name: str) -> list[Seen]:
        """What its shadow has seen."""
        return [seen for seen in self.study.seen if seen.target == f"/{name}"]


def _endpoints(lead: str, study: str) -> list[dict[str, Any]]:
    def regular(path: str, **more: Any) -> dict[str, Any]:
        return {"url_pattern": path, "host": [lead], **POST, **more}

    def sent(name: str, **options: Any) -> dict[str, Any]:
        return shadow(study, f"/{name}", name=name, of=0, entry=POST, **options)

    sequential = {"extra_config": {"proxy": {"sequential": True}}}
    passing = {"output_encoding": "no-op"}
    return [
        endpoint("/json", [regular("/a"), sent("json")], **POST),
        endpoint("/noop", [regular("/a"), sent("noop")], **POST, **passing),
        endpoint("/merge", [regular("/a"), regular("/b", group="b"), sent("merge")], **POST),
        endpoint("/sequential", [regular("/a"), regular("/b/{resp0_id}", group="b"), sent("sequential")],
                 **POST, **sequential),
        endpoint("/broken", [regular("/a"), sent("broken")], **POST),
        endpoint("/large", [regular("/a"), sent("large")], **POST, **passing),
        endpoint("/stalled", [regular("/a"), sent("stalled")], timeout="300ms", **POST, **passing),
        endpoint("/after", [regular("/a"), sent("after", start="after")], **POST),
        endpoint("/socket", [{"url_pattern": "/a", "host": [lead]}, shadow(study, "/socket", name="socket", of=0)],
                 **passing),
    ]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    lead = Lead()
    async with Backend(lead) as primary, Backend(reply({"copy": 1})) as study:
        async with RunningGateway(config(_endpoints(primary.url, study.url))) as gateway:
            yield Stage(gateway, lead, study)


async def _chunked(client: Client, path: str, *chunks: bytes, end: bool = True) -> None:
    await client.send(f"POST {path} HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    for chunk in chunks:
        await client.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    if end:
        await client.send(b"0\r\n\r\n")


async def _in_pieces(client: Client, path: str, body: bytes) -> Got:
    await client.send(f"POST {path} HTTP/1.1\r\nHost: g\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    for at in range(0, len(body), 1000):
        await client.send(body[at : at + 1000])
        await asyncio.sleep(0)
    return await client.read()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_body_is_copied_whole_however_it_comes(kind: str, stage: Stage) -> None:
    """At once, in pieces, in chunks, and after an ``Expect: 100-continue``; the copy keeps the framing."""
    body = bytes(range(256)) * 20
    async with Client(stage.gateway.port) as client:
        assert (await client.ask("POST", f"/{kind}", body)).status == 200
        assert (await _in_pieces(client, f"/{kind}", body)).status == 200
        await _chunked(client, f"/{kind}", body[:1], body[1:3000], body[3000:])
        assert (await client.read()).status == 200
        head = f"POST /{kind} HTTP/1.1\r\nHost: g\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
        await client.send(head.encode())
        await client.reader.readuntil(b" 100 Continue\r\n\r\n")
        await client.send(b"last")
        assert (await client.read()).status == 200
    account = await stage.account(kind)
    assert account["answered"] == account["eligible"] == 4
    assert [seen.body for seen in stage.copies(kind)] == [body, body, body, b"last"]
    assert [seen.header("transfer-encoding") for seen in stage.copies(kind)] == [None, None, "chunked", None]
    assert all(seen.header("expect") is None for seen in stage.copies(kind))


async def test_an_upload_reaches_the_primary_while_it_is_still_arriving(stage: Stage) -> None:
    """The copy waits for the end; the primary does not."""
    async with Client(stage.gateway.port) as client:
        await client.send(b"POST /noop HTTP/1.1\r\nHost: g\r\nContent-Length: 30\r\n\r\n")
        stage.lead.early.clear()
        before = len(stage.copies("noop"))
        await client.send(b"first five")
        async with asyncio.timeout(10):
            await stage.lead.early.wait()
        assert len(stage.copies("noop")) == before
        await client.send(b"and the other twenty")
        assert (await client.read()).status == 200
    await stage.account("noop")
    assert stage.copies("noop")[-1].body == b"first fiveand the other twenty"


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_upload_that_breaks_off_is_never_copied_as_if_it_were_whole(chunked: bool, stage: Stage) -> None:
    """The copy is given up: body_incomplete."""
    before = (await stage.account("broken"))["dropped"].get("body_incomplete", 0)
    async with Client(stage.gateway.port) as client:
        if chunked:
            await _chunked(client, "/broken", b"a part", end=False)
        else:
            await client.send(b"POST /broken HTTP/1.1\r\nHost: g\r\nContent-Length: 100\r\n\r\na part")
        await _until_eligible(stage, "broken", before + 1)
        client.writer.transport.abort()
    account = await stage.account("broken")
    assert account["dropped"] == {"body_incomplete": before + 1}
    assert account["sent"] == 0 and stage.copies("broken") == []


async def _until_eligible(stage: Stage, name: str, count: int) -> None:
    async with asyncio.timeout(10):
        while (await stage.gateway.shadows())[name]["eligible"] < count:
            await asyncio.sleep(0.02)


async def test_a_streamed_body_over_the_limit_is_served_and_counted(stage: Stage) -> None:
    """Five MiB, in chunks and declared; nothing of it stays."""
    chunk = b"x" * 65536
    async with Client(stage.gateway.port) as client:
        await _chunked(client, "/large", *[chunk] * 80)
        assert (await client.read()).status == 200
        assert (await client.ask("POST", "/large", chunk * 80)).status == 200
    assert stage.lead.bodies[-2:] == [80 * 65536] * 2
    account = await stage.account("large")
    assert account["skipped"] == {"body_too_large": 2} and stage.copies("large") == []


async def test_a_stalled_upload_holds_neither_the_timeout_nor_anybody_else(stage: Stage) -> None:
    """The endpoint's 300 ms pass; others are served and copied in the meantime."""
    async with Client(stage.gateway.port) as stalled, Client(stage.gateway.port) as other:
        stage.lead.early.clear()
        await stalled.send(b"POST /stalled HTTP/1.1\r\nHost: g\r\nContent-Length: 1000\r\n\r\nonly this")
        async with asyncio.timeout(10):
            await stage.lead.early.wait()
        before = (await stage.gateway.shadows())["json"]["eligible"]
        for _ in range(20):
            assert (await other.ask("POST", "/json", b"quick")).status == 200
        got = await stalled.read()
        assert got.status >= 500
    account = await stage.account("stalled")
    assert account["dropped"] == {"body_incomplete": 1} and stage.copies("stalled") == []
    assert (await stage.account("json"))["answered"] == before + 20


async def test_many_stalled_uploads_hold_a_bounded_amount_of_memory(stage: Stage) -> None:
    """A hundred, of half a MiB each: what is over ``link_bytes`` is given up, and everything is given back."""
    normal, before = stage.gateway.resident(), (await stage.account("broken"))["eligible"]
    clients = [Client(stage.gateway.port) for _ in range(100)]
    for client in clients:
        await client.__aenter__()
        await client.send(b"POST /broken HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000\r\n\r\n")
        client.writer.write(b"s" * 500_000)
    await _until_eligible(stage, "broken", before + len(clients))
    assert stage.gateway.resident() <= normal + 64 * MIB
    for client in clients:
        client.writer.transport.abort()
    account = await stage.account("broken")
    assert set(account["dropped"]) <= {"body_incomplete", "body_memory"} and account["sent"] == 0
    async with Client(stage.gateway.port) as client:
        assert (await client.ask("POST", "/json", b"z" * 900_000)).status == 200
    await stage.account("json")
    assert stage.copies("json")[-1].body == b"z" * 900_000


async def test_a_copy_that_starts_after_the_primary_has_the_body_too(stage: Stage) -> None:
    """Whole, and after the primary's answer."""
    async with Client(stage.gateway.port) as client:
        assert (await _in_pieces(client, "/after", b"y" * 5000)).status == 200
    account = await stage.account("after")
    assert account["answered"] == 1 and [seen.body for seen in stage.copies("after")] == [b"y" * 5000]


async def test_a_websocket_is_served_and_not_copied(stage: Stage) -> None:
    """Counted as an upgrade."""
    async with Client(stage.gateway.port) as client:
        await client.send(
            b"GET /socket HTTP/1.1\r\nHost: g\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert (await client.read()).status == 101
        await client.send(b"ping")
        assert await client.reader.readexactly(4) == b"ping"
    account = await stage.account("socket")
    assert account["skipped"] == {"upgrade": 1} and stage.copies("socket") == []
