"""The acceptance table of shadowing, row by row, over real sockets. (Deaths and reloads: test_deaths.)"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.shadow.stage import MIB, Watch, at_rest, config, endpoint, shadow, without_shadows
from tests.e2e.shadow.users import ask, get, post
from understudy.testing import faults
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway, free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEN = range(10)
RETRIES = ("/merge", "/json", "/two")


async def lead_answer(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """The primary: says what it was asked; slow or failing where the path says so."""
    if seen.target.startswith("/never"):
        await asyncio.sleep(60)
    if seen.target.startswith("/slow"):
        await asyncio.sleep(0.5)
    writer.write(reply({"target": seen.target, "body": seen.body.decode("latin-1")[:100], "list": list(range(30))}))
    await writer.drain()
    return True


class Theatre:
    """One gateway with all the shadows of the table, and its twin without them."""

    def __init__(
        self, gateway: RunningGateway, twin: RunningGateway, lead: Backend, study: Backend, hung: Backend, deaf: Backend
    ) -> None:
        self.gateway = gateway
        self.twin = twin
        self.lead = lead
        self.study = study
        """The shadow that answers; each endpoint has paths of its own there."""
        self.hung = hung
        self.deaf = deaf

    def copies(self, path: str) -> list[Seen]:
        """What the shadow has seen of a path."""
        return [seen for seen in self.study.seen if seen.target.partition("?")[0] == path]

    def originals(self, path: str) -> list[Seen]:
        """What the primary has seen of a path."""
        return [seen for seen in self.lead.seen if seen.target.partition("?")[0] == path]

    async def account(self, name: str) -> dict[str, Any]:
        """Of one shadow, at rest and sound."""
        (found,) = await at_rest(self.gateway, name)
        return found


def _settings(lead: str, study: str, hung: str, deaf: str, failing: dict[str, str]) -> dict[str, Any]:
    def regular(path: str, **more: Any) -> dict[str, Any]:
        return {"url_pattern": path, "host": [lead], **more}

    def one(path: str, *shadows: dict[str, Any], **more: Any) -> dict[str, Any]:
        method = {"method": more["method"]} if "method" in more else {}
        return endpoint(path, [regular(path, **method), *shadows], **more)

    def sent(path: str, **options: Any) -> dict[str, Any]:
        return shadow(study, path, of=0, **options)

    as_post: dict[str, Any] = {"method": "POST"}
    return config([
        one("/basic", sent("/understudy/basic", name="basic")),
        one("/bodies", *(sent(f"/bodies/{n}", name=f"bodies-{n}", entry=as_post) for n in TEN), **as_post),
        one("/ten", sent("/ten", name="ten", percent=10)), one("/fifty", sent("/fifty", name="fifty", percent=50)),
        one("/sticky", sent("/at-ten", name="at-ten", percent=10, sticky_by="header:X-User"),
            sent("/at-five", name="at-five", percent=5, sticky_by="header:X-User")),
        one("/zero", sent("/zero", name="zero", percent=0)), one("/unset", sent("/unset", name="unset")),
        one("/half", sent("/half", name="half", percent=0.5)),
        one("/hung", shadow(hung, "/hung", "8s", name="hung", of=0)),
        *(one(f"/{name}", shadow(host, "/x", "4s", name=name, of=0)) for name, host in failing.items()),
        one("/deaf", shadow(deaf, "/deaf", "1s", name="deaf", of=0, entry=as_post), **as_post),
        one("/flood", shadow(hung, "/flood", "3s", name="flood", of=0, breaker=False)),
        one("/slow", sent("/slow", name="slow")),
        one("/never", sent("/never", name="never"), timeout="100ms"),
        one("/limit", sent("/limit", name="limit", max_body=8, entry=as_post), **as_post),
        one("/loop", sent("/loop", name="loop")),
        one("/headers", sent("/headers", name="headers", host_header="rehearsal.example", credentials=[],
                             headers={"set": {"X-Rehearsal": "yes", "X-Changed": "new"}, "remove": ["X-Gone"]})),
        one("/amplify", sent("/amplify", name="amplify", amplify=10)),
        one("/json", sent("/json", name="json")),
        endpoint("/merge", [regular("/m1", group="a"), regular("/m2", group="b"), sent("/merge", name="merge")]),
        endpoint("/two", [regular("/t1"), regular("/t2", group="b"),
                          shadow(failing["reset"], "/two", "4s", name="two-reset", of=0), sent("/two", name="two")],
                 concurrent_calls=2),
    ])  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theatre() -> AsyncIterator[Theatre]:
    async with AsyncExitStack() as stack:
        async def up(answer: Any) -> Backend:
            return await stack.enter_async_context(Backend(answer))

        lead, study, hung, deaf = await up(lead_answer), await up(reply({"copy": 1})), await up(faults.hang), \
            await up(faults.never_reads)
        failing = {"refused": f"http://127.0.0.1:{free_port()}", "dns": "http://nobody.invalid"}
        for name, script in {"garbage": faults.garbage, "cut": faults.half, "reset": faults.reset}.items():
            failing[name] = (await up(script)).url
        failing["tls"] = (await up(faults.clear_text)).url.replace("http:", "https:")
        settings = _settings(lead.url, study.url, hung.url, deaf.url, failing)
        gateway = await stack.enter_async_context(RunningGateway(settings))
        twin = await stack.enter_async_context(RunningGateway(without_shadows(settings)))
        yield Theatre(gateway, twin, lead, study, hung, deaf)


async def test_basic(theatre: Theatre) -> None:
    """The client gets the primary's answer; the shadow saw exactly one request with its own path."""
    async with Client(theatre.gateway.port) as client:
        got = await client.get("/basic?q=1")
    assert got.status == 200 and json.loads(got.body)["target"] == "/basic?q=1"
    account = await theatre.account("basic")
    assert [seen.target for seen in theatre.copies("/understudy/basic")] == ["/understudy/basic?q=1"]
    assert (account["eligible"], account["answered"]) == (1, 1)
    assert len(theatre.originals("/basic")) == 1


async def test_bodies(theatre: Theatre) -> None:
    """The primary and all ten shadows read exactly ``body``."""
    async with Client(theatre.gateway.port) as client:
        got = await client.ask("POST", "/bodies", b"body")
    assert json.loads(got.body)["body"] == "body"
    await at_rest(theatre.gateway)
    assert [seen.body for seen in theatre.originals("/bodies")] == [b"body"]
    assert [[seen.body for seen in theatre.copies(f"/bodies/{n}")] for n in TEN] == [[b"body"]] * 10


@pytest.mark.parametrize(("path", "copies"), [("/ten", 1), ("/fifty", 5)])
async def test_exact_share(path: str, copies: int, theatre: Theatre) -> None:
    """10 requests at 10 % and at 50 %: exactly 1 and 5."""
    async with Client(theatre.gateway.port) as client:
        for _ in range(10):
            await client.get(path)
    account = await theatre.account(path[1:])
    assert len(theatre.copies(path)) == account["sent"] == copies
    assert account["skipped"] == {"percent": 10 - copies}


async def test_share_by_key(theatre: Theatre) -> None:
    """1,000 users, three passes: the same users each pass, 100 ± 28; those at 5 % are a subset of those at 10 %."""
    def make(n: int) -> bytes:
        return f"GET /sticky?pass={n // 1000} HTTP/1.1\r\nHost: g\r\nX-User: user-{n % 1000}\r\n\r\n".encode()

    heard = await ask(theatre.gateway.port, 3000, make)
    assert heard.errors == []
    await at_rest(theatre.gateway)

    def chosen(path: str, number: int) -> set[str | None]:
        return {s.header("x-user") for s in theatre.copies(path) if s.target.endswith(f"pass={number}")}

    at_ten, at_five = chosen("/at-ten", 0), chosen("/at-five", 0)
    assert chosen("/at-ten", 1) == chosen("/at-ten", 2) == at_ten
    assert chosen("/at-five", 1) == chosen("/at-five", 2) == at_five
    assert 72 <= len(at_ten) <= 128 and at_five < at_ten


async def test_traps(theatre: Theatre) -> None:
    """Percent 0: no copies; unset: all; 0.5 over 20,000: 100 ± 30."""
    for path, count in (("/zero", 300), ("/unset", 300), ("/half", 20_000)):
        heard = await ask(theatre.gateway.port, count, get(path))
        assert heard.errors == [] and len(heard.answers) == count
    zero, unset, half = await at_rest(theatre.gateway, "zero", "unset", "half")
    assert zero["sent"] == 0 and zero["skipped"] == {"percent": 300} and theatre.copies("/zero") == []
    assert unset["eligible"] == 300 == unset["sent"] + sum(unset["dropped"].values()) and unset["skipped"] == {}
    assert len(theatre.copies("/unset")) == unset["sent"] > 0
    assert 20_000 - half["skipped"]["percent"] == 100
    assert len(theatre.copies("/half")) == half["sent"]


async def test_hung_shadow(theatre: Theatre) -> None:
    """50 requests on one keep-alive connection: each answered in its normal time, the connection used for all 50."""
    async with Client(theatre.gateway.port, timeout=4.0) as client:
        for n in range(50):
            got = await client.get(f"/hung?n={n}")
            assert got.status == 200 and got.header("connection") is None
    await theatre.hung.wait_for(50)
    (account,) = [row for name, row in (await theatre.gateway.shadows()).items() if name == "hung"]
    assert account["in_flight"] == 50, "all of them were answered while none of their copies was"


@pytest.mark.parametrize("reason", ["refused", "dns", "tls", "garbage", "cut", "reset"])
async def test_refused_unresolvable_tls_failure_garbage_half_a_response_reset(reason: str, theatre: Theatre) -> None:
    """200 for all; the failure counted under its own reason."""
    async with Client(theatre.gateway.port) as client:
        for _ in range(5):
            assert (await client.get(f"/{reason}")).status == 200
    account = await theatre.account(reason)
    assert account["failed"] == {reason: 5} and account["dropped"] == {}


async def test_shadow_stops_reading(theatre: Theatre) -> None:
    """64 KiB body, the shadow's socket blocked: the primary completes; the copy is given up and counted."""
    body = b"b" * 65536
    async with Client(theatre.gateway.port) as client:
        got = await client.ask("POST", "/deaf", body)
    assert got.status == 200
    assert [len(seen.body) for seen in theatre.originals("/deaf")] == [65536]
    account = await theatre.account("deaf")
    assert account["failed"] == {"timeout": 1}


async def test_flood_with_a_dead_shadow(theatre: Theatre) -> None:
    """10,000 requests: in flight at most 100, memory flat, dropped = the rest, the primary's p99 within noise."""
    plain = await ask(theatre.twin.port, 10_000, get("/flood"))
    normal = theatre.gateway.resident()
    async with Watch(theatre.gateway, theatre.hung.port) as watch:
        heard = await ask(theatre.gateway.port, 10_000, get("/flood"))
        account = await theatre.account("flood")
    assert heard.errors == [] and heard.answers == plain.answers
    assert watch.connections <= 100 + 50, "those of this shadow, and those of the one before"
    assert watch.memory <= normal + 64 * MIB
    assert account["sent"] == sum(account["failed"].values()) == account["failed"]["timeout"] >= 100
    assert account["dropped"] == {"max_in_flight": 10_000 - account["sent"]}
    assert heard.quantile(0.99) < plain.quantile(0.99) + 1.0


async def test_client_leaves_early(theatre: Theatre) -> None:
    """Reset while the primary runs: both sides end, nothing leaks, and the copy goes its way."""
    async with Client(theatre.gateway.port) as client:
        await client.get("/basic")
        before = theatre.gateway.descriptors()
    for _ in range(20):
        async with Client(theatre.gateway.port) as client:
            await client.send(b"GET /slow HTTP/1.1\r\nHost: g\r\n\r\n")
            await theatre.lead.wait_for(len(theatre.lead.seen) + 1)
            client.writer.transport.abort()
    account = await theatre.account("slow")
    assert account["eligible"] == account["answered"] == len(theatre.copies("/slow")) == 20
    await _until(lambda: theatre.gateway.descriptors() <= before + 2)


async def test_primary_fails(theatre: Theatre) -> None:
    """It is too slow for its 100 ms: the client gets its error, the copy is sent, the primary's time is counted."""
    async with Client(theatre.gateway.port) as client, Client(theatre.twin.port) as plain:
        got, expected = await client.get("/never"), await plain.get("/never")
    assert (got.status, got.body) == (expected.status, expected.body) and got.status >= 500
    account = await theatre.account("never")
    assert account["answered"] == 1
    assert (await theatre.gateway.shadows())["never"]["primary_p50"] >= 0.05


async def test_limit_on_bodies(theatre: Theatre) -> None:
    """Limit 8: 8 bytes are copied; 9 bytes, and 65 KiB in chunks, are served and counted as too large."""
    async with Client(theatre.gateway.port) as client:
        for body in (b"12345678", b"123456789"):
            assert json.loads((await client.ask("POST", "/limit", body)).body)["body"] == body.decode()
        await client.send(b"POST /limit HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(65):
            await client.send(b"400\r\n" + b"s" * 1024 + b"\r\n")
        await client.send(b"0\r\n\r\n")
        assert (await client.read()).status == 200
    account = await theatre.account("limit")
    assert account["skipped"] == {"body_too_large": 2} and account["answered"] == 1
    assert [seen.body for seen in theatre.copies("/limit")] == [b"12345678"]
    assert [len(seen.body) for seen in theatre.originals("/limit")] == [8, 9, 65 * 1024]


async def test_loops(theatre: Theatre) -> None:
    """A marked request is served, not copied."""
    async with Client(theatre.gateway.port) as client:
        got = await client.get("/loop", ("X-Understudy-Shadow", "0123456789abcdef"))
    account = await theatre.account("loop")
    assert got.status == 200 and account["skipped"] == {"loop": 1} and theatre.copies("/loop") == []


async def test_headers(theatre: Theatre) -> None:
    """Set, remove and host on the copy; the primary's request is untouched; credentials are absent from the copy."""
    given = [("X-Gone", "g"), ("X-Changed", "old"), ("Authorization", "Bearer s3cret"), ("Cookie", "sid=s3cret")]
    async with Client(theatre.gateway.port) as client, Client(theatre.twin.port) as plain:
        await client.get("/headers", *given, ("Host", "g"))
        await plain.get("/headers", *given, ("Host", "g"))
    await theatre.account("headers")
    with_shadow, without = theatre.originals("/headers")
    (copy,) = theatre.copies("/headers")
    assert sorted(with_shadow.headers) == sorted(without.headers)
    fields = dict(copy.headers)
    assert fields["host"] == "rehearsal.example" and fields["x-rehearsal"] == "yes" and fields["x-changed"] == "new"
    assert not {"x-gone", "authorization", "cookie"} & set(fields)
    assert len(fields["x-understudy-shadow"]) == 16


@pytest.mark.parametrize("path", RETRIES)
async def test_retries_and_merges_under_50_parallel_clients(path: str, theatre: Theatre) -> None:
    """1,000 JSON answers: every one byte-identical to what it is without the shadow."""
    plain = await ask(theatre.twin.port, 1000, get(path), users=50)
    heard = await ask(theatre.gateway.port, 1000, get(path), users=50)
    assert heard.errors == plain.errors == [] and len(heard.answers) == 1000
    assert heard.answers == plain.answers
    await at_rest(theatre.gateway)


async def test_amplify_10(theatre: Theatre) -> None:
    """1 request: 10 copies, 1 primary call."""
    async with Client(theatre.gateway.port) as client:
        assert (await client.get("/amplify")).status == 200
    account = await theatre.account("amplify")
    assert account["eligible"] == account["answered"] == len(theatre.copies("/amplify")) == 10
    assert account["not_compared"]["amplified"] == 9
    assert len(theatre.originals("/amplify")) == 1


async def test_every_post_of_thousands_is_answered_and_its_copy_has_the_whole_body(theatre: Theatre) -> None:
    """Concurrent bodies are not mixed up."""
    def make(n: int) -> bytes:
        return post("/bodies", b"%d:" % n + b"x" * (n % 3000))(n)

    before = len(theatre.copies("/bodies/3"))
    heard = await ask(theatre.gateway.port, 1000, make)
    assert heard.errors == [] and heard.statuses == {200}
    account = await theatre.account("bodies-3")
    copies = theatre.copies("/bodies/3")[before:]
    assert len(copies) == account["sent"] - before
    for seen in copies:
        number = int(seen.target.rpartition("=")[2])
        assert seen.body == b"%d:" % number + b"x" * (number % 3000)


async def _until(what: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.05)
