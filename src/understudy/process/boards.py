"""Which counters the processes of each kind have."""

from __future__ import annotations

from understudy.config.model import Service
from understudy.gateway import meters
from understudy.process.slots import Kind
from understudy.shadow import accounting
from understudy.telemetry.counters import Board, Layout

LINES_DROPPED = "understudy_log_lines_dropped_total"
CONNECTIONS = "understudy_client_connections"


def layout_for(kind: Kind, service: Service) -> Layout:
    """The counters of one process."""
    if kind == "worker":
        names = [LINES_DROPPED, CONNECTIONS, *accounting.worker_names(service), *meters.counter_names(service)]
        return Layout(dict.fromkeys(names), dict.fromkeys(meters.histogram_names(service)))
    if kind == "mirror":
        return Layout(dict.fromkeys([LINES_DROPPED, *accounting.mirror_names(service)]),
                      dict.fromkeys(accounting.mirror_histograms(service)))
    return Layout([LINES_DROPPED])


def board_for(kind: Kind, service: Service) -> Board:
    """A fresh board, to be made before the fork, so that it is shared."""
    return Board(layout_for(kind, service))
