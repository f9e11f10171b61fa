"""From an exception to the short word under which a failed copy is counted. Pure."""

from __future__ import annotations

import asyncio

from understudy.errors import BackendError, BadAnswer, NoCapacity, Rejected, TooSlow, Unreachable
from understudy.shadow.accounting import FAILED

_KNOWN = frozenset(FAILED)


def kind_of(error: BaseException) -> str:
    """One of ``accounting.FAILED``, or ``cancelled``: nobody waited for the answer any more."""
    if isinstance(error, (Unreachable, BadAnswer)):
        return error.reason if error.reason in _KNOWN else "other"
    if isinstance(error, (TooSlow, TimeoutError)):
        return "timeout"
    if isinstance(error, NoCapacity):
        return "no_capacity"
    if isinstance(error, asyncio.CancelledError):
        return "cancelled"
    if isinstance(error, ConnectionResetError):
        return "reset"
    return "other" if isinstance(error, (BackendError, Rejected, OSError)) else "internal"


def text_of(error: BaseException) -> str:
    """What went wrong, in a line for people."""
    return str(error) or type(error).__name__
