import pytest

from tests.cli.calling import GOOD, Shell


def test_the_service_is_handed_to_the_supervisor(shell: Shell) -> None:
    shell.monkeypatch.setenv("KRAKEND_TIMEOUT", "7s")
    with shell.supervisor() as calls:
        assert shell("run", "--config", shell.file(GOOD), "-d", "--port=8099")[0] == 0
    call = calls[0]
    assert call["service"].timeout == 7.0 and call["debug"] is True and call["port"] == 8099
    assert call["env"]["KRAKEND_TIMEOUT"] == "7s"


@pytest.mark.parametrize("code", [0, 1])
def test_the_supervisors_code_is_ours(shell: Shell, code: int) -> None:
    with shell.supervisor(code):
        assert shell("run", "-c", shell.file(GOOD))[0] == code


def test_without_a_file_the_remedy_is_told(shell: Shell) -> None:
    code, _, err = shell("run")
    assert code == 2 and "Please, provide the path to the configuration file" in err


def test_a_bad_file_is_refused_with_every_problem(shell: Shell) -> None:
    file = shell.file({**GOOD, "timeout": "soon", "version": 2})
    with shell.supervisor() as calls:
        code, _, err = shell("run", "-c", file)
    assert code == 2 and not calls
    assert "ERROR parsing the configuration file: 2 errors" in err and "krakend.json:1:" in err


def test_conflicting_routes_do_not_start(shell: Shell) -> None:
    file = shell.file({"version": 3, "endpoints": GOOD["endpoints"] * 2})
    with shell.supervisor() as calls:
        code, _, err = shell("run", "-c", file)
    assert code == 2 and not calls and "already registered" in err


def test_warnings_are_shown_and_do_not_stop(shell: Shell) -> None:
    with shell.supervisor() as calls:
        code, _, err = shell("run", "-c", shell.file({**GOOD, "mystery": 1}))
    assert code == 0 and calls and "mystery" in err


@pytest.mark.parametrize("port", ["x", "-1", "70000"])
def test_an_impossible_port_is_a_usage_error(shell: Shell, port: str) -> None:
    assert shell("run", "-c", shell.file(GOOD), f"--port={port}")[0] == 2
