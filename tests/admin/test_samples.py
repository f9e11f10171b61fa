"""The numbers of /metrics."""

from __future__ import annotations

from tests.admin.counted import COUNTERS
from understudy.admin.samples import accounts, samples


def test_what_died_with_a_process_is_counted_as_lost() -> None:
    (account,) = accounts(COUNTERS, ["s"])
    assert (account.eligible, account.sent, account.answered, account.failed) == (3, 2, 1, {"lost": 1})
    assert account.problems() == [] and account.at_rest


def test_derived_numbers_stand_beside_counted_ones() -> None:
    found = samples(COUNTERS, ["s"], [{"name": "worker 0", "resident_bytes": 7, "cpu_seconds": 0.5}])
    assert found['understudy_shadow_failed_total{shadow="s",kind="lost"}'] == 1
    assert found['understudy_shadow_in_flight{shadow="s"}'] == 0
    assert found['understudy_shadow_guard_share{shadow="s"}'] == 0.75
    assert found['understudy_requests_total{class="2xx"}'] == 3
    assert found['understudy_process_resident_memory_bytes{process="worker 0"}'] == 7
    assert 'understudy_process_open_descriptors{process="worker 0"}' not in found


def test_what_is_only_for_the_accounting_is_not_shown() -> None:
    assert not [name for name in samples(COUNTERS, ["s"], []) if "settled" in name or "shadow_state" in name]


def test_the_whole_account_of_a_shadow_can_be_read_off() -> None:
    """Whoever adds up what is exposed comes to the same identity."""
    found = samples(COUNTERS, ["s"], [])

    def copies(outcome: str) -> float:
        return found[f'understudy_shadow_copies_total{{shadow="s",outcome="{outcome}"}}']

    def total(what: str) -> float:
        return sum(n for name, n in found.items() if name.startswith(f"understudy_shadow_{what}_total{{"))

    assert copies("eligible") == (
        copies("sent") + total("skipped") + total("dropped") + found['understudy_shadow_in_transit{shadow="s"}'])
    assert copies("sent") == copies("answered") + total("failed") + found['understudy_shadow_in_flight{shadow="s"}']
    assert copies("answered") == (
        copies("compared") + total("not_compared") + found['understudy_shadow_pending{shadow="s"}'])
