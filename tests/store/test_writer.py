from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from tests.store.conftest import IDENTITY
from tests.store.postgresql import Server
from tests.store.samples import ORDERS, USERS, exchange
from tests.store.test_place import as_nobody
from understudy.config.model import Service
from understudy.store import counts, epochs, events, exchanges, paths, writers
from understudy.store.epochs import Opening
from understudy.store.events import Event
from understudy.store.pending import Limits
from understudy.store.place import identity, place
from understudy.store.series import Series
from understudy.store.store import Store
from understudy.store.writer import Plan, State, Writer

OPENING = Opening(identity=IDENTITY, digest="d", settings={"alpha": 0.01})
QUICK = Plan(interval=0.01, busy=0.05)


@contextmanager
def writing(url: URL, opening: Opening = OPENING, plan: Plan = QUICK) -> Iterator[Writer]:
    writer = Writer(url, opening, plan)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop(1.0)


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def comes_to(writer: Writer, condition: str) -> State:
    until(lambda: writer.state().condition == condition)
    return writer.state()


def saves(writer: Writer, outcomes: int) -> None:
    until(lambda: writer.state().saved == outcomes)


def sums(url: URL, name: Series = USERS) -> dict[str, int]:
    store = Store.open(url)
    try:
        with store.reading() as connection:
            latest = epochs.latest(connection, IDENTITY)
            return {} if latest is None else counts.sums(connection, latest.id).get(name, {})
    finally:
        store.close()


def test_everything_handed_over_is_in_the_store(url: URL) -> None:
    with writing(url) as writer:
        writer.add(USERS, {"a": 1, "win/any/$.x": 1}, 1, ["$.x", "$.y"])
        writer.add(ORDERS, {"a": 2}, 2)
        writer.keep(USERS, exchange(77, at=time.time()), [("$.x", "value")])
        writer.tell(Event(at=time.time(), kind="start", text="Began."))
        saves(writer, 3)
        assert writer.ordinals(USERS) == {"$.x": 1, "$.y": 2} and writer.ordinals(ORDERS) == {}
        state = writer.state()
        assert (state.condition, state.sentence, state.unsaved) == ("saving", "All evidence is saved.", 0)
    store = Store.open(url)
    with store.reading() as connection:
        epoch = epochs.latest(connection, IDENTITY)
        assert epoch is not None and epoch.settings == {"alpha": 0.01} and epoch.id == state.epoch
        assert counts.sums(connection, epoch.id) == {USERS: {"a": 1, "win/any/$.x": 1}, ORDERS: {"a": 2}}
        assert paths.ordinals(connection, epoch.id) == {USERS: {"$.x": 1, "$.y": 2}}
        assert exchanges.examples(connection, epoch.id, USERS) == {("$.x", "value"): [f"{77:016x}"]}
        assert [e.text for e in events.listed(connection, IDENTITY)] == ["Began."]
        [seen] = writers.listed(connection, epoch.id)
        assert (seen.id, seen.saved, seen.lost) == (writer.id, 3, 0) and seen.ended is not None
    store.close()


def test_a_new_process_goes_on_with_the_epoch_and_knows_its_paths(url: URL) -> None:
    with writing(url) as writer:
        writer.add(USERS, {"a": 1}, 1, ["$.x"])
        saves(writer, 1)
    with writing(url) as other:
        comes_to(other, "saving")
        assert other.ordinals(USERS) == {"$.x": 1}
        other.add(USERS, {"a": 1}, 1)
        saves(other, 1)
    assert sums(url) == {"a": 2}


def test_two_writers_add_up(url: URL) -> None:
    with writing(url) as a, writing(url) as b:
        for writer in (a, b) * 20:
            writer.add(USERS, {"a": 1}, 1, [f"$.{id(writer)}"])
            time.sleep(0.002)
        saves(a, 20)
        saves(b, 20)
    assert sums(url) == {"a": 40}


def test_two_gateways_with_default_settings_in_one_folder_do_not_mix(tmp_path: Path) -> None:
    found = []
    for n, name in enumerate(("a.json", "b.json"), 1):
        who = identity(tmp_path / name, Service(name="same"))
        url = place(None, tmp_path / name, {})
        with writing(url, Opening(identity=who, digest="same")) as writer:
            writer.add(USERS, {"a": n}, 1)
            saves(writer, 1)
        store = Store.open(url)
        with store.reading() as connection:
            found += [counts.sums(connection, e.id)[USERS]["a"] for e in epochs.listed(connection)]
        store.close()
    assert found == [1, 2]


def test_a_killed_process_loses_at_most_what_it_had_not_written(sqlite_url: URL) -> None:
    for _ in range(3):
        command = [sys.executable, "-m", "tests.store.killed_writer", sqlite_url.render_as_string()]
        before = sums(sqlite_url).get("k0", 0)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if int(line.split()[1]) > 50:
                    process.send_signal(signal.SIGKILL)
                    break
            lines = [line, *process.stdout]
        handed, saved = (int(n) for n in [text for text in lines if text.endswith("\n")][-1].split())
        found = sums(sqlite_url)
        assert saved <= found["k0"] - before <= handed + 1 and len(set(found.values())) == 1
    store = Store.open(sqlite_url)
    with store.reading() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        epoch = epochs.latest(connection, IDENTITY)
        assert epoch is not None and len(writers.killed(connection, epoch.id, time.time() + 100)) == 3
        assert set(paths.ordinals(connection, epoch.id)[USERS].values()) >= set(range(1, 40))
    store.close()


def test_a_lock_is_waited_for_and_said(sqlite_url: URL) -> None:
    with writing(sqlite_url) as writer:
        comes_to(writer, "saving")
        other = sqlite3.connect(sqlite_url.database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for _ in range(100):
            writer.add(USERS, {"a": 1}, 1)
        state = comes_to(writer, "waiting")
        assert "another process keeps it locked" in state.sentence and state.unsaved == 100 and not state.lost
        other.execute("ROLLBACK")
        other.close()
        saves(writer, 100)
        assert writer.state().sentence == "All evidence is saved."
    assert sums(sqlite_url) == {"a": 100}


def test_stopping_once_a_lock_is_gone_writes_what_was_tried_and_what_came_after(sqlite_url: URL) -> None:
    with writing(sqlite_url) as writer:
        comes_to(writer, "saving")
        other = sqlite3.connect(sqlite_url.database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writer.add(USERS, {"a": 1}, 1)
        comes_to(writer, "waiting")
        writer.add(USERS, {"a": 1}, 1)
        other.close()
        state = writer.stop()
        assert (state.saved, bool(state.lost)) == (2, False)
    assert sums(sqlite_url) == {"a": 2}


def test_a_full_disk_is_waited_for_and_said(sqlite_url: URL) -> None:
    with writing(sqlite_url) as writer:
        writer.add(USERS, {"a": 1}, 1)
        saves(writer, 1)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        # Every file of this process is full at this size, as on a full disk.
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        try:
            writer.add(USERS, {f"{'k' * 200}{n}": 1 for n in range(5000)}, 1)
            state = comes_to(writer, "waiting")
            assert "disk" in state.sentence and state.unsaved == 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        saves(writer, 2)
    assert len(sums(sqlite_url)) == 5001


def test_a_folder_that_may_only_be_read_is_said_and_evidence_waits() -> None:
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="understudy-"))
    folder.chmod(0o555)

    def check() -> None:
        with writing(URL.create("sqlite", database=str(folder / "e.db"))) as writer:
            writer.add(USERS, {"a": 1}, 1)
            state = comes_to(writer, "waiting")
            assert "cannot be made" in state.sentence and state.unsaved == 1
            lost = writer.stop(0.2)
            assert lost.lost.outcomes == 1 and "Lost: 1 outcomes, 1 counts" in lost.sentence

    try:
        assert as_nobody(check) == 0
    finally:
        folder.rmdir()


def test_a_file_that_is_deleted_is_begun_anew_and_the_loss_is_said(sqlite_url: URL) -> None:
    file = Path(sqlite_url.database or "")
    with writing(sqlite_url) as writer:
        writer.add(USERS, {"a": 1}, 5, ["$.x"])
        saves(writer, 5)
        for gone in file.parent.glob("evidence.db*"):
            gone.unlink()
        writer.add(USERS, {"a": 1}, 2)
        saves(writer, 2)
        assert writer.state().lost.outcomes == 5 and writer.ordinals(USERS) == {}
    assert sums(sqlite_url) == {"a": 1}


def test_a_server_that_stops_and_starts_again_gets_everything_once() -> None:
    with Server() as server:
        url = server.new_database()
        with writing(url) as writer:
            writer.add(USERS, {"a": 1}, 1)
            saves(writer, 1)
            server.stop()
            writer.add(USERS, {"a": 1}, 1)
            state = comes_to(writer, "waiting")
            assert "cannot be used" in state.sentence and state.unsaved == 1
            server.start()
            writer.add(USERS, {"a": 1}, 1)
            saves(writer, 3)
        assert sums(url) == {"a": 3}


def test_what_waits_is_bounded_and_what_is_lost_is_said(sqlite_url: URL) -> None:
    plan = Plan(interval=0.01, busy=0.05, limits=Limits(keys=10, examples=1))
    writer = Writer(URL.create("sqlite", database="/proc/nowhere/e.db"), OPENING, plan)
    writer.start()
    comes_to(writer, "waiting")
    for n in range(50):
        writer.add(USERS, {f"k{n}": 1}, 1)
        writer.keep(USERS, exchange(n), [(f"$.p{n}", "value")])
    state = writer.state()
    assert state.lost.outcomes >= 30 and state.unsaved <= 20 and state.unsaved + state.lost.outcomes == 50
    ended = writer.stop(0.1)
    assert ended.lost.outcomes == 50 and ended.lost.examples == 50 and ended.unsaved == 0


def test_an_example_that_cannot_be_stored_takes_nothing_with_it(sqlite_url: URL) -> None:
    with writing(sqlite_url) as writer:
        broken = exchange(1, candidate=None)
        writer.keep(USERS, broken, [("$.x", "value")])
        writer.add(USERS, {"a": 1}, 1)
        saves(writer, 1)
        assert writer.state().lost.examples == 1


def test_stopping_before_starting(sqlite_url: URL) -> None:
    writer = Writer(sqlite_url, OPENING, QUICK)
    writer.add(USERS, {"a": 1}, 1)
    assert writer.stop(0.1).lost.outcomes == 1


@pytest.mark.parametrize("waiting", [0, 3])
def test_stopping_writes_what_waits(sqlite_url: URL, waiting: int) -> None:
    writer = Writer(sqlite_url, OPENING, Plan(interval=60.0))
    writer.start()
    comes_to(writer, "saving")
    for _ in range(waiting):
        writer.add(USERS, {"a": 1}, 1)
    state = writer.stop()
    assert (state.condition, state.saved, bool(state.lost)) == ("ended", waiting, False)
    assert sums(sqlite_url).get("a", 0) == waiting
