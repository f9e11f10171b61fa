from understudy.store import schema
from understudy.store.store import Store
from understudy.store.upsert import added, row_id


def test_a_row_is_made_once(store: Store) -> None:
    with store.writing() as connection:
        first = row_id(connection, schema.gateways, config="/a", service="s")
        assert row_id(connection, schema.gateways, config="/a", service="s") == first
        assert row_id(connection, schema.gateways, config="/b", service="s") != first


def test_a_second_insert_does_nothing(store: Store) -> None:
    with store.writing() as connection:
        assert [added(connection, schema.batches, id="x", applied=1.0) for _ in range(2)] == [True, False]
