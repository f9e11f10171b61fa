from tests.store.samples import ORDERS, USERS
from understudy.store import verdicts
from understudy.store.epochs import Epoch
from understudy.store.series import Series
from understudy.store.store import Store
from understudy.store.verdicts import Latched


def reached(at: float, series: Series = USERS, state: str = "FAIL") -> Latched:
    return Latched(series=series, hypothesis="errors", state=state, at=at, evidence={"k": 11, "d": [1.5, None]})


def test_a_state_is_kept_as_it_was_reached_first(store: Store, epoch: Epoch) -> None:
    with store.writing() as connection:
        assert verdicts.latch(connection, epoch.id, reached(5.0))
        assert not verdicts.latch(connection, epoch.id, reached(6.0))
        assert verdicts.latch(connection, epoch.id, reached(4.0, ORDERS))
        assert verdicts.latch(connection, epoch.id, reached(7.0, state="PASS"))
        found = verdicts.latched(connection, epoch.id)
        assert found == [reached(4.0, ORDERS), reached(5.0), reached(7.0, state="PASS")]
