"""Evidence against a claim, from integer counters: ``log e`` of test martingales.

Each function takes counts and returns the natural logarithm of a number that, while the claim (the null hypothesis)
holds, is a nonnegative supermartingale that begins at 1. By Ville's inequality the chance that it ever reaches ``1/a``
is then at most ``a``, however often one looks and whenever one stops. So 20 means: seen by chance in at most 1 of 20
infinitely long runs. Being functions of sums, they do not depend on the order or the place of counting.

``float`` counts are allowed, for estimates; decisions use integers. Counts may be large (tested to 1e9).

Sources: J. Ville, *Étude critique de la notion de collectif* (1939); A. Wald, *Sequential Analysis* (1947, mixtures);
I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting", JRSS-B 86 (2024);
M. Lindon and A. Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022;
R. Wang and A. Ramdas, "False discovery rate control with e-values", JRSS-B 84 (2022).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from math import exp, inf, lgamma, log, log1p
from typing import TypeVar

_LOG2 = log(2)

RATIOS = (1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 50.0, 100.0)
"""How many times as often, over the claim: the alternatives that ``arms`` mixes."""

SMALLER = (0.9, 0.8, 0.7, 0.5, 0.3)
"""The alternatives that ``arms_within`` mixes: parts of the ratio to be refuted."""

BETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of the wealth that are bet: what ``worse_by`` and ``within`` mix."""


def log_sum(logs: Iterable[float]) -> float:
    """The logarithm of a sum, from the logarithms of its terms; of no terms, minus infinity."""
    terms = list(logs)
    top = max(terms, default=-inf)
    return top if top == -inf else top + log(sum(exp(term - top) for term in terms))


def log_mean(logs: Sequence[float]) -> float:
    """The logarithm of a mean: a mean of test martingales is one, whatever depends on whatever."""
    return log_sum(logs) - log(len(logs))


@lru_cache(maxsize=16384)
def coin(wins: float, tosses: float) -> float:
    """T1. Claim: each toss, given the past, is a win with probability 1/2 at most.

    A mixture over all winning probabilities in (1/2, 1), uniformly:
    ``2^(d+1) B(k+1, d-k+1) (1 - I_half(k+1, d-k+1))`` for k wins of d tosses. For a probability of at most 1/2 each
    step has a mean of at most 1, as ``2(1-t) + p(4t-2)`` is largest at ``p = 1/2``.
    """
    a, b = tosses - wins + 1, wins + 1
    if a > b:
        return -_LOG2 - log(a) + log(_fraction(a, b))
    log_beta = lgamma(a) + lgamma(b) - lgamma(a + b)
    rest = exp(-(tosses + 2) * _LOG2 - log(b) - log_beta) * _fraction(b, a)
    return (tosses + 1) * _LOG2 + log_beta + log1p(-rest)


def _fraction(a: float, b: float) -> float:
    """Lentz's continued fraction of the incomplete beta function at 1/2, for a >= b (A&S 26.5.8)."""
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) / (a + 1) / 2 or tiny)
    value, m = d, 0
    while True:
        m += 1
        even = m * (b - m) / (a + 2 * m - 1) / (a + 2 * m) / 2
        d = 1 / (1 + even * d or tiny)
        c = 1 + even / c or tiny
        value *= d * c
        odd = -(a + m) * (a + b + m) / (a + 2 * m) / (a + 2 * m + 1) / 2
        d = 1 / (1 + odd * d or tiny)
        c = 1 + odd / c or tiny
        value *= d * c
        if abs(d * c - 1) < 1e-13 or m > 500_000:
            return value


def arms(stages: Iterable[tuple[float, float, float]], tolerated: float = 1.0) -> float:
    """T3. Claim: events are at most ``tolerated`` times as frequent on the candidate's side.

    A stage is (the candidate's events, all events, probability that a request is the candidate's). Given that there
    was an event, its side is a coin whose probability does not depend on how frequent events are at the time.
    """
    return _arms(list(stages), tolerated, RATIOS)


def arms_within(stages: Iterable[tuple[float, float, float]], ratio: float) -> float:
    """T3', a certificate. Claim to be refuted: the candidate's events are at least ``ratio`` times as frequent."""
    return _arms(list(stages), ratio, SMALLER)


def _arms(stages: list[tuple[float, float, float]], ratio: float, factors: Sequence[float]) -> float:
    return log_mean([
        sum(c * log(factor) + k * (log(w * ratio + 1 - w) - log(w * ratio * factor + 1 - w)) for c, k, w in stages)
        for factor in factors
    ])


def worse_by(only_candidate: float, only_control: float, pairs: float, margin: float) -> float:
    """T2. Claim: the candidate has an event at most ``margin`` (a difference of shares) more often than the control.

    ``only_candidate`` pairs have it on the candidate's side alone, ``only_control`` on the other.
    """
    rest = pairs - only_candidate - only_control
    return log_mean([
        only_candidate * log1p(bet * (1 - margin) / (1 + margin))
        + only_control * log1p(-bet)
        + rest * log1p(-bet * margin / (1 + margin))
        for bet in BETS
    ])


def within(only_candidate: float, only_control: float, pairs: float, margin: float) -> float:
    """T2', a certificate. Claim to be refuted: the candidate has an event at least ``margin`` more often.

    Without any event, a value of 20 takes about ``5.6/margin`` pairs.
    """
    rest = pairs - only_candidate - only_control
    return log_mean([
        only_candidate * log1p(-bet * (1 - margin) / (1 + margin))
        + only_control * log1p(bet)
        + rest * log1p(bet * margin / (1 + margin))
        for bet in BETS
    ])


def srm(counts: Sequence[float], shares: Sequence[float], concentration: float = 100.0) -> float:
    """Sample ratio mismatch. Claim: each unit falls into a class with just these probabilities, none of them 0."""
    prior = [concentration * share for share in shares]
    total = sum(counts)
    return (
        lgamma(concentration) - lgamma(concentration + total)
        + sum(lgamma(a + n) - lgamma(a) for a, n in zip(prior, counts, strict=True))
        - sum(n * log(share) for n, share in zip(counts, shares, strict=True))
    )  # fmt: skip


_Name = TypeVar("_Name", bound=Hashable)


def e_bh(logs: Mapping[_Name, float], weights: Mapping[_Name, float], rate: float) -> set[_Name]:
    """Those claims that may be listed as refuted: the expected share of wrong ones among them is at most ``rate``.

    The e-values may depend on each other in any way. The weights, fixed beforehand, sum to 1 at most.
    """
    lacks = {name: -log(rate * weights[name]) - log_e for name, log_e in logs.items()}
    ranked = sorted(lacks.values())
    size = next((k for k in range(len(ranked), 0, -1) if ranked[k - 1] <= log(k)), 0)
    return {name for name, lack in lacks.items() if size and lack <= log(size)}
