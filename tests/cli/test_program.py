import subprocess
import sys

import pytest

from tests.cli.calling import GOOD, Shell
from understudy.cli.program import COMMANDS


def test_without_a_command_help_is_shown(shell: Shell) -> None:
    code, out, _ = shell()
    assert code == 0 and "Available Commands" in out and all(name in out for name in COMMANDS)


def test_an_unknown_command_is_a_usage_error_with_a_proposal(shell: Shell) -> None:
    code, _, err = shell("chekc")
    assert code == 2 and 'unknown command "chekc" for "understudy"; did you mean "check"?' in err


def test_an_unknown_flag_is_a_usage_error(shell: Shell) -> None:
    code, _, err = shell("check", "--zz")
    assert code == 2 and "unknown flag: --zz" in err


@pytest.mark.parametrize("name", ["UNDERSTUDY_EXIT_CODES"])
def test_krakends_codes_can_be_had(shell: Shell, name: str) -> None:
    shell.monkeypatch.setenv(name, "krakend")
    assert shell("dance")[0] == 255
    assert shell("run")[0] == 0
    assert shell("check")[0] == 1
    assert shell("run", "-c", shell.file("{"))[0] == 255
    assert shell("check", "-c", shell.file("{"))[0] == 1


def test_options_may_stand_before_the_command(shell: Shell) -> None:
    with shell.supervisor() as calls:
        assert shell("-c", shell.file(GOOD), "-p", "9", "run")[0] == 0
    assert calls[0]["port"] == 9 and str(calls[0]["path"]) == "krakend.json"


def test_every_command_is_imported_by_its_name_and_has_help(shell: Shell) -> None:
    for name in COMMANDS:
        code, out, _ = shell(name, "--help")
        assert code == 0 and out.startswith("Usage: understudy"), name


def test_running_imports_nothing_that_is_not_needed() -> None:
    script = ("import sys; from understudy.cli.run import command; "
              "heavy = {'rich', 'yaml', 'tomllib', 'jsonschema_rs', 'starlette', 'uvicorn', 'asyncio', 'ssl', "
              "'prometheus_client', 'xmltodict', 'feedparser'} & set(sys.modules); print(sorted(heavy))")
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_the_module_runs_like_the_program() -> None:
    done = subprocess.run([sys.executable, "-m", "understudy", "version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.startswith("Understudy Version: ")
