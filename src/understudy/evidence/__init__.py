"""Integer counters, e-values and the verdict: pure. Merging is addition.

``counters.Tally`` counts outcomes; ``counters.merged`` adds what mirrors, restarts and gateways counted;
``verdict.verdict`` judges it by ``settings.Settings``; ``preflight`` reckons beforehand how long it will take.
"""
