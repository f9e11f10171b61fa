from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select

from understudy.store.store import Store
from understudy.store.texts import storable


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_only_what_cannot_be_stored_is_replaced(text: str) -> None:
    out = storable(text)
    out.encode()
    assert "\0" not in out and storable(out) == out
    if "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text):
        assert out == text


def test_the_strangest_text_comes_back(store: Store) -> None:
    text = storable("a\0b\ud800c\U0001f600\x01")
    with store.reading() as connection:
        assert connection.scalar(select(literal(text))) == text == "a\ufffdb\ufffdc\U0001f600\x01"
