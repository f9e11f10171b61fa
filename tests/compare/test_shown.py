from hypothesis import given
from msgspec import Raw

from tests.compare.exchanges import data
from understudy.compare.shown import LONGEST, cut, digest, shown


def test_values_are_json_with_numbers_as_written() -> None:
    assert shown({"b": Raw("1.10"), "a": None}) == '{"a":null,"b":1.10}'


@given(data)
def test_values_are_bounded(value: object) -> None:
    assert 0 < len(shown([value] * 100)) <= LONGEST


def test_what_json_cannot_say_is_still_shown() -> None:
    assert shown("\ud800") and shown({"a": "\ud800"})


def test_a_body_without_paths_is_its_digest() -> None:
    assert digest("text", b"abc") == '"text, 3 bytes, sha256 ba7816bf8f01cfea"'
    assert len(cut("x" * 1000)) == LONGEST
