from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.test_kinds import JSON
from understudy.config import strict
from understudy.config.kinds import Kind, Wrong

ALL = {name: kind for name, kind in vars(strict).items() if isinstance(kind, Kind)}
MADE = [strict.whole(1, 5), strict.whole(0), strict.number(0, 100, step=0.0001), strict.number(0, open_low=True),
        strict.span(0, open_low=True), strict.choice("a", "b")]


@pytest.mark.parametrize(("kind", "value", "read"), [
    (strict.SIZE, "1MiB", 2**20), (strict.SIZE, "64 kB", 64000), (strict.SIZE, 0, 0), (strict.SIZE, "12", 12),
    (strict.SIZE, "2GiB", 2**31), (strict.whole(1, 5), 5, 5), (strict.whole(1), 3.0, 3),
    (strict.number(0, 100, step=0.0001), 0.0001, 0.0001), (strict.number(0, 100, step=0.0001), 33.3333, 33.3333),
    (strict.HEADER_NAME, "x-my-header", "X-My-Header"), (strict.HEADER_NAMES, ["cookie"], ("Cookie",)),
    (strict.HEADER_VALUES, {"x-a": "1"}, (("X-A", "1"),)), (strict.TIME, "1s", 1.0), (strict.FLAG, False, False),
])
def test_right_values_are_read(kind: Kind, value: Any, read: Any) -> None:
    assert kind.read(value) == read


@pytest.mark.parametrize(("kind", "value", "why"), [
    (strict.FLAG, "true", "write true without quotes"), (strict.FLAG, 1, "must be true or false"),
    (strict.number(0, 100), 101, "from 0 to 100, not 101"), (strict.number(0, 100), True, "from 0 to 100"),
    (strict.number(0, 100, step=0.0001), 0.00001, "steps of 0.0001"), (strict.number(0, open_low=True), 0, "above 0"),
    (strict.number(0), float("nan"), "number"), (strict.whole(1, 5), 6, "from 1 to 5, not 6"),
    (strict.whole(1), 1.5, "of at least 1"), (strict.span(0, open_low=True), "0s", "longer than"),
    (strict.TIME, 5, "duration"), (strict.choice("with", "after"), "wiht", 'did you mean "with"'),
    (strict.SIZE, "big", "size such as"), (strict.SIZE, -1, "size such as"), (strict.SIZE, True, "size such as"),
    (strict.HEADER_NAME, "a b", "name of a header"), (strict.HEADER_VALUES, {"X": "a\r\nb"}, "control characters"),
    (strict.HEADER_VALUES, {"a b": "x"}, "name of a header"), (strict.PATTERN, "(", "not a regular expression"),
    (strict.PATTERNS, {"a": "("}, "not a regular expression"), (strict.LIST, "x", "list of texts"),
    (strict.LIST, [1], "must be a text"), (strict.SOME_TEXT, "", "not empty"), (strict.PLAIN_TEXT, 5, "must be a text"),
])
def test_nothing_is_converted(kind: Kind, value: Any, why: str) -> None:
    with pytest.raises(Wrong, match=why):
        kind.read(value)


@given(st.sampled_from([*ALL.values(), *MADE]), JSON)
def test_every_strict_kind_takes_or_refuses_any_value(kind: Kind, value: Any) -> None:
    try:
        kind.read(value)
    except Wrong as wrong:
        assert len(str(wrong)) > 10
