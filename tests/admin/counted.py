"""Counters of a gateway with one shadow, one copy of which was lost with its mirror."""

from __future__ import annotations

from understudy.process.ledger import Counters
from understudy.shadow.accounting import copies, seconds, skipped, state

COUNTERS = Counters(
    mirrors=[{}],
    workers=[{copies("s", "eligible"): 3, copies("s", "handed"): 2, copies("s", "settled_by_worker"): 2,
              skipped("s", "percent"): 1, state("s", "guard"): 250_000, 'understudy_requests_total{class="2xx"}': 3}],
    dead_mirrors={copies("s", "received"): 2, copies("s", "settled_by_mirror"): 2, copies("s", "sent"): 2,
                  copies("s", "answered"): 1, copies("s", "compared"): 1},
    histograms={seconds("s", "candidate"): [0] * 63 + [1]},
    own={'understudy_child_restarts_total{kind="mirror"}': 1},
)  # fmt: skip
