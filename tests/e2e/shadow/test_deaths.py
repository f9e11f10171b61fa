"""Mirrors and workers that die, stop or are replaced under load: users notice nothing, and the account stays exact."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Self

import pytest
import pytest_asyncio

from tests.e2e.shadow.stage import at_rest, config, endpoint, shadow
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

USERS = 12
ESTABLISHED = "01"


def primary(seen: Seen) -> bytes:
    """Says what it was asked, so that no answer can be another one's."""
    return reply({"target": seen.target})


class Users:
    """``async with Users(port) as users``: each asks on one connection without a pause and checks every answer.

    ``broken`` holds the local ports of connections that ended without a word; whoever lost one connects again.
    """

    def __init__(self, port: int, path: str = "/a") -> None:
        self.answers = 0
        self.wrong: list[str] = []
        self.broken: list[int] = []
        self._port = port
        self._path = path
        self._tasks: list[asyncio.Task[None]] = []
        self._number = 0

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._user()) for _ in range(USERS)]
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
                await asyncio.sleep(0.005)

    async def _user(self) -> None:
        while True:
            async with Client(self._port) as client:
                local = client.writer.get_extra_info("sockname")[1]
                try:
                    await self._session(client)
                except (ConnectionError, asyncio.IncompleteReadError):
                    self.broken.append(local)

    async def _session(self, client: Client) -> None:
        while True:
            self._number += 1
            target = f"{self._path}?n={self._number}"
            got = await client.get(target)
            if (got.status, got.body) != (200, b'{"target":"%b"}' % target.encode()):
                self.wrong.append(f"{target}: {got!r}")
            self.answers += 1
            if got.header("connection") == "close":
                return


def settings(lead: str, study: str, percent: float = 100) -> dict[str, Any]:
    """One shadow with a name of its own, so that it stays the same one over reloads."""
    understudy = shadow(study, "/copy", "2s", name="a", of=0, percent=percent)
    return config([endpoint("/a", [{"url_pattern": "/a", "host": [lead]}, understudy])], workers=2)


class Stage:
    """The gateway, and its two backends."""

    def __init__(self, gateway: RunningGateway, lead: Backend, study: Backend) -> None:
        self.gateway = gateway
        self.lead = lead
        self.study = study

    async def account(self) -> dict[str, Any]:
        """At rest and sound."""
        (found,) = await at_rest(self.gateway, "a")
        return found

    async def copies_flow(self) -> None:
        """Waits until the shadow hears of users again."""
        await self.study.wait_for(len(self.study.seen) + 20)



@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with Backend(primary) as lead, Backend(reply({"copy": 1})) as study:
        async with RunningGateway(settings(lead.url, study.url)) as gateway:
            yield Stage(gateway, lead, study)


async def _until(what: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.02)


def _replaced(gateway: RunningGateway, kind: str, old: int) -> Callable[[], bool]:
    return lambda: any(kind in name for pid, name in gateway.children().items() if pid != old) \
        and old not in gateway.children()  # fmt: skip


async def test_a_killed_mirror_costs_no_request_and_no_copy_its_place_in_the_account(stage: Stage) -> None:
    """SIGKILL, three times; each time copies flow again."""
    async with Users(stage.gateway.port) as users:
        for _ in range(3):
            await users.more(300)
            mirror = stage.gateway.child("mirror")
            os.kill(mirror, signal.SIGKILL)
            await _until(_replaced(stage.gateway, "mirror", mirror))
            await stage.copies_flow()
    assert users.wrong == [] and users.broken == []
    account = await stage.account()
    assert users.answers <= account["eligible"] <= users.answers + USERS
    assert account["answered"] > 0 and account["skipped"] == {}
    assert account["answered"] <= len(stage.study.seen) <= account["sent"]


async def test_a_stopped_mirror_costs_no_request_and_goes_on_where_it_was(stage: Stage) -> None:
    """SIGSTOP under load; after SIGCONT copies flow again, from the same process."""
    mirror, before = stage.gateway.child("mirror"), await stage.account()
    async with Users(stage.gateway.port) as users:
        await users.more(300)
        os.kill(mirror, signal.SIGSTOP)
        await users.more(3000)
        os.kill(mirror, signal.SIGCONT)
        await stage.copies_flow()
    assert users.wrong == [] and users.broken == []
    account = await stage.account()
    assert stage.gateway.child("mirror") == mirror
    assert users.answers <= account["eligible"] - before["eligible"] <= users.answers + USERS
    assert account["dropped"].get("lost", 0) == before["dropped"].get("lost", 0)
    assert account["failed"].get("lost", 0) == before["failed"].get("lost", 0)


async def test_a_mirror_that_is_killed_while_it_stands_still_takes_its_backlog_with_it_and_that_is_counted(
    stage: Stage,
) -> None:
    """What had been handed over and not been read is lost; nothing is forgotten."""
    before = await stage.account()
    async with Users(stage.gateway.port) as users:
        mirror = stage.gateway.child("mirror")
        os.kill(mirror, signal.SIGSTOP)
        await users.more(500)
        os.kill(mirror, signal.SIGKILL)
        await _until(_replaced(stage.gateway, "mirror", mirror))
        await stage.copies_flow()
    assert users.wrong == [] and users.broken == []
    account = await stage.account()
    assert account["eligible"] - before["eligible"] >= users.answers
    assert account["dropped"]["lost"] - before["dropped"].get("lost", 0) >= 400


async def test_a_killed_worker_breaks_its_own_connections_only(stage: Stage) -> None:
    """The other worker's users notice nothing; the copies of the dead one are in the account."""
    before = await stage.account()
    async with Users(stage.gateway.port) as users:
        await users.more(300)
        worker = stage.gateway.child("worker")
        own = served_by(worker, stage.gateway.port)
        os.kill(worker, signal.SIGKILL)
        await _until(_replaced(stage.gateway, "worker", worker))
        await users.more(300)
        await stage.copies_flow()
    assert users.wrong == []
    assert set(users.broken) <= own and len(users.broken) == len(set(users.broken)) <= USERS
    account = await stage.account()
    eligible = account["eligible"] - before["eligible"]
    assert users.answers <= eligible <= users.answers + USERS + len(users.broken)
    assert account["answered"] > before["answered"]


def served_by(pid: int, port: int) -> set[int]:
    """The clients' ports of all connections that this process has accepted on ``port``."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        target = entry.readlink().name
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    clients = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == ESTABLISHED and fields[9] in inodes and fields[1].endswith(f":{port:04X}"):
                clients.add(int(fields[2].rpartition(":")[2], 16))
    return clients


async def test_a_reload_with_a_new_percent_fails_no_request_and_counts_on(stage: Stage) -> None:
    """Under load; afterwards the new share is exact."""
    before, seen = await stage.account(), len(stage.study.seen)
    async with Users(stage.gateway.port) as users:
        await users.more(200)
        for percent in (50, 20):
            old = stage.gateway.children()
            changed = settings(stage.lead.url, stage.study.url, percent)
            stage.gateway.write({**changed, "port": stage.gateway.port})
            stage.gateway.reload()
            await _until(lambda old=old: not _busy(old) & set(stage.gateway.children()))
            await users.more(200)
    assert users.wrong == [] and users.broken == []
    between = await stage.account()
    assert between["eligible"] - before["eligible"] >= users.answers
    assert between["sent"] - before["sent"] == len(stage.study.seen) - seen
    assert between["dropped"].get("lost", 0) == before["dropped"].get("lost", 0)
    async with Client(stage.gateway.port) as client:
        for n in range(100):
            await client.get(f"/a?n={n}")
    after = await stage.account()
    assert after["eligible"] - between["eligible"] == 100
    assert after["sent"] - between["sent"] == 20


def _busy(children: dict[int, str]) -> set[int]:
    return {pid for pid, name in children.items() if "worker" in name or "mirror" in name}
