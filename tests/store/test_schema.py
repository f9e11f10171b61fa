from sqlalchemy import inspect

from understudy.store import schema
from understudy.store.store import Store


def test_the_tables_are_there_in_both_databases(store: Store) -> None:
    with store.reading() as connection:
        assert set(inspect(connection).get_table_names()) == set(schema.metadata.tables)
