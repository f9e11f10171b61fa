"""From counters to Prometheus' text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from understudy.gateway.meters import label
from understudy.telemetry.counters import LATENCY_BUCKETS, latency_bounds, latency_bucket
from understudy.telemetry.metrics import BadSample, estimated_sum, exposition, sample


def test_a_name_without_labels() -> None:
    assert sample("up") == ("up", ())


@given(st.lists(st.tuples(st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True), st.text()), max_size=4))
def test_labels_come_back_as_they_were_whatever_is_in_them(labels: list[tuple[str, str]]) -> None:
    text = "family{" + ",".join(f'{k}="{label(v)}"' for k, v in labels) + "}"
    assert sample(text) == ("family", tuple(labels))


@pytest.mark.parametrize("bad", ["", "{}", "a{", 'a{b="c"', 'a{b="c"}x', 'a{b=c}', 'a{b="c" d="e"}', 'a{b="\\"}'])
def test_what_is_no_sample_is_an_error(bad: str) -> None:
    with pytest.raises(BadSample):
        sample(bad)


def test_prometheus_reads_what_is_written() -> None:
    buckets = [0] * LATENCY_BUCKETS
    buckets[latency_bucket(0.001)] = 3
    buckets[-1] = 1
    text = exposition(
        {'a_total{path="/x\\"y"}': 7, 'a_total{path="/z"}': 1, "open": 2.5}, {'seconds{path="/x"}': buckets}
    ).decode()
    found = {f.name: f for f in text_string_to_metric_families(text)}
    assert {f.name: f.type for f in found.values()} == {"a": "counter", "open": "gauge", "seconds": "histogram"}
    assert [(s.labels, s.value) for s in found["a"].samples] == [({"path": '/x"y'}, 7.0), ({"path": "/z"}, 1.0)]
    by_bound = {s.labels["le"]: s.value for s in found["seconds"].samples if s.name == "seconds_bucket"}
    assert by_bound["+Inf"] == 4 and list(by_bound.values()) == sorted(by_bound.values())
    assert {s.value for s in found["seconds"].samples if s.name == "seconds_count"} == {4.0}
    below = [float(le) for le, n in by_bound.items() if n == 0]
    assert max(below) < 0.001 <= min(float(le) for le, n in by_bound.items() if n == 3)


def test_the_sum_is_within_the_width_of_a_bucket() -> None:
    buckets = [0] * LATENCY_BUCKETS
    seconds = [0.0004, 0.003, 0.02, 0.5]
    for s in seconds:
        buckets[latency_bucket(s)] += 1
    assert estimated_sum(buckets) == pytest.approx(sum(seconds), rel=0.13)
    assert estimated_sum([0] * LATENCY_BUCKETS) == 0.0
    assert len(latency_bounds()) == LATENCY_BUCKETS - 1
