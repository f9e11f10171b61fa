"""Which counters the processes of each kind have."""

from __future__ import annotations

from tests.process.test_generations import service
from understudy.process.boards import board_for, layout_for
from understudy.shadow import accounting
from understudy.telemetry.metrics import sample


def test_workers_and_mirrors_count_what_the_accounting_asks_for() -> None:
    configured = service(shadows=True)
    assert set(accounting.worker_names(configured)) <= set(layout_for("worker", configured).slots)
    assert set(accounting.mirror_names(configured)) <= set(layout_for("mirror", configured).slots)


def test_every_name_is_a_sample_that_prometheus_can_show() -> None:
    for kind in ("worker", "mirror", "admin"):
        for name in layout_for(kind, service(shadows=True)).slots:
            assert sample(name)[0].startswith("understudy_")


def test_a_board_begins_at_zero() -> None:
    assert set(board_for("worker", service(shadows=True)).values().values()) == {0}
