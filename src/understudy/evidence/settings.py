"""How strict a verdict is. Fixed before its evidence begins: thresholds learnt from the judged data prove nothing."""

from __future__ import annotations

from math import log

from msgspec import Struct

KINDS = ("missing", "extra", "type", "value", "order", "length")


class Split(Struct, frozen=True):
    """What part of ``alpha`` each question may spend. They sum to 1 at most."""

    errors: float = 0.4
    latency: float = 0.25
    body: float = 0.25
    validity: float = 0.1


class Settings(Struct, frozen=True):
    """Shares are fractions: 0.005 is half a percentage point. Raises ValueError for what makes no sense."""

    alpha: float = 0.01
    """The chance of ever saying FAIL of a shadow that is as good, over all its endpoints."""
    beta: float = 0.05
    """The chance of a PASS for an endpoint that is worse by the margin or more."""
    split: Split = Split()
    errors_margin: float = 0.005
    """PASS certifies: at most this much more bad answers."""
    errors_tolerated: float = 0.0
    """FAIL says: more bad answers by more than this. 0: any more at all."""
    latency_ratio: float = 1.10
    """How many times as slow the candidate may be, for FAIL as for PASS. At least 1."""
    tail_margin: float = 0.01
    """PASS certifies: at most this much more answers beyond the control's slow end (from its 98 % quantile on)."""
    body_margin: float = 0.005
    """PASS certifies, for each path: differs from the primary on at most this much more pairs than the control, …"""
    body_ratio: float = 1.25
    """… or at most this many times as often: what can be shown soon of a path with much noise."""
    block_on: tuple[str, ...] = KINDS
    """The kinds of difference that can FAIL."""
    accept_body_without_control: bool = False
    """A person has accepted that, without any control, a path that differs on more than ``body_margin`` is a FAIL."""
    list_rate: float = 0.05
    """The expected share of wrong entries among the paths that are listed as worse."""
    kappa: float = 1.0
    """Exponent of all e-values, in (0, 1]: 1/variance inflation, when pairs are known to depend on each other."""
    min_pairs: int = 100
    """No PASS below."""
    max_pairs: int = 2_000_000
    """The budget of an endpoint: undecided by then is INCONCLUSIVE."""
    require: tuple[str, ...] | None = None
    """The endpoints whose PASS the whole needs; None for all."""
    baseline_ceiling: float = 0.2
    """INVALID when more of the primary's answers are bad: nothing can be rehearsed in an outage."""
    control_errors_margin: float = 0.01
    """INVALID when the control is bad more often than the primary, by more than this."""
    control_margin: float = 0.05
    """INVALID when a path is missing in the control more often than extra there (or the reverse), by more than this."""
    restarts: bool = True
    """Half of the evidence is from the beginning; the other half is shared by processes that begin at snapshots."""
    warm_up: int = 20
    """The first pairs of an endpoint, that are not counted."""

    def __post_init__(self) -> None:
        shares = (self.alpha, self.beta, self.errors_margin, self.tail_margin, self.body_margin, self.list_rate,
                  self.baseline_ceiling, self.control_errors_margin, self.control_margin)  # fmt: skip
        if not all(0 < share < 1 for share in shares) or not 0 <= self.errors_tolerated < 1:
            raise ValueError("alpha, beta, margins and rates must be between 0 and 1")
        if not 0 < self.kappa <= 1 or self.latency_ratio < 1 or self.body_ratio <= 1:
            raise ValueError("kappa must be in (0, 1], latency_ratio at least 1, body_ratio more")
        parts = (self.split.errors, self.split.latency, self.split.body, self.split.validity)
        if min(parts) <= 0 or sum(parts) > 1 + 1e-9:
            raise ValueError("the parts of the split must be positive and sum to 1 at most")
        if not self.block_on or not set(self.block_on) <= set(KINDS):
            raise ValueError(f"block_on must name some of {', '.join(KINDS)}")

    def line(self, part: float, weight: float) -> float:
        """The ``log e`` at which a hypothesis with this part of alpha and this weight has crossed."""
        return -log(self.alpha * part * weight)

    @property
    def certified(self) -> float:
        """The ``log e`` at which a certificate is reached."""
        return -log(self.beta)


def path_weight(ordinal: int) -> float:
    """The weight of the path that was discovered as number ``ordinal`` (from 0): all of them sum to 1."""
    return 1 / ((ordinal + 1) * (ordinal + 2))


def start_share(started: int) -> float:
    """The weight of the evidence since the snapshot number ``started`` (from 1; 0 is the beginning). They sum to 1."""
    return 1 / ((started + 1) * (started + 2))
