"""Lines on their way to a descriptor."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from understudy.telemetry.sink import BATCH, Sink, opened


class Timer:
    """A loop's ``call_later`` that rings when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, seconds: float, run: Callable[[], None]) -> None:
        self.waiting.append(run)

    def ring(self) -> None:
        due, self.waiting = self.waiting, []
        for run in due:
            run()


def test_without_a_timer_a_line_is_written_at_once(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        sink = Sink(file.fileno())
        sink.write(b"a\n")
        assert (tmp_path / "log").read_bytes() == b"a\n"


def test_lines_wait_for_the_timer_or_for_a_full_batch(tmp_path: Path) -> None:
    timer = Timer()
    with (tmp_path / "log").open("wb") as file:
        sink = Sink(file.fileno(), later=timer)
        sink.write(b"a\n")
        sink.write(b"b\n")
        assert (tmp_path / "log").read_bytes() == b"" and len(timer.waiting) == 1
        timer.ring()
        assert (tmp_path / "log").read_bytes() == b"a\nb\n"
        sink.write(b"c\n")
        sink.write(b"x" * BATCH)
        assert (tmp_path / "log").stat().st_size == BATCH + 6


def test_a_pipe_that_nobody_reads_neither_blocks_nor_grows_and_what_is_lost_is_said() -> None:
    timer, (reading, writing) = Timer(), os.pipe()
    sink = Sink(writing, later=timer, limit=100_000)
    line = b"x" * 99 + b"\n"
    for _ in range(5000):
        sink.write(line)
        if len(timer.waiting) > 1:
            timer.ring()
    timer.ring()
    assert sink.dropped > 0
    dropped, got = sink.dropped, b""
    os.set_blocking(reading, False)
    while b"were dropped" not in got:
        try:
            got += os.read(reading, 1 << 20)
        except BlockingIOError:
            pass
        timer.ring()
    lines = got.splitlines(keepends=True)
    assert lines[-1].startswith(b"%d log lines were dropped" % dropped)
    assert all(one == line for one in lines[:-1]) and len(lines) - 1 == 5000 - dropped
    os.close(reading)
    os.close(writing)


def test_a_pipe_is_not_made_non_blocking_for_those_who_share_it() -> None:
    reading, writing = os.pipe()
    own = opened(writing)
    assert own != writing
    assert fcntl.fcntl(own, fcntl.F_GETFL) & os.O_NONBLOCK
    assert not fcntl.fcntl(writing, fcntl.F_GETFL) & os.O_NONBLOCK
    for fd in (own, reading, writing):
        os.close(fd)


def test_when_the_reader_has_gone_lines_are_lost_without_a_word() -> None:
    reading, writing = os.pipe()
    sink = Sink(writing)
    os.close(reading)
    sink.write(b"a\n")
    assert sink.dropped == 1 and sink.flush()
    sink.close()
    os.close(writing)


def test_closing_writes_what_waits(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        sink = Sink(file.fileno(), later=Timer())
        sink.write(b"last\n")
        sink.close()
        assert (tmp_path / "log").read_bytes() == b"last\n"
