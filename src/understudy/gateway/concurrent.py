"""``concurrent_calls``: the same question several times at once, the first complete answer wins."""

from __future__ import annotations

import asyncio

from understudy.errors import UnderstudyError
from understudy.gateway.body import buffered
from understudy.gateway.types import Ask, Proxy, Reply
from understudy.http.stream import Stream

SHARE = 0.75
"""The part of the endpoint's time that the calls have (KrakenD's figure)."""


def raced(proxy: Proxy, calls: int, timeout: float) -> Proxy:
    """``calls`` copies of each ask; the losers are cancelled. ``timeout`` is the endpoint's, in seconds.

    Without a complete answer the last incomplete one counts, else the last error.
    """
    budget = timeout * SHARE

    async def race(ask: Ask) -> Reply | None:
        ask.deadline = min(ask.deadline, ask.started + budget)
        if type(ask.body) is not bytes:
            await buffered(ask)
        loop = asyncio.get_running_loop()
        pending = {loop.create_task(_one(proxy, ask.copy())) for _ in range(calls)}
        incomplete: Reply | None = None
        error: BaseException | None = None
        try:
            while pending:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    outcome = task.result()
                    if isinstance(outcome, BaseException):
                        error = outcome
                    elif outcome is not None and outcome.complete:
                        return outcome
                    else:
                        incomplete = outcome
        finally:
            for task in pending:
                task.cancel()
                task.add_done_callback(_discard)
        if incomplete is not None or error is None:
            return incomplete
        raise error

    return race


async def _one(proxy: Proxy, ask: Ask) -> Reply | BaseException | None:
    try:
        return await proxy(ask)
    except UnderstudyError as error:
        # What backends said is lost in a race (KrakenD), so no part's own status is passed on.
        error.status = 500
        error.content_type = None
        return error


def _discard(task: asyncio.Task[Reply | BaseException | None]) -> None:
    """A loser that had already answered: nobody reads its body."""
    if not task.cancelled():
        outcome = task.result()
        if isinstance(outcome, Reply) and isinstance(outcome.body, Stream):
            outcome.body.discard()
