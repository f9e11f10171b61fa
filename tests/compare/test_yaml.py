import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from understudy.compare import yaml


def test_a_document_is_data_with_numbers_as_written() -> None:
    text = b"a: 1.10\nb: [x, 'y', 2, true, ~, 0x1f, no]\nc: {d: '3'}\n1: one\nnull: n\n"
    assert yaml.read(text) == {"a": Raw("1.10"), "b": ["x", "y", 2, True, None, "0x1f", "no"], "c": {"d": "3"},
                               "1": "one", "null": "n"}  # fmt: skip


def test_several_documents_are_a_list() -> None:
    assert yaml.read(b"a: 1\n---\n- b\n") == [{"a": 1}, ["b"]]
    assert yaml.read(b"") == []


@pytest.mark.parametrize("body", [
    b"a: &x 1\nb: *x", b"[" * 5000, b"- " * 5000, b"? [a]\n: b", b"a: b: c", b"\xff\xfe\x00", b"x" * 300_000, b"'"])
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(yaml.Unreadable):
        yaml.read(body)


@given(st.binary(max_size=200) | st.text(alphabet="a:-[]{}&*!|>'\"\n #?,%1", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        yaml.read(body)
    except yaml.Unreadable:
        pass
