"""``understudy shadow set``: the words; what a running gateway does with them is in test_shadows.py."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.calling import Shell
from understudy.cli.shadow import parsed, shown, value_of


@pytest.mark.parametrize(("text", "value"), [
    ("5", 5), ("0.5", 0.5), ("true", True), ("OFF", False), ("none", None), ("abc", "abc"), ("nan", "nan"),
])
def test_values(text: str, value: Any) -> None:
    found = value_of(text)
    assert str(found) == "nan" if text == "nan" else (found == value and type(found) is type(value))


def test_changes_are_read_and_several_may_be_given() -> None:
    assert parsed(["percent=5", "paused=true", "max_rate=none"]) == {"percent": 5, "paused": True, "max_rate": None}


@pytest.mark.parametrize("words", [("percent",), ("=5",), ("percent=",), ("percent=1", "percent=2"), ()])
def test_what_is_no_change_is_a_usage_error(shell: Shell, words: tuple[str, ...]) -> None:
    code, _, err = shell("shadow", "set", "s", *words)
    assert code == 2 and "Error: " in err


def test_without_a_deed_help_is_shown(shell: Shell) -> None:
    code, out, err = shell("shadow")
    assert code == 2 and "set" in out + err


def test_without_a_gateway_it_is_told(shell: Shell) -> None:
    shell.monkeypatch.setenv("XDG_RUNTIME_DIR", str(shell.folder))
    code, out, err = shell("shadow", "set", "s", "percent=5")
    assert code == 1 and out == "" and "No gateway of this user runs" in err


@pytest.mark.parametrize(("value", "text"), [(5.0, "5"), (0.0001, "0.0001"), (True, "true"), (None, "none"), (7, "7")])
def test_values_are_shown_as_they_are_typed(value: Any, text: str) -> None:
    assert shown(value) == text
