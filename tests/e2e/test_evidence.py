"""Evidence of a whole gateway: what mirrors compare is in the store, and the store is nobody's trouble."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import Any

from tests.process.load import Load
from tests.process.test_supervisor import config
from understudy.config.model import Service
from understudy.store import counts, epochs, exchanges, paths
from understudy.store.place import identity, place
from understudy.store.series import Series
from understudy.store.store import Store
from understudy.testing import faults
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway

OLD, NEW = reply({"id": 7, "price": 1}), reply({"id": 7, "price": 2})
PATH = "$.price"


def rehearsal(old: str, new: str, store: str | None, **service: Any) -> dict[str, Any]:
    """One endpoint whose shadow is compared, and asked for every request."""
    settings = config(old, shadow=new, **service, **({"store": store} if store is not None else {}))
    settings["name"] = "shop"
    own = {"name": "next", "guard": False, "breaker": False}
    settings["endpoints"][0]["backend"][1]["extra_config"]["understudy/shadow"] = own
    return settings


class Kept:
    """What is in the store of a gateway."""

    def __init__(self, gateway: RunningGateway) -> None:
        store = Store.open(place("evidence.db", gateway.path, {}), make=False)
        with store.reading() as connection:
            self.epochs = epochs.listed(connection)
            epoch = self.epochs[0].id
            (self.series, self.counts), = counts.sums(connection, epoch).items()
            self.paths = list(paths.ordinals(connection, epoch).get(self.series, {}))
            self.examples = exchanges.examples(connection, epoch, self.series)
            examples = self.examples.get((PATH, "value"), [])
            self.example = exchanges.get(connection, examples[0])[0][1].exchange if examples else None
        store.close()

    @property
    def pairs(self) -> int:
        """All that were judged."""
        return sum(n for name, n in self.counts.items() if name.startswith("share/") or name == "warm_up")


async def ask(gateway: RunningGateway, new: Backend, times: int) -> None:
    """Requests of a user, no faster than the mirror takes copies, so that none is dropped."""
    begun = len(new.seen)
    async with Client(gateway.port) as client:
        for number in range(times):
            got = await client.get("/a")
            assert (got.status, json.loads(got.body)["price"]) == (200, 1)
            await new.wait_for(begun + number - 20)


async def test_everything_that_was_compared_is_in_the_store() -> None:
    """Over a reload too, which changes nothing that matters to evidence."""
    async with Backend(OLD) as old, Backend(NEW) as new:
        async with RunningGateway(rehearsal(old.url, new.url, "evidence.db")) as gateway:
            await ask(gateway, new, 150)
            row = (await gateway.shadows_at_rest())["next"]
            gateway.reload()
            async with asyncio.timeout(15):
                while "the new configuration is in force" not in gateway.log:
                    await asyncio.sleep(0.02)
            await ask(gateway, new, 100)
            row = (await gateway.shadows_at_rest())["next"]
            assert await gateway.stop() == 0
        kept = Kept(gateway)
        assert row["problems"] == [] and row["sent"] == 250
        assert kept.pairs == row["compared"] > 200
        assert sum(row["not_compared"].values()) + row["compared"] == 250
        assert kept.series == Series("next", "GET /a") and kept.paths == [PATH]
        won = sum(kept.counts.get(f"{event}/value/{PATH}", 0) for event in ("alone", "win"))
        found = kept.counts[f"found/candidate/{PATH}"]
        assert won + found + kept.counts["warm_up"] == row["compared"] and found <= 2
        assert kept.example is not None and kept.example.shadow == "next"
        assert [e.identity for e in kept.epochs] == [identity(gateway.path, Service(name="shop"))]
        assert "evidence is" not in gateway.log


async def test_a_mirror_that_is_killed_leaves_a_store_that_opens() -> None:
    """Users are served, and the next mirror goes on in the same epoch."""
    async with Backend(OLD) as old, Backend(NEW) as new:
        async with RunningGateway(rehearsal(old.url, new.url, "evidence.db")) as gateway:
            async with Load(gateway.port, users=2) as load:
                await load.more(200)
                async with asyncio.timeout(15):
                    while not (gateway.folder / "evidence.db").exists():
                        await asyncio.sleep(0.02)
                mirror = gateway.child("mirror")
                os.kill(mirror, signal.SIGKILL)
                async with asyncio.timeout(15):
                    while not any("mirror" in n and p != mirror for p, n in gateway.children().items()):
                        await asyncio.sleep(0.02)
                begun = len(new.seen)
                await load.more(200)
                await new.wait_for(begun + 50)
            assert load.failures == []
            row = (await gateway.shadows_at_rest())["next"]
            assert await gateway.stop() == 0
        kept = Kept(gateway)
        assert row["problems"] == []
        assert 0 < kept.pairs <= row["compared"]
        assert len(kept.epochs) == 1 and kept.paths == [PATH]


async def test_a_store_in_an_impossible_place_is_said_once_and_costs_no_user_anything() -> None:
    """Comparisons are counted all the same."""
    async with Backend(OLD) as old, Backend(NEW) as new:
        async with RunningGateway(rehearsal(old.url, new.url, "/proc/no/evidence.db")) as gateway:
            async with asyncio.timeout(15):
                while "evidence is not being saved" not in gateway.log:
                    await asyncio.sleep(0.02)
            await ask(gateway, new, 100)
            row = (await gateway.shadows_at_rest())["next"]
            events = json.dumps(await gateway.admin_get("/api/events"))
            assert await gateway.stop() == 0
        assert row["problems"] == [] and row["compared"] > 80
        assert gateway.log.count("evidence is not being saved: The store cannot be made at /proc/no/evidence.db") == 1
        assert gateway.log.count("evidence is") == 1 and events.count("evidence_unsaved") == 1


async def test_a_primarys_answer_that_never_comes_is_not_waited_for_for_ever() -> None:
    """Its worker was killed before it could tell; the shadow's answer is counted, and its memory is free again."""
    async with Backend(faults.hang) as old, Backend(NEW) as new:
        settings = rehearsal(old.url, new.url, "evidence.db")
        settings["timeout"] = "1500ms"
        settings["endpoints"][0]["backend"][1]["extra_config"]["understudy/shadow"]["timeout"] = "500ms"
        async with RunningGateway(settings) as gateway:
            async with Client(gateway.port) as client:
                asking = asyncio.create_task(client.get("/a"))
                await new.wait_for(1)
                os.kill(gateway.child("worker"), signal.SIGKILL)
                await asyncio.wait([asking])
                assert asking.exception() is not None
            row = (await gateway.shadows_at_rest())["next"]
        assert row["problems"] == [] and row["not_compared"] == {"no_primary": 1}


async def test_without_a_store_nothing_is_compared() -> None:
    async with Backend(OLD) as old, Backend(NEW) as new:
        async with RunningGateway(rehearsal(old.url, new.url, None)) as gateway:
            await ask(gateway, new, 30)
            row = (await gateway.shadows_at_rest())["next"]
            assert await gateway.stop() == 0
        assert row["not_compared"] == {"disabled": 30} and len(old.seen) == 30
        assert not list(gateway.folder.glob("*evidence*"))
