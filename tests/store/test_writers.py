from understudy.store import writers
from understudy.store.epochs import Epoch
from understudy.store.store import Store
from understudy.store.writers import Seen


def test_a_writer_that_never_said_goodbye_is_known(store: Store, epoch: Epoch) -> None:
    killed = Seen(id="a", epoch=epoch.id, started=1.0, seen=10.0, ended=None, saved=5, lost=0)
    ended = Seen(id="b", epoch=epoch.id, started=2.0, seen=10.0, ended=10.0, saved=7, lost=1)
    with store.writing() as connection:
        writers.beat(connection, Seen(id="a", epoch=epoch.id, started=1.0, seen=1.0, ended=None, saved=0, lost=0))
        writers.beat(connection, killed)
        writers.beat(connection, ended)
        assert writers.listed(connection, epoch.id) == [killed, ended]
        assert writers.killed(connection, epoch.id, 100.0) == [killed]
        assert writers.killed(connection, epoch.id, 20.0) == []
