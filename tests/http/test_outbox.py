"""Writes of one turn of the loop."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from understudy.http.outbox import Outbox


class Wire:
    """Notes what is written."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        """Sends."""
        self.sent.append(data)

    def is_closing(self) -> bool:
        """Whether it is gone."""
        return self.closing


async def test_messages_go_out_at_the_end_of_the_turn_in_order() -> None:
    """Nothing before, everything after."""
    outbox, wire = Outbox(asyncio.get_running_loop()), Wire()
    for part in (b"a", b"b", b"c"):
        outbox.write(cast(Any, wire), part)
    assert wire.sent == []
    await asyncio.sleep(0)
    assert wire.sent == [b"a", b"b", b"c"]


async def test_flushing_sends_at_once_and_only_once() -> None:
    """What was flushed does not come again."""
    outbox, wire = Outbox(asyncio.get_running_loop()), Wire()
    outbox.write(cast(Any, wire), b"a")
    outbox.flush()
    assert wire.sent == [b"a"]
    await asyncio.sleep(0)
    assert wire.sent == [b"a"]


async def test_bytes_for_a_dead_connection_are_dropped() -> None:
    """Others still get theirs."""
    outbox, dead, alive = Outbox(asyncio.get_running_loop()), Wire(), Wire()
    dead.closing = True
    outbox.write(cast(Any, dead), b"a")
    outbox.write(cast(Any, alive), b"b")
    outbox.flush()
    assert (dead.sent, alive.sent) == ([], [b"b"])
