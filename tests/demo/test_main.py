"""``python -m understudy.demo`` for two seconds, also with its ports taken."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack

from understudy.demo.__main__ import shadows_table, users_table
from understudy.demo.traffic import Traffic

RUN = [sys.executable, "-m", "understudy.demo"]


def hold(stack: ExitStack, port: int) -> None:
    """Takes a port, unless somebody else has it already."""
    sock = stack.enter_context(socket.socket())
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        return
    sock.listen()


def test_taken_ports_are_named_and_others_taken() -> None:
    """Then it shows what users and the shadow got, and ends with 0."""
    with ExitStack() as stack:
        for port in (8080, 8081, 8082):
            hold(stack, port)
        done = subprocess.run(
            RUN, env={**os.environ, "DEMO_SECONDS": "2", "COLUMNS": "160"}, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    for port, name in ((8080, "gateway"), (8081, "primary"), (8082, "shadow")):
        found = re.search(rf"Port {port} is taken: the {name} uses (\d+) instead", done.stdout)
        assert found and int(found[1]) != port
    assert "What users got" in done.stdout and "What the shadow got" in done.stdout
    found = re.search(r"v1 was asked ([\d,]+) times, v2 ([\d,]+) times; users got ([\d,]+) answers", done.stdout)
    assert found is not None
    v1, v2, users = (int(n.replace(",", "")) for n in found.groups())
    assert v1 >= users > 20 and v2 > 20


def test_ctrl_c_ends_it() -> None:
    """With 0, and nothing of it stays behind."""
    with subprocess.Popen(RUN, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(30) == 0, rest


def test_tables_tell_what_is_there() -> None:
    """Numbers, not objects."""
    traffic = Traffic(1)
    traffic.statuses.update([200, 200, 500])
    assert [list(c.cells) for c in users_table(traffic).columns][:2] == [["3"], ["1"]]
    row = {"shadow": "s", "eligible": 1000, "sent": 5, "answered": 4, "failed": {"timeout": 1}, "skipped": {"a": 2},
           "dropped": {}, "in_flight": 1, "in_transit": 2}  # fmt: skip
    cells = [next(iter(c.cells)) for c in shadows_table([row]).columns]
    assert cells == ["s", "1,000", "5", "4", "1", "2", "0", "3"]
