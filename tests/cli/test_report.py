"""``understudy report`` on real stores."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.calling import Shell
from tests.cli.evidence import Evidence, config
from tests.store.test_judging import same, worse


@pytest.fixture
def evidence(shell: Shell) -> Iterator[Evidence]:
    """One shadow that is fine and one that is not."""
    made = Evidence(shell, shell.file(config(good="/a", bad="/b")))
    made.of("good", "GET /a", same, 8000).of("bad", "GET /b", worse, 200)
    yield made
    made.close()


def test_a_report_says_what_is_worse_and_on_what_evidence(shell: Shell, evidence: Evidence) -> None:
    code, out, err = shell("report", "-c", "krakend.json")
    assert (code, err) == (0, "")
    assert f"{shell.folder}/krakend.json (shop), v2: evidence since 2023-11-14 22:13:20 UTC" in out
    assert "good: PASS. Certified on every endpoint." in out and "bad: FAIL. Worse on GET /b." in out
    assert "  GET /b: FAIL. $.price" in out or "  GET /b: FAIL. Worse on $.price" in out
    assert "worse: $.price (type): the candidate differs on 200 of 200 pairs, the control on 0 of 200; evidence" in out
    assert "noise: $.id (value): the candidate differs on 8,000 of 8,000 pairs, the control on 8,000 of 8,000" in out
    assert "    8,000 pairs, 8,000 of them with a control" in out
    assert "errors: PASS. At most 0.5 percentage points more bad answers than the control. (evidence that it" in out
    assert "evidence for a PASS" in out and " of 20)" in out
    assert "is at most 1 %, over 1 endpoints and however often one looks." in out


def test_too_little_is_an_answer_with_an_estimate(shell: Shell) -> None:
    made = Evidence(shell, shell.file(config(next="/a"))).of("next", "GET /a", same, 60)
    code, out, _ = shell("report", "-c", "krakend.json")
    made.close()
    assert code == 0 and "next: CONTINUE. Nothing worse so far; 0 of 1 endpoints certified." in out
    assert "more pairs to a PASS." in out


def test_endpoints_without_traffic_are_listed(shell: Shell) -> None:
    made = Evidence(shell, shell.file(config(next="/a", idle="/b"))).of("next", "GET /a", same, 60)
    code, out, _ = shell("report", "-c", "krakend.json")
    made.close()
    assert code == 0 and "idle: CONTINUE. No pair has been counted yet." in out and "  GET /b: CONTINUE." in out


def test_a_store_alone_is_enough(shell: Shell, evidence: Evidence) -> None:
    with_config = shell("report", "-c", "krakend.json")
    for store in ("krakend.json.evidence.db", f"sqlite:///{evidence.file}"):
        code, out, _ = shell("report", "--store", store)
        assert code == 0 and sorted(out.splitlines()) == sorted(with_config[1].splitlines())
    assert shell("report", "-c", "krakend.json", "--store", str(evidence.file)) == with_config


def test_programs_get_everything(shell: Shell, evidence: Evidence) -> None:
    code, out, _ = shell("report", "-c", "krakend.json", "--json")
    said = json.loads(out)
    assert code == 0 and said["state"] == "FAIL"
    (gateway,) = said["gateways"]
    assert gateway["epoch"]["label"] == "v2" and set(gateway["verdicts"]) == {"good", "bad"}
    assert gateway["verdicts"]["bad"]["failed"] == [["GET /b", "body/$.price"]]


def test_what_is_not_there_is_said(shell: Shell) -> None:
    file = shell.file(config(next="/a"))
    code, out, err = shell("report", "-c", file)
    assert (code, out) == (1, "") and f"There is no store at {shell.folder}/krakend.json.evidence.db." in err
    Evidence(shell, file).close()
    shell.file(config(next="/a"), "other.json")
    code, out, err = shell("report", "-c", "other.json", "--store", "krakend.json.evidence.db")
    assert (code, out) == (1, "") and f"of the gateway with {shell.folder}/other.json in" in err
    assert shell("report", "-c", shell.file("{", "bad.json"))[0] == 2
    assert "No shadow has been compared yet." in shell("report", "--store", "krakend.json.evidence.db")[1]


def test_without_words_the_gateway_that_runs_here_is_meant(shell: Shell, evidence: Evidence) -> None:
    shell.monkeypatch.setenv("XDG_RUNTIME_DIR", str(shell.folder))
    code, _, err = shell("report")
    assert code == 1 and "No gateway of this user runs" in err
    folder = shell.folder / f"understudy-{os.getuid()}"
    folder.mkdir(mode=0o700)
    running = {"pid": os.getpid(), "config": str(shell.folder / "krakend.json"), "service": "127.0.0.1:1"}
    (folder / f"{os.getpid()}.json").write_text(json.dumps(running))
    assert shell("report") == shell("report", "-c", "krakend.json")


def test_following_goes_on_until_it_is_told_to_stop(evidence: Evidence) -> None:
    words = [sys.executable, "-m", "understudy", "report", "--store", str(evidence.file), "-f", "-i", "0.1", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        for _ in range(2):
            assert json.loads(following.stdout.readline())["state"] == "FAIL"
        following.send_signal(signal.SIGINT)
        following.stdout.read()
        assert following.wait(20) == 0


def test_a_terminal_gets_tables(shell: Shell, evidence: Evidence) -> None:
    out = terminal(shell.folder, "report", "--store", str(evidence.file))
    for word in ("│", "GET /b", "FAIL", "PASS", "$.price", "200 of 200", "worse", "noise", "\x1b["):
        assert word in out, out


def terminal(folder: Path, *words: str) -> str:
    """What a command draws on a terminal of a hundred columns."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen([sys.executable, "-m", "understudy", *words], stdout=theirs, stdin=theirs, env=env,
                          cwd=folder) as process:  # fmt: skip
        os.close(theirs)
        out = b""
        try:
            while part := os.read(ours, 65536):
                out += part
        except OSError:  # the other end is closed
            pass
        assert process.wait(20) == 0
    os.close(ours)
    return out.decode()
