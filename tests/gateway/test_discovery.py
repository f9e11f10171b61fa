"""Hosts from SRV records: shares, what stays when a look-up fails, and that the first client finds some."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from socket import AF_INET, SOCK_DGRAM, socket
from typing import Any

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.reading import config, endpoint, read
from understudy.errors import NoCapacity
from understudy.gateway.build import Surroundings, build
from understudy.gateway.discovery import Discovered, Srv, shares, system_resolve
from understudy.gateway.meters import layout
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.pool import Pools
from understudy.telemetry.counters import Board

RECORDS = st.lists(st.builds(Srv, st.sampled_from("abc"), st.integers(1, 3), st.integers(0, 2), st.integers(0, 65535)))


def pools() -> Pools:
    """Connections nobody opens."""
    loop = asyncio.get_running_loop()
    return Pools(Deadlines(loop), Outbox(loop))


@given(RECORDS)
def test_only_the_best_priority_counts_and_no_weight_vanishes(records: list[Srv]) -> None:
    """Each record with a weight has a share, in at most about a hundred slots."""
    found = shares(records)
    if records:
        best = [r for r in records if r.priority == min(r.priority for r in records)]
        weighty = [r for r in best if r.weight] or best
        assert len(found) == len(weighty) and all(record in weighty for record, _ in found)
        assert all(share >= 1 for _, share in found)
        assert sum(share for _, share in found) <= max(100, len(best)) + len(best)


def test_weights_are_kept_in_proportion() -> None:
    """Three to one."""
    assert shares([Srv("a", 80, 0, 30), Srv("b", 80, 0, 10), Srv("c", 80, 1, 99)]) == [
        (Srv("a", 80, 0, 30), 3), (Srv("b", 80, 0, 10), 1)]  # fmt: skip


async def test_the_last_good_hosts_stay_when_a_lookup_fails() -> None:
    """Also when it gives nothing usable."""
    answers: list[Any] = [[Srv("a.example.", 8080)], OSError("down"), [], [Srv("b", 1)]]

    async def resolve(name: str) -> Sequence[Srv]:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        found: Sequence[Srv] = answer
        return found

    hosts = Discovered("_http._tcp.x", "http", pools(), 30, resolve)
    with pytest.raises(NoCapacity, match="no hosts available"):
        hosts.choose()
    seen = []
    for _ in range(4):
        await hosts.look()
        seen.append(hosts.choose().url)
    assert seen == ["http://a.example:8080"] * 3 + ["http://b:1"]


async def test_a_scheme_that_cannot_be_asked_is_a_failed_lookup() -> None:
    """The task that looks goes on."""

    async def resolve(name: str) -> Sequence[Srv]:
        return [Srv("a", 80)]

    assert not await Discovered("x", "ftp", pools(), 30, resolve).look()


async def test_the_first_client_finds_hosts() -> None:
    """Whoever opens the doors waits for the first look-up, but not for ever."""
    asked, go = asyncio.Event(), asyncio.Event()

    async def resolve(name: str) -> Sequence[Srv]:
        asked.set()
        await go.wait()
        return [Srv("127.0.0.1", 8080)]

    service = read(config(endpoint({"host": ["_http._tcp.shop"], "url_pattern": "/", "sd": "dns",
                                    "disable_host_sanitize": True})))  # fmt: skip
    loop = asyncio.get_running_loop()
    around = Surroundings(service, Deadlines(loop), Outbox(loop), Board(layout(service)), resolve=resolve)
    build(service, around)
    (hosts,) = around.discovered.values()
    tasks = [loop.create_task(work) for work in around.background()]
    await asked.wait()
    await around.looked_around(0.01)
    with pytest.raises(NoCapacity):
        hosts.choose()
    go.set()
    await around.looked_around(10)
    assert hosts.choose().url == "http://127.0.0.1:8080"
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def name_server() -> Iterator[None]:
    """A DNS server on a free port, made the machine's resolver for this process."""
    door = socket(AF_INET, SOCK_DGRAM)
    door.bind(("127.0.0.1", 0))
    door.settimeout(10)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                data, client = door.recvfrom(4096)
                query = dns.message.from_wire(data)
                name = query.question[0].name
                answer = dns.message.make_response(query)
                if name.to_text().startswith("_http."):
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "SRV", "1 5 8081 a.example.",
                                                             "1 15 8082 b.example."))  # fmt: skip
                else:
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                door.sendto(answer.to_wire(), client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    before = dns.resolver.default_resolver
    mine = dns.resolver.Resolver(configure=False)
    mine.nameservers, mine.port = ["127.0.0.1"], door.getsockname()[1]
    dns.resolver.default_resolver = mine
    yield
    dns.resolver.default_resolver = before
    door.close()
    thread.join(1)


@pytest.mark.usefixtures("name_server")
async def test_records_come_from_a_real_name_server() -> None:
    """And a name that is not there is an OSError."""
    found = sorted(await system_resolve("_http._tcp.shop.example"), key=lambda r: r.port)
    assert [(r.target, r.port, r.priority, r.weight) for r in found] == [
        ("a.example.", 8081, 1, 5), ("b.example.", 8082, 1, 15)]  # fmt: skip
    with pytest.raises(OSError, match="SRV lookup of nowhere"):
        await system_resolve("nowhere.example")
