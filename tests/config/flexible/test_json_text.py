import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.config.flexible.data import floats
from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.json_text import json_text

CLEAN = st.text(alphabet=st.characters(exclude_categories=("Cs",)))
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False,
                                                                          allow_infinity=False) | CLEAN,
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CLEAN, inner, max_size=3), max_leaves=8)


@settings(deadline=None)
@given(JSON, st.booleans(), st.sampled_from(["", "  "]))
def test_what_is_written_reads_back(value: Any, html: bool, indent: str) -> None:
    assert floats(json.loads(json_text(value, html=html, indent=indent))) == floats(value)


@pytest.mark.parametrize(("value", "text"), [
    (1.0, "1"), (12345678.0, "12345678"), (1e21, "1e+21"), (1e-7, "1e-7"), (0.000001, "0.000001"), (1.5e-10, "1.5e-10"),
    ({"b": 1, "a": [None, True]}, '{"a":[null,true],"b":1}'), ("<&>", '"\\u003c\\u0026\\u003e"'), ([], "[]"),
    (-0.0, "-0")])
def test_it_looks_as_in_go(value: Any, text: str) -> None:
    assert json_text(value) == text


def test_infinity_is_refused() -> None:
    with pytest.raises(Refusal):
        json_text([float("inf")])
