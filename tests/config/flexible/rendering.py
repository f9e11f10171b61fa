"""Rendering templates that are written as Python texts."""

from collections.abc import Mapping
from typing import Any

import pytest

from understudy.config.flexible.data import floats
from understudy.config.flexible.evaluate import render
from understudy.config.flexible.failure import TemplateFailure
from understudy.config.flexible.functions import REFUSED, functions
from understudy.config.flexible.parser import parse


def made(text: str, data: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None) -> str:
    """What comes out; ``include`` gives its argument in angle brackets."""
    table = functions(env or {}, lambda name: f"<{name}>")
    return render(parse(text, "t", table, REFUSED), "t", floats(dict(data or {})), table, {"t": text})


def failure(text: str, data: Mapping[str, Any] | None = None) -> str:
    """The sentence with which a template fails."""
    with pytest.raises(TemplateFailure) as caught:
        made(text, data)
    return str(caught.value)


def check(cases: Mapping[str, str], data: Mapping[str, Any] | None = None) -> None:
    """Each pipeline prints this."""
    wrong = {pipe: (got, want) for pipe, want in cases.items() if (got := made(f"{{{{ {pipe} }}}}", data)) != want}
    assert not wrong, wrong
