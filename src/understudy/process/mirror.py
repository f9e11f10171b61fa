"""A mirror: sends copies until it is told to drain. It steps back for everybody else on the machine."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from understudy.config.model import Service
from understudy.gateway.build import Surroundings, again_part, shadow_part
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.upstream import AnswerLimits
from understudy.process.allocator import give_back_all, give_back_large
from understudy.process.duty import Duty
from understudy.process.household import Household, live, tune_collector
from understudy.process.listeners import BACKLOG
from understudy.shadow.copy import READ_LIMIT
from understudy.shadow.mirror import Mirror

if TYPE_CHECKING:
    from understudy.process.evidence import Evidence

_HEAD = 256 * 1024
"""Bytes of a shadow's header section, at most."""
_WAITING = 32 * 1024
"""Bytes of an answer that wait until they are read: a hundred copies at once must stay small."""
_TIDY = 5
"""Seconds between two looks for memory that can be returned."""
_QUIET = 1.0
"""Seconds between two lines about failed copies of one shadow."""


def main(duty: Duty) -> int:
    """The whole life of a mirror; its exit code."""
    step_back(duty.service.process.mirror_nice)
    return live(duty, _work)


def step_back(nice: int) -> None:
    """Lower priority, and longer turns instead of quick wake-ups, where the system has such a thing."""
    try:
        if nice:
            os.nice(nice)
        if hasattr(os, "SCHED_BATCH"):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    except OSError:
        return


async def _work(house: Household) -> None:
    duty, service = house.duty, house.duty.service
    loop = asyncio.get_running_loop()
    around = Surroundings(service, Deadlines(loop), Outbox(loop), duty.board, answers=bounded(service))
    evidence = _evidence(house)
    mirror = Mirror(
        service,
        duty.board,
        duty.valves[duty.index],
        lambda endpoint, backend: shadow_part(service, endpoint, backend, around),
        generation=duty.generation,
        mirrors=max(1, len(duty.links)),
        judge=evidence.recorder if evidence is not None else None,
        again_of=lambda endpoint, backend: again_part(service, endpoint, backend, around),
        report=_reporter(house),
        changed=lambda name, state, reason: house.lifeline.happened(
            "breaker", f"the breaker of {name} is {state}" + (f" ({reason})" if state == "open" else ""), shadow=name
        ),
    )
    for name, changes in duty.settings.items():
        mirror.set(name, changes)
    house.lifeline.listen("shadow", lambda news: mirror.set(news["name"], news))
    house.lifeline.answer("explain", lambda body: msgspec.to_builtins(mirror.explain(str(body))))
    tune_collector()
    give_back_large()
    background = [loop.create_task(work) for work in around.background()]
    (listener,) = duty.listeners
    accepting = await loop.create_unix_server(mirror.link, sock=listener.dup(), backlog=BACKLOG)
    ticking = loop.create_task(_tick(house, mirror, evidence))
    house.lifeline.ready()
    order = await house.lifeline.drain
    accepting.close()
    ordered = time.monotonic()
    await mirror.drain(order.limit)
    ticking.cancel()
    if evidence is not None:
        await _save(evidence, order.limit, time.monotonic() - ordered)
    for task in background:
        task.cancel()
    around.pools.close()


def bounded(service: Service) -> AnswerLimits:
    """What a shadow may answer: its bodies are streamed, a header section is held, as often as copies are in flight."""
    head = min(_HEAD, service.process.max_response_head_bytes)
    return AnswerLimits(head_bytes=head, body_bytes=READ_LIMIT, waiting_bytes=_WAITING)


def _reporter(house: Household) -> Callable[[str, str], None]:
    """Lines about failed copies, a few a second for each shadow; the rest is counted, and said with the next line."""
    quiet: dict[str, tuple[float, int]] = {}

    def report(name: str, text: str) -> None:
        now = time.monotonic()
        since, unsaid = quiet.get(name, (0.0, 0))
        if now - since < _QUIET:
            quiet[name] = (since, unsaid + 1)
            return
        quiet[name] = (now, 0)
        more = f" (and {unsaid} more)" if unsaid else ""
        house.log.warning(f"[SHADOW: {name}] {text}{more}")

    return report


def _evidence(house: Household) -> Evidence | None:
    """Who judges and writes, where the configuration names a store; without one nobody pays for it."""
    duty = house.duty
    if duty.service.process.store is None:
        return None
    from understudy.process.evidence import UNSAVED, Evidence, unsaved

    try:
        return Evidence(duty.service, duty.config, os.environ, house.lifeline.happened)
    except Exception as error:  # copies are sent whether or not somebody counts what they show
        house.lifeline.happened(UNSAVED, unsaved(str(error) or type(error).__name__))
        return None


async def _save(evidence: Evidence, limit: float | None, used: float) -> None:
    from understudy.process.evidence import seconds_to_save

    await evidence.end(seconds_to_save(limit, used))


async def _tick(house: Household, mirror: Mirror, evidence: Evidence | None) -> None:
    loop = asyncio.get_running_loop()
    turns = [mirror.tick, *([evidence.tick] if evidence is not None else ())]
    ticks = 0
    while True:
        await asyncio.sleep(1.0)
        house.tick()
        for turn in turns:
            try:
                turn(time.monotonic())
            except Exception as error:  # the next turn may be better
                loop.call_exception_handler({"message": "a turn of the mirror's clock failed", "exception": error})
        ticks += 1
        if ticks % _TIDY == 0:
            gc.collect()  # copies that failed leave cycles behind: an error, its frames, the connection
            give_back_all()
