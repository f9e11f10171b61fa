"""What children of each kind do, imported in the child that does it, so that no other process pays for it."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.process.duty import Duty, Main
from understudy.process.slots import Kind


def worker(duty: Duty) -> int:
    """Serves users."""
    from understudy.process.worker import main

    return main(duty)


def mirror(duty: Duty) -> int:
    """Sends copies."""
    from understudy.process.mirror import main

    return main(duty)


def admin(duty: Duty) -> int:
    """Serves the admin side."""
    from understudy.admin.child import main

    return main(duty)


MAINS: Mapping[Kind, Main] = {"worker": worker, "mirror": mirror, "admin": admin}
