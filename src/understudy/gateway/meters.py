"""What the request path counts: names of counters, and the increments.

Names are complete Prometheus samples, so that merging and exposing them needs no table.
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.config.model import Endpoint, Service
from understudy.telemetry.counters import Board, Layout, latency_bucket

_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")


def label(text: str) -> str:
    """A label value, escaped for Prometheus' text format."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def request_names(endpoint: Endpoint) -> tuple[str, ...]:
    """One counter for each class of statuses."""
    head = f'understudy_requests_total{{endpoint="{label(endpoint.path)}",method="{label(endpoint.method)}"'
    return tuple(f'{head},class="{c}"}}' for c in _CLASSES)


def seconds_name(endpoint: Endpoint) -> str:
    """The histogram of answer times, as seen by the gateway."""
    return f'understudy_request_seconds{{endpoint="{label(endpoint.path)}",method="{label(endpoint.method)}"}}'


OTHER = tuple(f'understudy_other_requests_total{{class="{c}"}}' for c in _CLASSES)
"""Requests that belong to no endpoint: not found, redirects, health."""


def counter_names(service: Service) -> Iterator[str]:
    """All plain counters of a worker's request path."""
    yield from OTHER
    for endpoint in service.endpoints:
        yield from request_names(endpoint)


def histogram_names(service: Service) -> Iterator[str]:
    """All histograms of a worker's request path."""
    for endpoint in service.endpoints:
        yield seconds_name(endpoint)


def layout(service: Service) -> Layout:
    """The layout of a board that holds only the request path's counters."""
    return Layout(dict.fromkeys(counter_names(service)), dict.fromkeys(histogram_names(service)))


class EndpointMeters:
    """The counters of one endpoint."""

    __slots__ = ("_cells", "_class", "_seconds")

    def __init__(self, board: Board, endpoint: Endpoint) -> None:
        self._cells = board.cells
        self._class = board.slot(request_names(endpoint)[0]) - 1
        self._seconds = board.slot(seconds_name(endpoint))

    def count(self, status: int, seconds: float) -> None:
        """Counts one answered request."""
        cells = self._cells
        cells[self._class + status // 100] += 1
        cells[self._seconds + latency_bucket(seconds)] += 1


class OtherMeters:
    """The counters of requests without an endpoint."""

    __slots__ = ("_cells", "_class")

    def __init__(self, board: Board) -> None:
        self._cells = board.cells
        self._class = board.slot(OTHER[0]) - 1

    def count(self, status: int) -> None:
        """Counts one answered request."""
        self._cells[self._class + status // 100] += 1
