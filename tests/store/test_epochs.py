from __future__ import annotations

import threading

import pytest

from tests.store.conftest import IDENTITY
from understudy.errors import StoreError
from understudy.store import epochs
from understudy.store.epochs import Opening, open_epoch
from understudy.store.place import Identity
from understudy.store.store import Store


def opening(digest: str = "d1", label: str = "", identity: Identity = IDENTITY) -> Opening:
    return Opening(identity=identity, digest=digest, label=label, settings={"alpha": 0.01})


def test_the_same_digest_goes_on_and_another_begins(store: Store) -> None:
    with store.writing() as connection:
        first = open_epoch(connection, opening(), 1.0)
        assert open_epoch(connection, opening(), 2.0) == first
        second = open_epoch(connection, opening("d2"), 3.0)
        third = open_epoch(connection, opening("d2", "v3"), 4.0)
        back = open_epoch(connection, opening(), 5.0)
    with store.reading() as connection:
        found = epochs.listed(connection, IDENTITY)
        assert [(e.id, e.started, e.ended) for e in found] == [
            (back.id, 5.0, None), (third.id, 4.0, 5.0), (second.id, 3.0, 4.0), (first.id, 1.0, 3.0)]
        assert epochs.get(connection, first.id).settings == {"alpha": 0.01}
        assert epochs.latest(connection, IDENTITY) == back


def test_an_epoch_that_was_ended_is_not_resumed(store: Store) -> None:
    with store.writing() as connection:
        first = open_epoch(connection, opening(), 1.0)
        epochs.end_epoch(connection, first.id, 2.0)
        assert open_epoch(connection, opening(), 3.0).id != first.id


def test_gateways_with_other_identities_do_not_mix(store: Store) -> None:
    others = [Identity("/other.json", "shop"), Identity(IDENTITY.config, "other"), Identity("", "")]
    with store.writing() as connection:
        ids = {open_epoch(connection, opening(identity=i), 1.0).id for i in (IDENTITY, *others)}
        assert len(ids) == 4
        assert [e.identity for e in epochs.listed(connection, others[0])] == [others[0]]
        assert len(epochs.listed(connection)) == 4


def test_an_epoch_that_is_not_there(store: Store) -> None:
    with store.reading() as connection:
        assert epochs.latest(connection, IDENTITY) is None
        with pytest.raises(StoreError, match="no epoch 77"):
            epochs.get(connection, 77)


def test_many_who_open_the_same_epoch_get_the_same(store: Store) -> None:
    ids = []

    def open_it() -> None:
        with store.writing() as connection:
            ids.append(open_epoch(connection, opening(), 1.0).id)

    threads = [threading.Thread(target=open_it) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 5 and len(set(ids)) == 1
