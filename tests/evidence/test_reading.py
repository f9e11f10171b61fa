"""Reading the flat names."""

from __future__ import annotations

from understudy.evidence.reading import Reading, quantile, read


def test_names_of_other_versions_are_skipped() -> None:
    assert read({"news/from/the/future": 3}) == Reading()


def test_a_path_may_contain_anything() -> None:
    reading = read({"win/value/$.a/b:c d": 2, "found/control/$.a/b:c d": 1})
    assert reading.paths["$.a/b:c d"].of("value").win == 2 and reading.paths["$.a/b:c d"].found_control == 1


def test_the_share_of_controls() -> None:
    assert read({}).share == 0 and not read({}).controlled
    assert read({"share/1000000": 4}).controlled
    assert read({"share/10000": 4}).share == 0.01
    mixed = read({"share/10000": 4, "share/20000": 6})
    assert mixed.share is None and mixed.pairs == 10 and not mixed.controlled


def test_quantiles() -> None:
    assert quantile({}, 0.5) is None
    buckets = {10: 50, 20: 49, 30: 1}
    assert quantile(buckets, 0.5) == quantile({10: 1}, 0.5)
    low, high = quantile(buckets, 0.98), quantile(buckets, 1.0)
    assert low is not None and high is not None and low < high
