"""Whatever a shadow does, users notice nothing: their bytes, their errors, the gateway's memory, the account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.shadow.stage import MIB, Watch, at_rest, config, endpoint, shadow, without_shadows
from tests.e2e.shadow.users import ask, get
from understudy.testing import faults
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.gateway import RunningGateway, free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

KINDS = ("json", "noop", "merge")
"""Endpoints of every kind have such a shadow; the merging one has a breaker, which spares it."""
IN_FLIGHT = 8
REQUESTS = 1000
"""Of each kind of endpoint, for each fault."""

SERVED: dict[str, tuple[faults.Script, set[str]]] = {
    "hang": (faults.hang, {"timeout"}),
    "reset": (faults.reset, {"reset"}),
    "close": (faults.close, {"closed"}),
    "garbage": (faults.garbage, {"garbage"}),
    "half": (faults.half, {"cut"}),
    "half-then-reset": (faults.half_then_reset, {"reset"}),
    "endless": (faults.endless, {"timeout", "limit"}),
    "drip": (faults.drip, {"timeout"}),
    "never-reads": (faults.never_reads, {"timeout"}),
    "huge": (faults.huge, {"timeout", "limit"}),
    "gzip-bomb": (faults.gzip_bomb, set()),
    "big-headers": (faults.big_headers, {"limit"}),
    "deep-json": (faults.deep_json, set()),
}
"""What the shadow does, and under which reasons its copies fail; none: they are answered."""
UNSERVED = {"refuse": {"refused"}, "dns": {"dns"}, "tls": {"tls"}}
SHORT, LONG = "400ms", "8s"
"""Timeouts of shadows that never come to an end, and of those whose end must be seen even on a busy machine."""
READS = {"reset", "close", "garbage", "half", "half-then-reset", "big-headers", "deep-json", "gzip-bomb"}
"""Those who answer within every timeout: they have seen each copy that was sent."""


def primary(seen: Seen) -> bytes:
    """Says which request it answers, in more words than fit into one packet."""
    return reply({"target": seen.target, "words": "so many words " * 20}, headers=[("X-Primary", "yes")])


class Stage:
    """One gateway with a shadow of each fault on each kind of endpoint, and its twin without any."""

    def __init__(self, gateway: RunningGateway, twin: RunningGateway, shadows: dict[str, Backend]) -> None:
        self.gateway = gateway
        self.twin = twin
        self.shadows = shadows
        self.normal = 0
        """Bytes of memory of the process tree after ordinary traffic."""
        self.plain: dict[str, dict[int, bytes]] = {}
        """What users get of each kind of endpoint without a shadow."""


def _endpoints(fault: str, primary_url: str, host: str) -> list[dict[str, Any]]:
    out = []
    timeout = SHORT if "timeout" in SERVED.get(fault, (None, set()))[1] else LONG
    for kind in KINDS:
        understudy = shadow(
            host, "/copy", timeout, name=f"{kind}-{fault}", max_in_flight=IN_FLIGHT, of=0, breaker=kind == "merge"
        )
        regular = [{"url_pattern": "/p", "host": [primary_url]}]
        if kind == "merge":
            regular.append({"url_pattern": "/q", "host": [primary_url], "group": "second"})
        encoding = {"output_encoding": "no-op"} if kind == "noop" else {}
        out.append(endpoint(f"/{kind}/{fault}", [*regular, understudy], **encoding))
    return out


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        served = {name: await stack.enter_async_context(Backend(script)) for name, (script, _) in SERVED.items()}
        lead = await stack.enter_async_context(Backend(primary))
        clear = await stack.enter_async_context(Backend(faults.clear_text))
        hosts = {name: backend.url for name, backend in served.items()}
        hosts |= {
            "refuse": f"http://127.0.0.1:{free_port()}",
            "dns": "http://nobody.invalid",
            "tls": clear.url.replace("http:", "https:"),
        }
        settings = config([e for name, host in hosts.items() for e in _endpoints(name, lead.url, host)])
        settings["endpoints"].append(endpoint("/plain", [{"url_pattern": "/p", "host": [lead.url]}]))
        gateway = await stack.enter_async_context(RunningGateway(settings))
        twin = await stack.enter_async_context(RunningGateway(without_shadows(settings)))
        made = Stage(gateway, twin, served)
        for kind in KINDS:
            heard = await ask(twin.port, REQUESTS, get(f"/{kind}/hang"))
            assert heard.errors == [] and heard.statuses == {200} and len(heard.answers) == REQUESTS
            made.plain[kind] = heard.answers
        await ask(gateway.port, REQUESTS, get("/plain"))
        made.normal = gateway.resident()
        yield made


@pytest.mark.parametrize("fault", [*SERVED, *UNSERVED])
async def test_users_notice_nothing_of_a_shadow_that(fault: str, stage: Stage) -> None:
    """Thousands of concurrent requests; bytes as without the shadow; bounded in connections and in memory."""
    backend = stage.shadows.get(fault)
    ports = (backend.port,) if backend is not None else ()
    async with Watch(stage.gateway, *ports) as watch:
        heard = await asyncio.gather(*(ask(stage.gateway.port, REQUESTS, get(f"/{kind}/{fault}")) for kind in KINDS))
        accounts = await at_rest(stage.gateway, *(f"{kind}-{fault}" for kind in KINDS))
    for kind, users in zip(KINDS, heard, strict=True):
        assert users.errors == []
        assert users.answers == stage.plain[kind]
    assert watch.connections <= IN_FLIGHT * len(KINDS)
    assert watch.memory <= stage.normal + 64 * MIB
    assert stage.gateway.resident() <= stage.normal + 64 * MIB
    _assert_counted(fault, accounts, backend)


def _assert_counted(fault: str, accounts: list[dict[str, Any]], backend: Backend | None) -> None:
    """Each failure under its own reason, and as many copies as the shadow has seen."""
    expected = SERVED[fault][1] if fault in SERVED else UNSERVED[fault]
    for account in accounts:
        assert account["eligible"] == REQUESTS and account["sent"] > 0
        assert set(account["failed"]) <= expected
        assert bool(account["failed"]) == bool(expected)
        assert account["answered"] == (0 if expected else account["sent"])
        assert set(account["dropped"]) <= {"max_in_flight", "breaker"}
        assert account["skipped"] == {}
    sent = sum(account["sent"] for account in accounts)
    if backend is not None and fault in READS:
        assert len(backend.seen) == sent
    elif backend is not None:
        assert len(backend.seen) <= sent


async def test_users_notice_nothing_of_all_of_them_at_once(stage: Stage) -> None:
    """And afterwards nothing is left of it: the descriptors are as many as before."""
    faults_and_kinds = [(fault, kind) for fault in (*SERVED, *UNSERVED) for kind in KINDS]
    before = stage.gateway.descriptors()
    async with Watch(stage.gateway) as watch:
        heard = await asyncio.gather(
            *(ask(stage.gateway.port, 50, get(f"/{kind}/{fault}"), users=3) for fault, kind in faults_and_kinds)
        )
        await at_rest(stage.gateway)
    for (_, kind), users in zip(faults_and_kinds, heard, strict=True):
        assert users.errors == []
        assert users.answers == {n: answer for n, answer in stage.plain[kind].items() if n < 50}
    assert watch.memory <= stage.normal + 64 * MIB
    assert stage.gateway.descriptors() <= before + 3 * len(faults_and_kinds) + IN_FLIGHT * len(faults_and_kinds)
    assert len(stage.gateway.children()) == 3


async def test_what_fails_is_said_in_one_line_with_its_reason_and_not_a_thousand_times(stage: Stage) -> None:
    """Every failed copy is counted, a few of them are logged."""
    lines = [line for line in stage.gateway.log.splitlines() if "[SHADOW: json-reset]" in line]
    assert lines and all("failed" in line for line in lines)
    (account,) = await at_rest(stage.gateway, "json-reset")
    assert len(lines) < account["failed"]["reset"]


LARGE = {
    "endless": faults.endless, "huge": faults.huge, "gzip-bomb": faults.gzip_bomb, "big-headers": faults.big_headers,
    "deep-json": faults.deep_json,
}  # fmt: skip


@pytest.mark.parametrize("fault", LARGE)
async def test_a_hundred_large_answers_at_once_stay_small_with_the_default_limits(fault: str) -> None:
    """The peak, not only what is left of it."""
    async with Backend(primary) as lead, Backend(LARGE[fault]) as bad:
        understudy = shadow(bad.url, "/copy", "1s", name="a", of=0, breaker=False)
        settings = config([endpoint("/a", [{"url_pattern": "/a", "host": [lead.url]}, understudy])])
        async with RunningGateway(settings) as gateway:
            normal = gateway.resident()
            async with Watch(gateway, bad.port) as watch:
                heard = await ask(gateway.port, 1000, get("/a"))
                (account,) = await at_rest(gateway, "a")
            assert heard.errors == [] and heard.statuses == {200}
            assert account["sent"] >= 50
            assert watch.connections <= 100
            assert watch.memory <= normal + 64 * MIB


SEQUENCE = [("gzip-bomb", faults.gzip_bomb), ("huge", faults.huge), ("deep-json", faults.deep_json)]


async def test_shadows_that_form_a_sequence_are_read_within_the_same_bounds() -> None:
    """There answers are looked into: a bomb, a flood and a deep nest end the sequence, not the mirror."""
    async with AsyncExitStack() as stack:
        lead = await stack.enter_async_context(Backend(primary))
        good = await stack.enter_async_context(Backend(reply({"id": 7})))
        endpoints = []
        for name, script in SEQUENCE:
            bad = await stack.enter_async_context(Backend(script))
            endpoints.append(endpoint(
                f"/{name}",
                [{"url_pattern": "/p", "host": [lead.url]},
                 shadow(bad.url, "/first", "2s", name=f"{name}-first", breaker=False),
                 shadow(good.url, "/then/{resp0_id}", "2s", name=f"{name}-then", breaker=False)],
                extra_config={"proxy": {"sequential": True}},
            ))  # fmt: skip
        gateway = await stack.enter_async_context(RunningGateway(config(endpoints)))
        normal, mirror = gateway.resident(), gateway.child("mirror")
        for name, _ in SEQUENCE:
            async with Watch(gateway) as watch:
                heard = await ask(gateway.port, 24, get(f"/{name}"), users=24)
                first, then = await at_rest(gateway, f"{name}-first", f"{name}-then")
            assert heard.errors == [] and heard.statuses == {200}
            assert first["eligible"] == 24 and then["sent"] == 0
            assert then["dropped"] == {"sequence": 24}
            assert watch.memory <= normal + 64 * MIB, name
        assert gateway.child("mirror") == mirror
