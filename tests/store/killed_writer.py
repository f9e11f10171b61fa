"""A process that writes until it is killed: prints how many outcomes it has handed over, and how many are saved."""

from __future__ import annotations

import sys
import time

from sqlalchemy.engine import make_url

from tests.store.conftest import IDENTITY
from tests.store.samples import USERS, exchange
from understudy.store.epochs import Opening
from understudy.store.writer import Plan, Writer

if __name__ == "__main__":
    writer = Writer(make_url(sys.argv[1]), Opening(identity=IDENTITY, digest="d"), Plan(interval=0.01))
    writer.start()
    end = time.monotonic() + 30
    handed = 0
    while time.monotonic() < end:
        writer.add(USERS, {f"k{n}": 1 for n in range(50)}, 1, [f"$.p{handed % 100}"])
        writer.keep(USERS, exchange(handed, b"x" * 2000), [(f"$.p{handed % 100}", "value")])
        handed += 1
        print(handed, writer.state().saved, flush=True)
        time.sleep(0.001)
