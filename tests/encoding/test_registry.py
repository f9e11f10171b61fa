"""Names of encodings and what they decode."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.encoding.registry import decoder, recoder
from understudy.errors import BadAnswer


@pytest.mark.parametrize(
    ("encoding", "collection", "body", "data"),
    [
        ("json", False, b'{"a":1}', {"a": 1}),
        ("JSON", False, b'{"a":1}', {"a": 1}),
        ("json", True, b"[1]", {"collection": [1]}),
        ("fast-json", False, b'{"a":1}', {"a": 1}),
        ("yaml", False, b'{"a":1}', {"a": 1}),
        ("no-such", False, b'{"a":1}', {"a": 1}),
        ("safejson", False, b"[1]", {"collection": [1]}),
        ("safejson", True, b"7", {"content": 7}),
        ("string", False, b"a\xff", {"content": "a�"}),
        ("xml", False, b"<a><b>1</b></a>", {"a": {"b": "1"}}),
        ("xml", True, b"<a>1</a>", {"collection": {"a": "1"}}),
    ],
)
def test_a_name_decides(encoding: str, collection: bool, body: bytes, data: dict[str, Any]) -> None:
    """Without regard to case; unknown ones are JSON, as in KrakenD."""
    assert decoder(encoding, collection)(body, b"") == data


def test_rss_is_for_feeds() -> None:
    """And refuses what is none."""
    with pytest.raises(BadAnswer, match="feed"):
        decoder("rss", False)(b'{"a":1}', b"")


def test_the_recoder_makes_the_form_of_an_answer() -> None:
    """Sorted and compact."""
    assert recoder(b'{"b": 1, "a": 2.50}') == b'{"a":2.50,"b":1}'
