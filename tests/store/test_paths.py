from __future__ import annotations

import threading

from tests.store.samples import ORDERS, USERS
from understudy.store import paths
from understudy.store.epochs import Epoch
from understudy.store.store import Store


def test_ordinals_follow_discovery_and_stay(store: Store, epoch: Epoch) -> None:
    with store.writing() as connection:
        assert paths.assign(connection, epoch.id, USERS, ["$.b", "$.a", "$.b"]) == {"$.b": 1, "$.a": 2}
        assert paths.assign(connection, epoch.id, USERS, iter(["$.c", "$.a"])) == {"$.c": 3, "$.a": 2}
        assert paths.assign(connection, epoch.id, ORDERS, ["$.c"]) == {"$.c": 1}
        assert paths.ordinals(connection, epoch.id) == {USERS: {"$.b": 1, "$.a": 2, "$.c": 3}, ORDERS: {"$.c": 1}}


def test_processes_that_discover_at_once_agree(store: Store, epoch: Epoch) -> None:
    found: list[dict[str, int]] = []

    def discover(who: int) -> None:
        for n in range(8):
            with store.writing() as connection:
                found.append(paths.assign(connection, epoch.id, USERS, [f"$.shared{n}", f"$.own{who}x{n}"]))

    threads = [threading.Thread(target=discover, args=(who,)) for who in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        ordinals = paths.ordinals(connection, epoch.id)[USERS]
    assert len(found) == 24 and all(ordinals[p] == n for one in found for p, n in one.items())
    assert sorted(ordinals.values()) == list(range(1, 33))
