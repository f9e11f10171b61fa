from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import URL

from tests.store.conftest import IDENTITY
from tests.store.samples import ORDERS, USERS
from understudy.store import counts, epochs
from understudy.store.counts import Batch
from understudy.store.epochs import Epoch, Opening
from understudy.store.series import Series
from understudy.store.store import Store


def test_a_batch_counts_once(store: Store, epoch: Epoch) -> None:
    batch = Batch(id="b1", epoch=epoch.id, counts={USERS: {"a": 2, "status/200/500 ünïcode": 1, "zero": 0, "nul\0": 1}})
    for wanted in (True, False):
        with store.writing() as connection:
            assert counts.add(connection, batch, 1.0) is wanted
    with store.reading() as connection:
        assert counts.sums(connection, epoch.id) == {USERS: {"a": 2, "status/200/500 ünïcode": 1, "nul\ufffd": 1}}


def test_large_numbers_and_one_series_alone(store: Store, epoch: Epoch) -> None:
    with store.writing() as connection:
        for n in range(3):
            batch = Batch(id=str(n), epoch=epoch.id, counts={USERS: {"a": 2**60}, ORDERS: {"a": 1}})
            counts.add(connection, batch, 1.0)
    with store.reading() as connection:
        assert counts.sums(connection, epoch.id, USERS) == {USERS: {"a": 3 * 2**60}}
        assert counts.sums(connection, epoch.id)[ORDERS] == {"a": 3}


def test_epochs_are_never_added_up(store: Store, epoch: Epoch) -> None:
    with store.writing() as connection:
        later = epochs.open_epoch(connection, Opening(identity=IDENTITY, digest="d2"), 2.0)
        for n, id in enumerate((epoch.id, later.id)):
            counts.add(connection, Batch(id=str(n), epoch=id, counts={USERS: {"a": n + 1}}), 1.0)
        assert [counts.sums(connection, id)[USERS]["a"] for id in (epoch.id, later.id)] == [1, 2]


def test_two_writers_add_up_and_never_wait_for_each_other_forever(store: Store, epoch: Epoch) -> None:
    def write(who: int) -> None:
        keys = [str(n) for n in range(50)]
        random.Random(who).shuffle(keys)
        for n in range(10):
            with store.writing() as connection:
                batch = Batch(id=f"{who}-{n}", epoch=epoch.id, counts={USERS: dict.fromkeys(keys, 1)})
                counts.add(connection, batch, 1.0)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert set(counts.sums(connection, epoch.id)[USERS].values()) == {30}


def test_batches_are_forgotten(store: Store, epoch: Epoch) -> None:
    with store.writing() as connection:
        counts.add(connection, Batch(id="old", epoch=epoch.id, counts={}), 1.0)
        counts.add(connection, Batch(id="new", epoch=epoch.id, counts={}), 9.0)
        assert counts.forget_batches(connection, 5.0) == 1
        assert not counts.add(connection, Batch(id="new", epoch=epoch.id, counts={}), 9.0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    file: Path = tmp_path_factory.mktemp("store") / "e.db"
    opened = Store.open(URL.create("sqlite", database=str(file)))
    yield opened
    opened.close()


keys_and_numbers = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 5), max_size=4)
some_counts = st.dictionaries(st.sampled_from([USERS, ORDERS, Series("b", "GET /")]), keys_and_numbers, max_size=3)
_examples = iter(range(10**9))


@settings(max_examples=40)
@given(given_counts=st.lists(some_counts, min_size=1, max_size=6), chance=st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_batches_gives_the_same_sums(
        shared: Store, given_counts: list[dict[Series, dict[str, int]]], chance: random.Random) -> None:
    with shared.writing() as connection:
        epoch = epochs.open_epoch(connection, Opening(identity=IDENTITY, digest=str(next(_examples))), 1.0).id
    batches = [Batch(id=f"{epoch}-{n}", epoch=epoch, counts=c) for n, c in enumerate(given_counts)]
    sent = batches + chance.choices(batches, k=4)
    chance.shuffle(sent)
    for batch in sent:
        with shared.writing() as connection:
            counts.add(connection, batch, 1.0)
    wanted: Counter[tuple[Series, str]] = Counter()
    for one in given_counts:
        wanted.update({(name, key): n for name, keys in one.items() for key, n in keys.items()})
    with shared.reading() as connection:
        found = counts.sums(connection, epoch)
    sums = {(name, key): n for name, keys in found.items() for key, n in keys.items()}
    assert sums == {key: n for key, n in wanted.items() if n}
