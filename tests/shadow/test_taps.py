"""All taps of a worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shadow.making import ask, board, counts, request, service, shadow
from understudy.config.model import Match, Service
from understudy.shadow import taps
from understudy.shadow.accounting import FULL
from understudy.shadow.link import Link
from understudy.shadow.taps import Taps
from understudy.shadow.valve import Valves
from understudy.telemetry.counters import Board


def built(of: Service, folder: Path) -> tuple[Taps, Board, Link]:
    counters, link = board("worker", of), Link(str(folder / "none"))
    return taps.build(of, counters, link, Valves(of)), counters, link


async def test_only_endpoints_with_shadows_have_one(tmp_path: Path) -> None:
    of = service(shadow("a"), shadow("b"))
    (endpoint,) = of.endpoints
    plain = Service(endpoints=(*of.endpoints, type(endpoint)(index=1, path="/x", method="GET", timeout=1.0,
                                                             backends=endpoint.regular)))
    made, _, _ = built(plain, tmp_path)
    assert list(made.by_endpoint) == [0] and list(made.seats) == ["a", "b"]


async def test_settings_hold_from_the_next_request_on(tmp_path: Path) -> None:
    made, _, _ = built(service(shadow("a"), shadow("b")), tmp_path)
    assert made.set("a", percent=5.0) and made.set("a", paused=True) and not made.set("c", percent=5.0)
    assert (made.seats["a"].policy.share, made.seats["a"].policy.paused) == (FULL // 20, True)
    assert made.seats["b"].policy.lets_all


async def test_a_link_that_ends_settles_every_shadow(tmp_path: Path) -> None:
    made, counters, link = built(service(shadow("a"), shadow("b")), tmp_path)
    for seat in made.seats.values():
        seat.cells[seat.handed] = 3
    link.on_end()
    settled = {k: n for k, n in counts(counters).items() if "settled" in k}
    assert list(settled.values()) == [3, 3]


async def test_a_request_is_found_by_its_id_and_an_unknown_one_is_not(tmp_path: Path) -> None:
    made, _, _ = built(service(), tmp_path)
    asked = ask()
    made.by_endpoint[0].begin(asked, request())
    (found,) = made.explain(f"{asked.id:016x}")
    assert (found.shadow, found.endpoint, found.outcome) == ("s", "/e", "no_mirror")
    assert made.explain("0") == [] and made.explain("no id") == []


async def test_ids_are_unique_and_start_anywhere() -> None:
    first, second = taps.new_ids(), taps.new_ids()
    ids = {first() for _ in range(1000)} | {second() for _ in range(1000)}
    assert len(ids) == 2000 and all(0 <= id < 1 << 64 for id in ids)


async def test_an_expression_needs_somebody_who_compiles_it(tmp_path: Path) -> None:
    of = service(shadow(match=Match(expression="x")))
    with pytest.raises(ValueError, match="CEL"):
        built(of, tmp_path)
    made = taps.build(of, board("worker", of), Link(str(tmp_path / "n")), Valves(of),
                      compile=lambda text: lambda ask, request: False)
    assert made.seats["s"].policy.decide(ask(), request(), 0) == "match"
