"""``understudy explain``: the words; a running gateway is asked in test_shadows.py."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.calling import Shell
from understudy.cli.explain import MEANING, id_of, lines
from understudy.shadow.accounting import DROPPED, SKIPPED

ID = "00000000000000ff"


def decision(outcome: str, *copies: str) -> dict[str, Any]:
    return {"id": ID, "endpoint": "/e", "shadow": "s", "outcome": outcome, "copies": list(copies)}


@pytest.mark.parametrize("text", ["ff", "FF", ID, f"id={ID}", f" id={ID}, s=copied, t=percent"])
def test_an_id_is_taken_as_people_have_it(text: str) -> None:
    assert id_of(text) == ID


@pytest.mark.parametrize("text", ["", "xyz", "1" * 17, "-1", "../shadows"])
def test_what_is_no_id_is_a_usage_error(shell: Shell, text: str) -> None:
    code, _, err = shell("explain", "--", text)
    assert code == 2 and "is no id of an exchange" in err


def test_every_reason_has_a_meaning() -> None:
    assert {*SKIPPED, *DROPPED} - set(MEANING) == {"lost"}


def test_a_line_for_each_shadow_and_each_copy() -> None:
    assert lines(ID, [decision("copied", "answered 200", "max_rate"), decision("percent"), decision("copied")]) == [
        f"{ID}: /e",
        "  s: copied (handed to the mirror)",
        "    copy: answered 200",
        '    copy: max_rate ("max_rate" copies had been sent in this second already)',
        '  s: percent (not among the "percent" of requests that are copied)',
        "  s: copied (handed to the mirror)",
        "    copy: not known: still on its way to the mirror, or too long ago, or lost with its process",
    ]


def test_what_nobody_knows_is_said() -> None:
    (line,) = lines(ID, [])
    assert "Nothing is known about 00000000000000ff" in line and "explain_header" in line


def test_without_a_gateway_it_is_told(shell: Shell) -> None:
    shell.monkeypatch.setenv("XDG_RUNTIME_DIR", str(shell.folder))
    code, out, err = shell("explain", ID)
    assert code == 1 and out == "" and "No gateway of this user runs" in err
