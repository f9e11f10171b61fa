"""Integer counters, e-values and the verdict: pure. Merging is addition."""
