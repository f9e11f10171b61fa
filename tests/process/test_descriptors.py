"""The limit on open descriptors."""

from __future__ import annotations

import os
import resource

from understudy.process.descriptors import raise_limit


def test_the_soft_limit_is_raised_to_the_hard_one() -> None:
    """In a process of its own, for a limit once lowered may stay so."""
    pid = os.fork()
    if pid == 0:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        raised = raise_limit()
        os._exit(0 if raised == resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 64 else 1)
    assert os.waitpid(pid, 0)[1] == 0
