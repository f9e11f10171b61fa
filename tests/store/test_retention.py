from __future__ import annotations

from tests.store.conftest import IDENTITY
from tests.store.samples import USERS
from understudy.store import counts, events, exchanges, writers
from understudy.store.counts import Batch
from understudy.store.epochs import Epoch
from understudy.store.events import Event
from understudy.store.retention import Retention, prune
from understudy.store.store import Store
from understudy.store.writers import Seen


def kept(store: Store, epoch: Epoch) -> list[float]:
    with store.reading() as connection:
        return [e.at for e in exchanges.listed(connection, epoch.id)]


def fill(store: Store, epoch: Epoch, size: int = 100) -> None:
    with store.writing() as connection:
        for n in range(1, 7):
            exchanges.keep(connection, epoch.id, USERS, f"{n:x}", float(n), bytes(size), [("$.a", "value")])


def test_what_is_too_old_goes_and_counts_stay(store: Store, epoch: Epoch) -> None:
    fill(store, epoch)
    with store.writing() as connection:
        counts.add(connection, Batch(id="b", epoch=epoch.id, counts={USERS: {"a": 1}}), 1.0)
        for at, text in ((1.0, "old"), (9.0, "new")):
            events.add(connection, IDENTITY, [Event(at=at, kind="x", text=text)])
        writers.beat(connection, Seen(id="w", epoch=epoch.id, started=1.0, seen=1.0, ended=None, saved=0, lost=0))
        assert prune(connection, Retention(max_age=5.0), 10.0) == 4
        assert [e.text for e in events.listed(connection, IDENTITY)] == ["new"]
        assert counts.sums(connection, epoch.id) == {USERS: {"a": 1}} and writers.listed(connection, epoch.id) == []
    assert kept(store, epoch) == [6.0, 5.0]


def test_what_is_too_much_goes_and_the_first_of_each_finding_goes_last(store: Store, epoch: Epoch) -> None:
    fill(store, epoch)
    with store.writing() as connection:
        assert prune(connection, Retention(max_age=1e9, max_bytes=250), 10.0) == 4
    assert kept(store, epoch) == [6.0, 1.0]
    with store.writing() as connection:
        assert prune(connection, Retention(max_age=1e9, max_bytes=50), 10.0) == 2
        assert exchanges.examples(connection, epoch.id, USERS) == {}
