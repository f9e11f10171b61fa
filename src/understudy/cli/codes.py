"""Exit codes: ours, and KrakenD's for scripts that were written for it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import PurePath

from understudy.config.problems import Problem

VARIABLE = "UNDERSTUDY_EXIT_CODES"


class Outcome(Enum):
    """How a command ended."""

    FINE = "fine"
    FAILED = "failed while running"
    CONFIG = "the configuration cannot run, or a check of it fails"
    NO_FILE = "no configuration was named"
    USAGE = "the command line is wrong"


_OURS = {Outcome.FINE: 0, Outcome.FAILED: 1, Outcome.CONFIG: 2, Outcome.NO_FILE: 2, Outcome.USAGE: 2}
_KRAKEND = {Outcome.FINE: 0, Outcome.FAILED: 1, Outcome.CONFIG: 1, Outcome.NO_FILE: 1, Outcome.USAGE: 255}
_KRAKEND_RUN = {**_KRAKEND, Outcome.FAILED: 0, Outcome.CONFIG: 255, Outcome.NO_FILE: 0}


def like_krakend(env: Mapping[str, str], program: str) -> bool:
    """Whether KrakenD's codes are wanted: by ``UNDERSTUDY_EXIT_CODES=krakend``, or by being called ``krakend``."""
    return env.get(VARIABLE, "").lower() == "krakend" or PurePath(program).name == "krakend"


def exit_code(outcome: Outcome, command: str, *, krakend: bool = False) -> int:
    """0 fine, 1 failed while running, 2 bad configuration or usage; or what KrakenD says."""
    if not krakend:
        return _OURS[outcome]
    return (_KRAKEND_RUN if command == "run" else _KRAKEND)[outcome]


def config_outcome(problems: Sequence[Problem], *, krakend: bool) -> Outcome:
    """CONFIG; but for KrakenD unusable TLS keys are a failure while running."""
    errors = [p for p in problems if p.severity == "error"]
    return Outcome.FAILED if krakend and all(p.code == "tls" for p in errors) else Outcome.CONFIG


def env_krakend(program: str) -> bool:
    """The same question about this process."""
    return like_krakend(os.environ, program)
