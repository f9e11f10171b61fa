"""What a verdict says: frozen values, that go to the store, the report and the dashboard as they are."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

from msgspec import Struct

PASS = "PASS"
"""Certified: not worse by the margin."""
FAIL = "FAIL"
"""Worse."""
CONTINUE = "CONTINUE"
"""Not enough data yet."""
INCONCLUSIVE = "INCONCLUSIVE"
"""The budget is spent, and neither line was reached."""
INVALID = "INVALID"
"""The measurement is broken: nothing can be said of the candidate."""
NOT_JUDGED = "NOT_JUDGED"
"""Of a family only: nothing to judge it by."""


class Hypothesis(Struct, frozen=True):
    """A claim, and the evidence against it (``log_e``) on the way to the line where it counts as refuted."""

    name: str
    """``errors``, ``latency``, ``body/PATH``, …; with the endpoint, a key that stays the same."""
    meaning: str
    """What holds once the line is crossed."""
    log_e: float
    line: float
    counts: Mapping[str, int]
    """The counters that were used."""
    remaining: int | None = None
    """Of a certificate: about how many more pairs, if all goes on as it did; None when no number would do."""

    @property
    def crossed(self) -> bool:
        """Whether the claim is refuted."""
        return self.log_e >= self.line

    @property
    def evidence(self) -> float:
        """The e-value, as people read it; at most 1e300."""
        return exp(min(self.log_e, 690.0))


class Family(Struct, frozen=True):
    """One question: errors, latency or body."""

    name: str
    state: str
    sentence: str
    hypotheses: tuple[Hypothesis, ...] = ()
    """Each of them alone is a FAIL; of those of the body only the strongest."""
    certificates: tuple[Hypothesis, ...] = ()
    """All of them together are a PASS."""
    failed: tuple[str, ...] = ()
    """Names of the hypotheses that have crossed, now or before."""
    advisory: bool = False
    """Shown, but never a FAIL."""
    needed: bool = True
    """Whether a PASS of the endpoint needs this one's."""


class Finding(Struct, frozen=True):
    """A path on which the answers differ."""

    endpoint: str
    path: str
    kind: str
    """The kind of difference with the largest surplus; empty when only the first was seen, which is not counted."""
    label: str
    """``worse`` (may be listed as different), ``watched`` (half of the way to the FAIL line), ``noise`` (the control
    differs as well), ``rare`` (nothing to say yet), ``unjudged`` (there is no control)."""
    log_e: float
    line: float
    """Where it is a FAIL by itself."""
    candidate: int
    """Pairs in which the candidate differs here."""
    control: int
    """Triples in which the control does."""
    pairs: int
    triples: int


class EndpointVerdict(Struct, frozen=True):
    """One endpoint."""

    endpoint: str
    state: str
    sentence: str
    families: tuple[Family, ...]
    validity: tuple[Hypothesis, ...]
    """What would make the measurement worthless."""
    findings: tuple[Finding, ...]
    """Worse first, then by evidence."""
    control: str
    """What the candidate is measured by: ``all`` (each pair has a control), ``share``, ``none``; ``unknown``
    before the first pair."""
    pairs: int
    triples: int
    notes: tuple[str, ...] = ()
    remaining: int | None = None
    """About how many more pairs a PASS takes; None when unknown or decided."""


class Verdict(Struct, frozen=True):
    """A shadow, over all its endpoints."""

    state: str
    sentence: str
    endpoints: tuple[EndpointVerdict, ...]
    guarantees: tuple[str, ...]
    """What FAIL and PASS promise."""
    failed: frozenset[tuple[str, str]]
    """(endpoint, hypothesis) that have crossed, now or before: hand it back the next time."""
    log_e: float
    """The mean of all e-values: one number for "something is worse somewhere"."""
