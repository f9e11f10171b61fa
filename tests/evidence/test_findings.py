"""What is listed, under which label."""

from __future__ import annotations

from understudy.evidence.families import Case, body
from understudy.evidence.findings import findings, label_all
from understudy.evidence.reading import read
from understudy.evidence.settings import Settings

BASE = {"share/1000000": 500, "triples": 500, "bodies/triples": 500}


def labels(counters: dict[str, int], paths: tuple[str, ...], **more: object) -> dict[str, tuple[str, str]]:
    case = Case((read(counters),), Settings(), 1.0, paths, **more)  # type: ignore[arg-type]
    logs = {"e": body(case)[1]}
    return {f.path: (f.label, f.kind) for f in findings("e", case, logs["e"], label_all({"e": case}, logs, Settings()))}


def test_labels_and_kinds() -> None:
    counters = {
        **BASE, "win/any/$.price": 400, "win/type/$.price": 400, "both/any/$.ts": 500, "both/value/$.ts": 500,
        "win/any/$.rare": 1, "win/value/$.rare": 1, "win/any/$.some": 12, "win/missing/$.some": 12,
        "found/control/$.n": 1,
    }  # fmt: skip
    assert labels(counters, ("$.ts", "$.price", "$.rare", "$.some", "$.n")) == {
        "$.price": ("worse", "type"), "$.some": ("watched", "missing"), "$.ts": ("noise", "value"),
        "$.n": ("noise", ""), "$.rare": ("rare", "value"),
    }  # fmt: skip


def test_worse_stands_first() -> None:
    counters = {**BASE, "both/any/$.a": 500, "win/any/$.b": 100, "win/value/$.b": 100}
    assert list(labels(counters, ("$.a", "$.b"))) == ["$.b", "$.a"]


def test_many_weaker_ones_support_each_other() -> None:
    one = {**BASE, "win/any/$.p0": 14, "win/value/$.p0": 14}
    many = {**BASE, **{f"win/{kind}/$.p{j}": 13 for j in range(4) for kind in ("any", "value")}}
    assert labels(one, ("$.x", "$.y", "$.p0"))["$.p0"][0] == "worse"
    late = (*(f"$.x{j}" for j in range(9)), "$.p0")
    alone = labels({**BASE, "win/any/$.p0": 13, "win/value/$.p0": 13}, late)
    assert alone["$.p0"][0] == "watched"
    assert {label for label, _ in labels(many, tuple(f"$.p{j}" for j in range(4))).values()} == {"worse"}


def test_without_control_nothing_is_called_worse() -> None:
    counters = {"share/0": 500, "bodies/pairs": 500, "alone/any/$.a": 500, "alone/value/$.a": 500}
    assert labels(counters, ("$.a",)) == {"$.a": ("unjudged", "value")}


def test_what_has_failed_is_still_listed() -> None:
    assert labels({**BASE, "win/any/$.a": 1}, ("$.a",), latched=("body/$.a",))["$.a"][0] == "worse"
