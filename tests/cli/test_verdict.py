"""``understudy verdict`` on real stores."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable

import pytest
from msgspec import structs

from tests.cli.calling import Shell
from tests.cli.evidence import Evidence, config
from tests.evidence.outcomes import seen, triple
from tests.store.test_judging import better, same, worse
from understudy.cli import verdict
from understudy.compare.outcome import Outcome
from understudy.evidence.statements import CONTINUE, FAIL, INCONCLUSIVE, INVALID, PASS


def sick(n: int) -> Outcome:
    """An outage of everybody."""
    return structs.replace(triple(candidate=seen(500), control=seen(500)), primary=seen(500))


@pytest.mark.parametrize(("outcome", "n", "code", "word"), [
    (same, 8000, 0, "PASS"), (worse, 200, 1, "FAIL"), (same, 60, 3, "CONTINUE"), (sick, 200, 4, "INVALID"),
    (same, 0, 3, "CONTINUE"),
])  # fmt: skip
def test_each_state_has_its_code(shell: Shell, outcome: Callable[[int], Outcome], n: int, code: int,
                                 word: str) -> None:
    Evidence(shell, shell.file(config(next="/a"))).of("next", "GET /a", outcome, n).close()
    got, out, err = shell("verdict", "-c", "krakend.json")
    assert (got, err) == (code, "") and out.startswith(f"next: {word}. "), out
    assert ("$.price (type)" in out) == (word == "FAIL")
    got, out, _ = shell("verdict", "-c", "krakend.json", "--json")
    assert got == code and json.loads(out)["state"] == word


def test_a_spent_budget_is_not_enough_data(shell: Shell) -> None:
    made = Evidence(shell, shell.file(config(next="/a")), settings={"max_pairs": 150, "min_pairs": 10})
    made.of("next", "GET /a", same, 150).close()
    code, out, _ = shell("verdict", "-c", "krakend.json")
    assert code == 3 and out.startswith("next: INCONCLUSIVE.")


def test_the_worst_shadow_decides_unless_one_is_named(shell: Shell) -> None:
    made = Evidence(shell, shell.file(config(good="/a", bad="/b", idle="/c")))
    made.of("good", "GET /a", same, 8000).of("bad", "GET /b", worse, 200).close()
    assert shell("verdict", "-c", "krakend.json")[0] == 1
    for name, code in (("good", 0), ("bad", 1), ("idle", 3)):
        got, out, _ = shell("verdict", "-c", "krakend.json", "--shadow", name)
        assert got == code and [line.partition(":")[0] for line in out.splitlines() if line[0] != " "] == [name]
    code, _, err = shell("verdict", "-c", "krakend.json", "--shadow", "gone")
    assert code == 2 and "those that are compared are bad, good, idle" in err
    code, _, err = shell("verdict", "--store", str(made.file), "--shadow", "gone")
    assert code == 4 and 'no evidence of a shadow "gone"' in err


def test_without_evidence_nothing_can_be_said(shell: Shell) -> None:
    file = shell.file(config(next="/a"))
    code, out, err = shell("verdict", "-c", file)
    assert (code, out) == (4, "") and "There is no store at" in err
    code, out, _ = shell("verdict", "-c", file, "--json")
    assert code == 4 and json.loads(out)["state"] == "INVALID"
    made = Evidence(shell, file)
    made.close()
    assert shell("verdict", "--store", str(made.file))[0] == 4


def test_a_failure_stays_whatever_comes_later(shell: Shell) -> None:
    made = Evidence(shell, shell.file(config(next="/a"))).of("next", "GET /a", worse, 40)
    assert shell("verdict", "-c", "krakend.json")[0] == 1
    made.again("next", "GET /a", better, 4000).close()
    assert shell("verdict", "-c", "krakend.json")[0] == 1
    with sqlite3.connect(made.file) as store:
        assert store.execute("SELECT hypothesis, state FROM verdicts").fetchall() == [("body/$.price", "FAIL")]
    store.close()


def test_waiting_ends_with_the_decision(shell: Shell) -> None:
    shell.monkeypatch.setattr(verdict, "PAUSE", 0.05)
    file = shell.file(config(next="/a"))

    def gateway() -> None:
        time.sleep(0.2)
        made = Evidence(shell, file).of("next", "GET /a", same, 60)
        time.sleep(0.2)
        made.again("next", "GET /a", worse, 200).close()

    running = threading.Thread(target=gateway)
    running.start()
    code, out, err = shell("verdict", "-c", file, "--wait", "--timeout", "20s")
    running.join()
    assert code == 1 and out.startswith("next: FAIL.")
    assert "There is no store at" in err


def test_waiting_for_nothing_is_invalid_and_for_little_not_enough(shell: Shell) -> None:
    shell.monkeypatch.setattr(verdict, "PAUSE", 0.05)
    file = shell.file(config(next="/a"))
    assert shell("verdict", "-c", file, "--wait", "--timeout", "100ms")[0] == 4
    made = Evidence(shell, file)
    code, out, _ = shell("verdict", "-c", file, "--wait", "--timeout", "100ms")
    assert code == 4 and out.startswith("next: INVALID. Cannot judge GET /a: No pair has been seen for too long.")
    made.of("next", "GET /a", same, 60).close()
    assert shell("verdict", "-c", file, "--wait", "--timeout", "100ms")[0] == 3


@pytest.mark.parametrize("words", [
    ("--wait", "--timeout", "soon"), ("--wait", "--timeout", "-3s"), ("--timeout", "3s"), ("--weight",),
])
def test_wrong_words_are_2(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell("verdict", "-c", shell.file(config(next="/a")), *words)[0] == 2
    assert shell("verdict", "-c", shell.file("{", "bad.json"))[0] == 2


@pytest.mark.parametrize(("states", "enough"), [
    ([], False), ([CONTINUE], False), ([PASS, CONTINUE], False), ([INVALID, CONTINUE], False), ([FAIL, CONTINUE], True),
    ([PASS, PASS], True), ([INVALID], True), ([PASS, INCONCLUSIVE], True),
])
def test_when_waiting_longer_is_of_no_use(states: list[str], enough: bool) -> None:
    assert verdict.decided(states) is enough
