import json

import pytest

from tests.cli.calling import GOOD, Shell

TWICE = {"version": 3, "endpoints": GOOD["endpoints"] * 2}


@pytest.mark.parametrize("name", ["check", "validate"])
def test_a_good_file_is_good(shell: Shell, name: str) -> None:
    code, _, err = shell(name, "-c", shell.file(GOOD))
    assert code == 0 and "Parsing configuration file: krakend.json" in err and "Syntax OK!" in err


def test_every_problem_of_a_bad_file_is_shown_with_its_place(shell: Shell) -> None:
    code, _, err = shell("check", "-c", shell.file('{"version": 2,\n "timeout": "soon"}'))
    assert code == 2
    assert "krakend.json:1:13: version: unsupported version: 2 (want: 3)" in err
    assert 'krakend.json:2:13: timeout: "timeout" cannot be read' in err
    assert "\x1b" not in err, "colour only on a terminal"


def test_a_missing_file_and_no_file_are_told(shell: Shell) -> None:
    code, _, err = shell("check", "-c", "nope.json")
    assert code == 2 and "no such file or directory" in err
    assert shell("check")[0] == 2


def test_conflicting_routes_are_a_warning_and_with_t_an_error(shell: Shell) -> None:
    code, _, err = shell("check", "-c", shell.file(TWICE))
    assert code == 0 and "The gateway would not start." in err
    code, _, err = shell("check", "-t", "-c", shell.file(TWICE))
    assert code == 2 and "ERROR testing the configuration file:" in err


def test_problems_for_programs(shell: Shell) -> None:
    code, out, err = shell("check", "--json", "-c", shell.file({**GOOD, "mystery": 1}))
    made = json.loads(out)
    assert code == 0 and made["ok"] and made["problems"][0]["path"] == "mystery" and err == ""
    code, out, _ = shell("check", "--json", "-c", shell.file("{"))
    assert code == 2 and not json.loads(out)["ok"]


@pytest.mark.parametrize("flag", ["-l", "-n", "--lint", "--lint-no-network"])
def test_linting_is_stricter_than_running(shell: Shell, flag: str) -> None:
    assert shell("check", flag, "-c", shell.file(GOOD))[0] == 0
    code, _, err = shell("check", flag, "-c", shell.file({**GOOD, "mystery": 1}))
    assert code == 2 and "ERROR linting the configuration file:" in err


def test_lint_flags_exclude_each_other(shell: Shell) -> None:
    code, _, err = shell("check", "-l", "-n", "-c", shell.file(GOOD))
    assert code == 2 and "if any flags in the group" in err


def test_an_own_schema_counts(shell: Shell) -> None:
    schema = shell.file({"type": "object", "required": ["name"]}, "s.json")
    assert shell("check", "-s", schema, "-c", shell.file(GOOD))[0] == 2
    assert shell("check", "-s", schema, "-c", shell.file({**GOOD, "name": "n"}))[0] == 0
    code, _, err = shell("check", "-s", "nope.json", "-c", shell.file(GOOD))
    assert code == 2 and "ERROR compiling the schema" in err


def test_d_shows_how_the_file_is_understood(shell: Shell) -> None:
    code, out, _ = shell("check", "-d", "-i", "--", "-c", shell.file(GOOD))
    assert code == 0 and "--- GET /x" in out.splitlines()
