from __future__ import annotations

from tests.store.samples import ORDERS, USERS, exchange
from understudy.store import exchanges
from understudy.store.epochs import Epoch
from understudy.store.exchanges import packed, unpacked
from understudy.store.redaction import Redaction, Redactor
from understudy.store.series import Series
from understudy.store.store import Store

REDACTOR = Redactor(Redaction())
PRICE, STATUS = ("$.price", "type"), ("$status", "value")


def keep(store: Store, epoch: Epoch, number: int, *findings: tuple[str, str], series: Series = USERS) -> None:
    content = packed(REDACTOR.redacted(exchange(number)))
    with store.writing() as connection:
        exchanges.keep(connection, epoch.id, series, f"{number:016x}", float(number), content, findings, newest=2)


def test_an_exchange_comes_back_as_it_was_kept() -> None:
    kept = REDACTOR.redacted(exchange())
    assert unpacked(packed(kept)) == kept


def test_the_first_and_the_newest_examples_of_a_finding_stay(store: Store, epoch: Epoch) -> None:
    for number in range(1, 8):
        keep(store, epoch, number, PRICE)
    keep(store, epoch, 3, STATUS)
    with store.reading() as connection:
        ids = {finding: [int(i, 16) for i in found] for finding, found in
               exchanges.examples(connection, epoch.id, USERS).items()}  # fmt: skip
        assert ids == {PRICE: [1, 7, 6], STATUS: [3]}
        assert [e.at for e in exchanges.listed(connection, epoch.id)] == [7.0, 6.0, 3.0, 1.0]
        assert exchanges.get(connection, f"{5:016x}") == []


def test_an_exchange_may_show_several_findings_and_belong_to_several_shadows(store: Store, epoch: Epoch) -> None:
    keep(store, epoch, 1, PRICE, STATUS)
    keep(store, epoch, 1, PRICE)
    keep(store, epoch, 1, PRICE, series=ORDERS)
    keep(store, epoch, 2)
    with store.reading() as connection:
        found = exchanges.get(connection, f"{1:016x}")
        assert {e.series for e, _ in found} == {USERS, ORDERS} and found[0][1].exchange.id == 1
        assert len(exchanges.listed(connection, epoch.id)) == 2
        assert exchanges.examples(connection, epoch.id, Series("x", "y")) == {}


def test_exchanges_can_be_filtered(store: Store, epoch: Epoch) -> None:
    keep(store, epoch, 1, PRICE)
    keep(store, epoch, 2, STATUS)
    keep(store, epoch, 3, STATUS, series=ORDERS)
    with store.reading() as connection:
        def at(**filters: object) -> list[float]:
            return [e.at for e in exchanges.listed(connection, epoch.id, **filters)]  # type: ignore[arg-type]

        assert at(path="$status") == [3.0, 2.0] and at(kind="type") == [1.0] and at(only=ORDERS) == [3.0]
        assert at(before=3.0) == [2.0, 1.0] and at(limit=1) == [3.0] and at(path="$status", kind="type") == []
        assert exchanges.listed(connection, epoch.id + 1) == []
