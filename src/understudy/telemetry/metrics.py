"""From counters to Prometheus' text format. The names of counters are complete samples already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from understudy.telemetry.counters import LATENCY_BUCKETS, latency_bounds

STEP = 2
"""Every so many bounds of our histograms one is shown; counts are cumulative, so the shown ones stay exact."""

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(,|$)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"n": "\n", '"': '"', "\\": "\\"}

HELP: Mapping[str, str] = {
    "understudy_requests": "Answered requests of an endpoint, by class of status.",
    "understudy_request_seconds": "Time to answer; the sum is estimated from the buckets.",
    "understudy_other_requests": "Answered requests that belong to no endpoint.",
    "understudy_shadow_copies": "Copies of a shadow that came this far.",
    "understudy_shadow_skipped": "Requests that were not to be copied, by reason.",
    "understudy_shadow_dropped": "Copies that were given up before they were sent, by reason.",
    "understudy_shadow_failed": "Copies that got no complete answer, by kind.",
    "understudy_shadow_not_compared": "Answers of copies that were not compared, by reason.",
    "understudy_shadow_seconds": "Time to answer on both sides of a shadow; the sum is estimated from the buckets.",
    "understudy_child_restarts": "Children that died and were started again.",
    "understudy_children": "Children by kind and phase.",
    "understudy_reloads": "Times that the configuration was read again, by result.",
    "understudy_client_connections": "Open connections of clients.",
    "understudy_log_lines_dropped": "Log lines that nobody took in time.",
}


class BadSample(ValueError):
    """A counter's name is no Prometheus sample."""


@lru_cache(maxsize=65536)
def sample(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Family and labels of ``family{label="value"}``. Raises BadSample."""
    name = _NAME.match(text)
    if name is None:
        raise BadSample(f"{text!r} is no sample")
    at = name.end()
    if at == len(text):
        return name[0], ()
    if text[at] != "{" or text[-1] != "}":
        raise BadSample(f"{text!r} is no sample")
    at, end, labels = at + 1, len(text) - 1, []
    while at < end:
        label = _LABEL.match(text, at, end)
        if label is None:
            raise BadSample(f"{text!r} is no sample")
        labels.append((label[1], _ESCAPED.sub(lambda m: _MEANT.get(m[1], m[0]), label[2])))
        at = label.end()
    return name[0], tuple(labels)


def families(values: Mapping[str, float], histograms: Mapping[str, Sequence[int]]) -> Iterator[Metric]:
    """All metrics, sorted by name. A family that ends in ``_total`` is a counter, any other a gauge."""
    out: dict[str, Metric] = {}
    for text, n in values.items():
        name, labels = sample(text)
        counter = name.endswith("_total")
        base = name.removesuffix("_total")
        family = out.get(name)
        if family is None:
            family = out[name] = Metric(base, _help(base), "counter" if counter else "gauge")
        family.add_sample(name, dict(labels), n)
    for text, buckets in histograms.items():
        name, labels = sample(text)
        family = out.get(name)
        if family is None:
            family = out[name] = Metric(name, _help(name), "histogram")
        _add_histogram(family, name, dict(labels), buckets)
    for name in sorted(out):
        yield out[name]


def exposition(values: Mapping[str, float], histograms: Mapping[str, Sequence[int]]) -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(_Collector(families(values, histograms)))
    return generate_latest(registry)


class _Collector(Collector):
    """Hands over families that were made for one scrape."""

    def __init__(self, made: Iterable[Metric]) -> None:
        self._made = list(made)

    def collect(self) -> Iterable[Metric]:
        return self._made


def _help(name: str) -> str:
    return HELP.get(name) or name.removeprefix("understudy_").replace("_", " ").capitalize() + "."


def _add_histogram(family: Metric, name: str, labels: dict[str, str], buckets: Sequence[int]) -> None:
    bounds = latency_bounds()
    cumulative = list(accumulate(buckets))
    for i in range(STEP - 1, LATENCY_BUCKETS - 1, STEP):
        family.add_sample(f"{name}_bucket", {**labels, "le": _number(bounds[i])}, cumulative[i])
    family.add_sample(f"{name}_bucket", {**labels, "le": "+Inf"}, cumulative[-1])
    family.add_sample(f"{name}_count", labels, cumulative[-1])
    family.add_sample(f"{name}_sum", labels, estimated_sum(buckets))


def estimated_sum(buckets: Sequence[int]) -> float:
    """Seconds of all observations, each taken as the middle of its bucket."""
    bounds = latency_bounds()
    low, total = 0.0, 0.0
    for n, high in zip(buckets, (*bounds, bounds[-1] * 1.25), strict=True):
        total += n * (low + high) / 2
        low = high
    return total


def _number(bound: float) -> str:
    return f"{bound:.6g}"
