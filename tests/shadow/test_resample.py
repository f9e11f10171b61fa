"""The primary asked once more: for a share, for safe methods, bounded, and in place of a control."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shadow.making import shadow
from tests.shadow.mirroring import mirroring
from tests.shadow.test_pairing import Bench, answered
from understudy.config.model import CompareRules
from understudy.exchange import Answer
from understudy.shadow import resample
from understudy.testing import faults
from understudy.testing.backend import Backend, reply

ALWAYS = CompareRules(resample=1.0)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 1.0])
def test_the_share_is_met_and_does_not_follow_the_ids(share: float) -> None:
    hits = [resample.chosen(id, share) for id in range(10**12, 10**12 + 20_000)]
    assert abs(sum(hits) - 20_000 * share) <= 4 * (20_000 * share * (1 - share)) ** 0.5
    assert hits == [resample.chosen(id, share) for id in range(10**12, 10**12 + 20_000)]


async def test_what_the_primary_answers_again_takes_the_place_of_a_control(tmp_path: Path) -> None:
    bench = Bench()
    async with Backend(reply(b"again")) as primary, Backend(reply(b"new")) as backend:
        keys = {"primary": primary.url, "judge": bench}
        async with mirroring(tmp_path, backend.url, shadow(compare=ALWAYS), **keys) as m:
            m.say(frame := m.frame())
            answered(m, frame.id)
            await m.until("compared")
            values = m.board.values()
    assert [seen.target for seen in primary.seen] == ["/p"]
    assert primary.seen[0].header("x-understudy-shadow") == f"{frame.id:016x}"
    assert primary.seen[0].header("x-a") == "1"
    ((exchange, share),) = bench.seen
    assert share == 1.0 and isinstance(exchange.control, Answer) and exchange.control.body == b"again"
    again = {o: values[f'understudy_shadow_resampled_total{{shadow="s",outcome="{o}"}}'] for o in ("sent", "answered")}
    assert again == {"sent": 1, "answered": 1}


async def test_unsafe_methods_are_never_repeated(tmp_path: Path) -> None:
    bench = Bench()
    async with Backend(reply(b"again")) as primary, Backend(reply(b"new")) as backend:
        keys = {"primary": primary.url, "judge": bench, "method": "POST"}
        async with mirroring(tmp_path, backend.url, shadow(compare=ALWAYS), **keys) as m:
            m.say(frame := m.frame(method="POST"))
            answered(m, frame.id)
            await m.until("compared")
    assert not primary.seen
    assert bench.seen[0][1] == 0.0


async def test_a_pair_that_was_to_have_a_control_and_has_none_is_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what the candidate does alone would seem to be worse than it is."""
    monkeypatch.setattr(resample, "MOST", 1)
    bench = Bench()
    async with Backend(faults.hang) as primary, Backend(reply(b"new")) as backend:
        keys = {"primary": primary.url, "judge": bench}
        async with mirroring(tmp_path, backend.url, shadow(compare=ALWAYS, timeout=0.5), **keys) as m:
            m.say(*(frames := [m.frame(), m.frame(), m.frame()]))
            for frame in frames:
                answered(m, frame.id)
            await m.until("no_control", 2)
            await m.until("compared")
            assert m.mirror.budget.held == 0
    assert len(bench.seen) == 1
