from tests.store.conftest import IDENTITY
from understudy.store import events
from understudy.store.events import Event
from understudy.store.place import Identity
from understudy.store.store import Store


def test_events_come_newest_first_and_can_be_followed(store: Store) -> None:
    with store.writing() as connection:
        events.add(connection, IDENTITY, [Event(at=1.0, kind="start", text="Began."),
                                          Event(at=2.0, kind="guard", text="Stepped \0back.", data={"lag": 0.2})])
        events.add(connection, Identity("/other", ""), [Event(at=3.0, kind="start", text="Another.")])
        events.add(connection, IDENTITY, [])
        found = events.listed(connection, IDENTITY)
        assert [(e.text, e.data) for e in found] == [("Stepped \ufffdback.", {"lag": 0.2}), ("Began.", {})]
        assert events.listed(connection, IDENTITY, after=found[1].id) == found[:1]
        assert events.listed(connection, IDENTITY, limit=1) == found[:1]
