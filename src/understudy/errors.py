"""Every exception of the package, in one tree.

::

    UnderstudyError            status 500
    ├─ ConfigError             what the user wrote cannot run; carries every problem found
    ├─ RequestError            the client's fault: 4xx
    │  ├─ BadRequest           400
    │  ├─ RequestTimeout       408
    │  ├─ BodyTooLarge         413
    │  ├─ TargetTooLong        414
    │  └─ HeadTooLarge         431
    ├─ StoreError              where evidence is kept cannot be used; never reaches a client
    ├─ Rejected                a check of the configuration does not let a request, or an answer, pass
    └─ BackendError            the backend's fault: KrakenD answers 500 to all of them
       ├─ Unreachable          no connection: refused, DNS, TLS
       ├─ BadAnswer            what came back is not HTTP, is cut short, or cannot be decoded
       ├─ BadStatus            an answer with a status that counts as an error
       ├─ NoCapacity           a limit of ours was reached before the backend was asked
       └─ TooSlow              the deadline passed

``status`` is what the client gets when nothing else decides; ``kind`` is a short word for counters and logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from understudy.config.problems import Problem


class UnderstudyError(Exception):
    """Root of the tree; ``str(error)`` is safe to show to a client that asked for error texts."""

    status: int = 500
    kind: ClassVar[str] = "error"
    content_type: bytes | None = None


class ConfigError(UnderstudyError):
    """The configuration cannot run. ``problems`` holds every problem found, errors first, each with path and line."""

    kind = "config"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = tuple(problems)


class StoreError(UnderstudyError):
    """The store cannot be used; the text is a sentence that says why, and what helps."""

    kind = "store"


class RequestError(UnderstudyError):
    """The client's fault."""

    status = 400
    kind = "request"


class BadRequest(RequestError):
    """The message breaks HTTP's rules; the connection is closed after the answer."""


class RequestTimeout(RequestError):
    """The client did not finish its request in time."""

    status = 408


class BodyTooLarge(RequestError):
    """The body is over the configured limit."""

    status = 413


class TargetTooLong(RequestError):
    """The request-target is over the limit."""

    status = 414


class HeadTooLarge(RequestError):
    """The header section is over the limit in bytes or in fields."""

    status = 431


class Rejected(UnderstudyError):
    """A check of the configuration (CEL, JSON schema) did not hold; ``status`` is what that check answers with."""

    kind = "rejected"

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.status = status


class BackendError(UnderstudyError):
    """The backend's fault, or that of the way to it."""

    kind = "backend"


class Unreachable(BackendError):
    """No usable connection. ``reason`` is one of refused, dns, tls, connect."""

    kind = "unreachable"

    def __init__(self, message: str, reason: str = "connect") -> None:
        super().__init__(message)
        self.reason = reason


class BadAnswer(BackendError):
    """The answer is not HTTP, ended early, or is over a limit.

    ``reason`` is one of garbage, closed, reset, cut, limit, decode.
    """

    kind = "bad_answer"

    def __init__(self, message: str, reason: str = "garbage") -> None:
        super().__init__(message)
        self.reason = reason


class BadStatus(BackendError):
    """The backend answered with a status that counts as an error.

    ``backend_status`` is that status. ``status`` is what the client gets (500 unless ``return_error_code``);
    ``body`` and ``content_type`` are the backend's, for ``return_error_code`` together with ``return_error_msg``.
    """

    kind = "bad_status"

    def __init__(self, message: str, backend_status: int) -> None:
        super().__init__(message)
        self.backend_status = backend_status
        self.body: bytes | None = None


class NoCapacity(BackendError):
    """A limit of ours (connections, copies in flight) was reached before the backend was asked."""

    kind = "no_capacity"


class TooSlow(BackendError):
    """The deadline passed before the answer was complete."""

    kind = "timeout"

    def __init__(self, message: str = "context deadline exceeded") -> None:
        super().__init__(message)
