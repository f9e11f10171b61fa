"""What a mirror tells about its store, and how long it waits for it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.shadow.making import service
from tests.store.test_recorder import SERIES, answer, exchange
from understudy.config.model import ProcessOptions
from understudy.errors import StoreError
from understudy.process.evidence import QUIET, SAVED, UNSAVED, Evidence, seconds_to_save
from understudy.store import counts, epochs
from understudy.store.place import place
from understudy.store.store import Store


class Saying:
    """A mirror's evidence, and what it said."""

    def __init__(self, folder: Path, store: str) -> None:
        self.said: list[tuple[str, str]] = []
        of = replace(service(), process=ProcessOptions(store=store))
        self.evidence = Evidence(of, folder / "gateway.json", {}, lambda *words: self.said.append(words))

    async def until(self, condition: str) -> None:
        async with asyncio.timeout(15):
            while self.evidence.writer.state().condition != condition:
                await asyncio.sleep(0.01)


async def test_what_was_judged_is_in_the_store_at_the_end(tmp_path: Path) -> None:
    one = Saying(tmp_path, "evidence.db")
    for id in range(30):
        one.evidence.recorder.judge(exchange(id, answer({"a": 1})), 0.0)
    await one.evidence.end(10.0)
    store = Store.open(place("evidence.db", tmp_path / "gateway.json", {}), make=False)
    with store.reading() as connection:
        (epoch,) = epochs.listed(connection)
        found = counts.sums(connection, epoch.id)[SERIES]
    store.close()
    assert found["warm_up"] + found["share/0"] == 30
    assert epoch.identity.config == str(tmp_path / "gateway.json") and epoch.settings["warm_up"] == found["warm_up"]
    assert one.said == []


async def test_a_store_that_cannot_be_used_is_told_once_and_its_return_too(tmp_path: Path) -> None:
    """And not more often than once a minute, however often it comes and goes."""
    (tmp_path / "folder").write_text("no folder")
    one = Saying(tmp_path, "folder/evidence.db")
    await one.until("waiting")
    for second in range(5):
        one.evidence.tick(1000.0 + second)
    ((kind, text),) = one.said
    assert kind == UNSAVED and text.startswith("evidence is not being saved: The store")
    (tmp_path / "folder").unlink()
    await one.until("saving")
    one.evidence.tick(1010.0)
    assert one.said[1:] == [(SAVED, "evidence is saved again")]
    (tmp_path / "folder" / "evidence.db").rename(tmp_path / "gone")
    (tmp_path / "folder" / "evidence.db").mkdir()
    one.evidence.recorder.judge(exchange(1, answer({"a": 1})), 0.0)
    one.evidence.tick(1011.0)
    await one.until("waiting")
    one.evidence.tick(1012.0)
    assert len(one.said) == 2
    one.evidence.tick(1000.0 + QUIET)
    assert [kind for kind, _ in one.said] == [UNSAVED, SAVED, UNSAVED]
    await one.evidence.end(0.1)
    assert len(one.said) == 3


async def test_the_end_waits_no_longer_than_it_may_and_holds_nobody_up(tmp_path: Path) -> None:
    """The loop goes on meanwhile; what is lost is said."""
    (tmp_path / "folder").write_text("no folder")
    one = Saying(tmp_path, "folder/evidence.db")
    one.evidence.recorder.judge(exchange(1, answer({"a": 1})), 0.0)
    began, turns = time.monotonic(), 0
    ending = asyncio.create_task(one.evidence.end(1.0))
    while not ending.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert 0.9 < time.monotonic() - began < 10 and turns > 5
    ((kind, text),) = one.said
    assert kind == UNSAVED and "Lost: 1 outcomes" in text


async def test_a_store_that_nobody_knows_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Saying(tmp_path, "mysql://host/name")


@pytest.mark.parametrize(("limit", "used", "seconds"), [
    (None, 9.0, 2.0), (5.0, 0.1, 2.0), (5.0, 5.5, 1.0), (5.0, 9.0, 0.5), (0.0, 0.0, 1.5),
])
def test_a_mirror_has_saved_before_it_is_killed(limit: float | None, used: float, seconds: float) -> None:
    assert seconds_to_save(limit, used) == seconds
