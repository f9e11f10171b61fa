"""The tree of exceptions: whose fault, which status, which word."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from understudy import errors
from understudy.config.problems import Problem
from understudy.errors import (
    BackendError,
    BadAnswer,
    BadStatus,
    ConfigError,
    RequestError,
    TooSlow,
    UnderstudyError,
    Unreachable,
)


def tree(of: type[UnderstudyError] = UnderstudyError) -> Iterator[type[UnderstudyError]]:
    """The class and all below it that the module defines."""
    yield of
    for below in of.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from tree(below)


def test_the_drawing_is_the_tree() -> None:
    """Every class stands in the module's docstring, and no other."""
    drawn = re.findall(r"(?:^ +|─ )([A-Z]\w+) {2,}", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted(c.__name__ for c in tree())


def test_the_status_says_whose_fault_it_is() -> None:
    """4xx is the client's, 500 is ours or a backend's."""
    for kind in tree():
        assert 400 <= kind.status < 500 if issubclass(kind, RequestError) else kind.status == 500
        assert kind.__doc__
    statuses = {c.__name__: c.status for c in tree(RequestError)}
    assert statuses == {"RequestError": 400, "BadRequest": 400, "RequestTimeout": 408, "BodyTooLarge": 413,
                        "TargetTooLong": 414, "HeadTooLarge": 431}  # fmt: skip


def test_backend_errors_have_words_of_their_own() -> None:
    """For counters and logs."""
    kinds = [c.kind for c in tree(BackendError)]
    assert len(set(kinds)) == len(kinds)
    assert (Unreachable("x", "dns").reason, BadAnswer("x").reason) == ("dns", "garbage")
    assert (BadStatus("x", 404).backend_status, BadStatus("x", 404).status) == (404, 500)
    assert str(TooSlow()) == "context deadline exceeded"


def test_a_configuration_error_carries_every_problem() -> None:
    """And reads as all of them."""
    with pytest.raises(ConfigError) as caught:
        from understudy.config.read import read_text

        read_text(b'{"version": 2, "timeout": "soon", "endpoints": 5}', "k.json", {}, None)
    problems = caught.value.problems
    assert len(problems) >= 2 and all(isinstance(p, Problem) for p in problems)
    assert str(caught.value) == "\n".join(str(p) for p in problems)
