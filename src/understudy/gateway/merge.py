"""Several backends at once, one answer: merged in declared order, complete only when every part is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from understudy.errors import BackendError, UnderstudyError
from understudy.gateway.body import buffered
from understudy.gateway.types import Ask, Proxy, Reply

SHARE = 0.85
"""The part of the endpoint's time that backends have; the rest is for encoding (KrakenD's figure)."""


class MergeError(BackendError):
    """Every part has failed; the text holds all reasons, a line each, and no part's own status."""

    kind = "merge"

    def __init__(self, errors: Sequence[BaseException]) -> None:
        super().__init__("\n".join(str(e) for e in errors))
        self.errors = tuple(errors)


def merged(proxies: Sequence[Proxy], timeout: float) -> Proxy:
    """All at the same time; ``timeout`` is the endpoint's, in seconds.

    The first runs in the caller's task and the others in one each. Unlike KrakenD, which merges in order of arrival,
    equal keys are decided by the declared order, so two equal requests have equal answers.
    """
    first, rest = proxies[0], tuple(proxies[1:])
    budget = timeout * SHARE

    async def proxy(ask: Ask) -> Reply:
        ask.deadline = min(ask.deadline, ask.started + budget)
        if type(ask.body) is not bytes:
            await buffered(ask)
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(_outcome(p, ask)) for p in rest]
        try:
            outcomes = [await _outcome(first, ask), *[await task for task in tasks]]
        except BaseException:
            for task in tasks:
                task.cancel()
            raise
        return combined(outcomes)

    return proxy


async def _outcome(proxy: Proxy, ask: Ask) -> Reply | BaseException | None:
    try:
        return await proxy(ask)
    except UnderstudyError as error:
        return error


def combined(outcomes: Sequence[Reply | BaseException | None]) -> Reply:
    """The parts as one reply: top-level keys, later parts over earlier ones. Raises ``MergeError`` without any part."""
    data: dict[str, Any] = {}
    errors: list[BaseException] = []
    complete, parts = True, 0
    for outcome in outcomes:
        if isinstance(outcome, Reply) and outcome.data is not None:
            data.update(outcome.data)
            parts += 1
            complete = complete and outcome.complete
        else:
            errors.append(outcome if isinstance(outcome, BaseException) else BackendError("invalid response"))
    if not parts:
        raise MergeError(errors)
    reply = Reply(data, complete and not errors)
    reply.errors = tuple(str(e) for e in errors)
    return reply
