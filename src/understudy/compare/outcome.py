"""What one exchange says once it has been compared: frozen values that comparison makes and evidence counts."""

from __future__ import annotations

from msgspec import Struct


class Difference(Struct, frozen=True, gc=False):
    """One way in which an answer differs from the primary's."""

    path: str
    """Canonical: ``$.items[*].price``, ``$status``, ``$header.content-type``, ``$body``."""
    kind: str
    """``missing`` (only the primary has it), ``extra``, ``type``, ``value``, ``order``, ``length``."""
    place: str
    """Where it was seen first: ``$.items[3].price``."""
    primary: str
    """The primary's value, as JSON text cut to a bounded length; empty for ``extra``."""
    other: str
    """The other side's; empty for ``missing``."""


class Seen(Struct, frozen=True, gc=False):
    """One side's answer, without its body."""

    status: int
    """0 when no complete answer came back."""
    failure: str
    """A word of ``exchange.Failure.kind``; empty for an answer."""
    bad: bool
    """A server error (5xx) or a failure: what counts as an error in verdicts."""
    seconds: float


class Compared(Struct, frozen=True, gc=False):
    """One answer against the primary's: each differing path and kind once."""

    differences: tuple[Difference, ...] = ()
    more: int = 0
    """Differing paths over the limit, that are only counted."""
    body: str = "equal"
    """``equal`` (byte for byte, or by the rules), ``differs``, or why bodies were not compared: ``status`` (different
    ones, or not both successes), ``too_large``, ``undecodable``, ``failed`` (a side has no answer)."""


class Outcome(Struct, frozen=True, gc=False):
    """One exchange, judged by rules. A pure function of the two."""

    primary: Seen
    candidate: Seen
    compared: Compared
    """The candidate against the primary."""
    control: Seen | None = None
    """The control: a second copy of the old version, or the primary asked once more."""
    noise: Compared | None = None
    """The control against the primary."""
