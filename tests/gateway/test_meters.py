"""Counters of the request path."""

from __future__ import annotations

import re

from tests.config.reading import config, read
from understudy.gateway.meters import (
    OTHER,
    EndpointMeters,
    OtherMeters,
    counter_names,
    histogram_names,
    label,
    layout,
    request_names,
    seconds_name,
)
from understudy.telemetry.counters import Board


def test_labels_are_escaped() -> None:
    """For Prometheus' text format."""
    assert label('a"b\\c\nd') == 'a\\"b\\\\c\\nd'


def test_each_answer_is_counted_in_its_class_and_in_its_time() -> None:
    """And nowhere else."""
    service = read(config())
    board, endpoint = Board(layout(service)), service.endpoints[0]
    meters, other = EndpointMeters(board, endpoint), OtherMeters(board)
    for status in (101, 200, 204, 301, 404, 404, 500):
        meters.count(status, 0.01)
    other.count(404)
    cells = [board.cells[board.slot(name)] for name in request_names(endpoint)]
    assert cells == [1, 2, 1, 2, 1]
    assert [board.cells[board.slot(name)] for name in OTHER] == [0, 0, 0, 1, 0]
    assert sum(board.cells) == 7 + 1 + 7


def test_names_are_whole_samples_and_all_of_them_are_in_the_layout() -> None:
    """Each once."""
    service = read(config())
    names = [*counter_names(service), *histogram_names(service)]
    assert len(set(names)) == len(names)
    sample = re.compile(r'[a-z_]+\{([a-z]+="[^"]*",?)+\}\Z')
    assert all(sample.match(name) for name in names)
    board = Board(layout(service))
    assert all(board.slot(name) >= 0 for name in names)
    assert seconds_name(service.endpoints[0]) in names
