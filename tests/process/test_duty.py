"""What a child keeps open."""

from __future__ import annotations

import socket

from understudy.config.model import Service
from understudy.process.boards import board_for
from understudy.process.duty import Duty


def test_a_child_keeps_its_channel_and_its_listeners() -> None:
    control, listener = socket.socketpair()
    duty = Duty(
        kind="worker", index=0, name="worker 0", service=Service(), board=board_for("worker", Service()),
        control=control, listeners=(listener,),
    )  # fmt: skip
    assert duty.sockets() == (control, listener)
    control.close()
    listener.close()
