"""The command line: the only part that prints and exits.

One file a command; nothing is imported before it is asked for.

``program`` knows the commands, ``codes`` the exit codes, ``complaints`` how problems look.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. ``argv`` is what stands after the program's name."""
    from understudy.cli.program import start

    return start(argv)
