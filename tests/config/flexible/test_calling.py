import pytest

from understudy.config.flexible.calling import LARGEST, Function
from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.values import MISSING

PAIR = Function("si", lambda text, number: text * number)
MANY = Function("as*", lambda first, *rest: [first, *rest])


def test_what_fits_is_called() -> None:
    assert PAIR(["a", 2]) == "aa"
    assert MANY([MISSING]) == [None] and MANY([1, "a", "b"]) == [1, "a", "b"] and Function("m", dict)([MISSING]) == {}


@pytest.mark.parametrize(("call", "given", "words"), [
    (PAIR, ["a"], "want 2 got 1"), (PAIR, ["a", 1, 2], "want 2 got 3"), (MANY, [], "want at least 1 got 0"),
    (PAIR, [1, 1], "expected string; got int; use (toString"), (PAIR, ["a", 2.0], "floats: use (int"),
    (PAIR, ["a", True], "expected int; got bool"), (PAIR, [MISSING, 1], "give it a default"),
    (MANY, [1, 2], "expected string"),
    (PAIR, ["a", LARGEST + 1], "too large")])
def test_what_does_not_fit_is_refused(call: Function, given: list[object], words: str) -> None:
    with pytest.raises(Refusal) as caught:
        call(given)
    assert words in str(caught.value)
