"""The numbers of ``/metrics``: counters of all processes, the accounts of shadows, and what the kernel knows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from understudy.process.ledger import Counters
from understudy.shadow import accounting
from understudy.shadow.accounting import Parts, Summary

_INTERNAL = ('outcome="settled_by_worker"', 'outcome="settled_by_mirror"')


def accounts(counters: Counters, shadows: Iterable[str]) -> list[Summary]:
    """The account of every shadow."""
    parts = Parts(mirrors=counters.mirrors, workers=counters.workers, dead_mirrors=[counters.dead_mirrors],
                  dead_workers=[counters.dead_workers])
    return [accounting.summary(name, parts, counters.histograms) for name in shadows]


def samples(counters: Counters, shadows: Iterable[str], processes: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """All plain samples by name."""
    out: dict[str, float] = {
        name: n for name, n in counters.total().items()
        if not name.startswith("understudy_shadow_state{") and not name.endswith(tuple(f"{i}}}" for i in _INTERNAL))
    }  # fmt: skip
    for account in accounts(counters, shadows):
        out.update(_derived(account))
    for process in processes:
        label = f'{{process="{process["name"]}"}}'
        for key, name in (("resident_bytes", "understudy_process_resident_memory_bytes"),
                          ("cpu_seconds", "understudy_process_cpu_seconds_total"),
                          ("descriptors", "understudy_process_open_descriptors")):
            if process.get(key) is not None:
                out[name + label] = process[key]
    return out


def _derived(account: Summary) -> dict[str, float]:
    """What no process has counted, because it follows from all counts together."""
    name, label = account.shadow, f'{{shadow="{accounting.label(account.shadow)}"}}'
    return {
        accounting.dropped(name, "lost"): account.dropped.get("lost", 0),
        accounting.failed(name, "lost"): account.failed.get("lost", 0),
        accounting.not_compared(name, "lost"): account.not_compared.get("lost", 0),
        f"understudy_shadow_in_transit{label}": account.in_transit,
        f"understudy_shadow_in_flight{label}": account.in_flight,
        f"understudy_shadow_pending{label}": account.pending,
        f"understudy_shadow_breaker_open{label}": int(account.breaker != "closed"),
        f"understudy_shadow_guard_share{label}": account.guard,
    }
