"""Metrics over HTTP."""

from __future__ import annotations

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from tests.admin.asking import Answers, ask
from tests.admin.counted import COUNTERS
from understudy.admin.app import make_app
from understudy.admin.guard import Guard


async def test_prometheus_can_read_them() -> None:
    desk = Answers(counters=msgspec.to_builtins(COUNTERS), shadows=[{"name": "s"}], children=[])
    got = await ask(make_app(desk, Guard("127.0.0.1", None)), "GET", "/metrics")
    assert got.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {f.name: f for f in text_string_to_metric_families(got.body.decode())}
    assert families["understudy_shadow_seconds"].type == "histogram"
    assert families["understudy_child_restarts"].samples[0].value == 1
