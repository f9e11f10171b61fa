from tests.store.samples import ORDERS, USERS
from understudy.store import series
from understudy.store.epochs import Epoch
from understudy.store.store import Store


def test_a_series_has_one_row(store: Store, epoch: Epoch) -> None:
    with store.writing() as connection:
        assert series.find(connection, epoch.id, USERS) is None
        number = series.number(connection, epoch.id, USERS)
        assert series.number(connection, epoch.id, USERS) == number == series.find(connection, epoch.id, USERS)
        assert series.number(connection, epoch.id, ORDERS) != number
        assert series.known(connection, epoch.id) == [ORDERS, USERS]
