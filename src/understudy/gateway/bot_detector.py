"""``security/bot-detector``: requests whose User-Agent is a bot's are refused. Pure but for the wrapper."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from understudy.config.model import BotDetector
from understudy.config.patterns import any_of
from understudy.gateway.cors import Dispatch
from understudy.http.values import Request, Response

REFUSED = Response(403)
"""What a bot gets: nothing that tells whom it has met."""

_REMEMBERED_BYTES = 1024
"""Longer User-Agents are looked at each time: what clients send must not fill the memory."""


def detector(options: BotDetector) -> Callable[[Request], bool]:
    """Whether a request is a bot's. Of several User-Agents the first counts; ``allow`` goes before everything."""
    empty = options.empty_user_agent_is_bot
    allowed = frozenset(agent.encode() for agent in options.allow)
    denied = frozenset(agent.encode() for agent in options.deny)
    search = any_of(list(options.patterns))

    def judged(agent: bytes) -> bool:
        if agent in allowed:
            return False
        return agent in denied or search(agent.decode("utf-8", "replace"))

    remembered = lru_cache(options.cache_size)(judged) if options.cache_size > 0 else judged

    def is_bot(request: Request) -> bool:
        agent = request.header(b"User-Agent")
        if not agent:
            return empty
        return remembered(agent) if len(agent) <= _REMEMBERED_BYTES else judged(agent)

    return is_bot


def with_bot_detector(
    dispatch: Dispatch, options: BotDetector, health: bytes, refuse: Callable[[Request], Response | None]
) -> Dispatch:
    """The same dispatch behind the detector; requests for the path ``health`` are not its business.

    ``refuse`` makes the answer to a bot, or None where KrakenD answers before it looks for bots (redirects).
    """
    is_bot = detector(options)

    def wrapped(request: Request, respond: Callable[[Response], None]) -> Any:
        if is_bot(request) and request.target.partition(b"?")[0] != health:
            refused = refuse(request)
            if refused is not None:
                return refused
        return dispatch(request, respond)

    return wrapped
