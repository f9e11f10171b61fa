"""``proxy.static``: data that is merged into the answer, depending on how the backends did."""

from __future__ import annotations

from collections.abc import Callable

from understudy.config.model import Static
from understudy.gateway.types import Ask, Proxy, Reply

_WHEN: dict[str, Callable[[Reply | None, bool], bool]] = {
    "always": lambda reply, failed: True,
    "success": lambda reply, failed: not failed,
    "errored": lambda reply, failed: failed,
    "complete": lambda reply, failed: not failed and reply is not None and reply.complete,
    "incomplete": lambda reply, failed: reply is None or not reply.complete,
}


def merged_in(static: Static, reply: Reply | None, error: BaseException | None) -> Reply | None:
    """The reply with the static data where the strategy says so; None when the error stands.

    A partial merge counts as failed and has a reply. Without a reply an incomplete one is made of the data.
    """
    failed = error is not None or (reply is not None and bool(reply.errors))
    if not _WHEN[static.strategy](reply, failed):
        return reply
    if reply is None:
        return Reply(dict(static.data), False, errors=(str(error),) if error is not None else ())
    reply.data = {**(reply.data or {}), **static.data}
    return reply


def with_static(proxy: Proxy, static: Static) -> Proxy:
    """The proxy with static data merged into what it answers."""

    async def wrapped(ask: Ask) -> Reply | None:
        reply, error = None, None
        try:
            reply = await proxy(ask)
        except Exception as raised:
            error = raised
        merged = merged_in(static, reply, error)
        if merged is None and error is not None:
            raise error
        return merged

    return wrapped
