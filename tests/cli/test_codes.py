import pytest

from understudy.cli.codes import Outcome, config_outcome, exit_code, like_krakend
from understudy.config.problems import Problem


@pytest.mark.parametrize(("outcome", "code"), [(Outcome.FINE, 0), (Outcome.FAILED, 1), (Outcome.CONFIG, 2),
                                               (Outcome.NO_FILE, 2), (Outcome.USAGE, 2)])
def test_our_codes_are_the_same_for_every_command(outcome: Outcome, code: int) -> None:
    assert {exit_code(outcome, command) for command in ("run", "check", "")} == {code}


@pytest.mark.parametrize(("outcome", "run", "check"), [(Outcome.FINE, 0, 0), (Outcome.FAILED, 0, 1),
                                                       (Outcome.CONFIG, 255, 1), (Outcome.NO_FILE, 0, 1),
                                                       (Outcome.USAGE, 255, 255)])
def test_krakends_codes_depend_on_the_command(outcome: Outcome, run: int, check: int) -> None:
    assert exit_code(outcome, "run", krakend=True) == run
    assert exit_code(outcome, "check", krakend=True) == check


def test_krakends_codes_are_wanted_by_variable_or_by_name() -> None:
    assert like_krakend({"UNDERSTUDY_EXIT_CODES": "krakend"}, "/usr/bin/understudy")
    assert like_krakend({}, "/usr/bin/krakend")
    assert not like_krakend({}, "/usr/bin/understudy")


def test_for_krakend_unusable_keys_are_a_failure_while_running() -> None:
    keys = Problem(path=("tls",), message="x", code="tls")
    other = Problem(path=("port",), message="x")
    assert config_outcome([keys], krakend=True) is Outcome.FAILED
    assert config_outcome([keys, other], krakend=True) is Outcome.CONFIG
    assert config_outcome([keys], krakend=False) is Outcome.CONFIG
