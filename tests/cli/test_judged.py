"""Verdicts as words."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from rich.console import Console

from understudy.cli import judged
from understudy.evidence.settings import Settings
from understudy.evidence.statements import CONTINUE, FAIL, INVALID, PASS
from understudy.evidence.verdict import Evidence, verdict
from understudy.store.epochs import Epoch
from understudy.store.judging import Judgement
from understudy.store.place import Identity

EVIL = "$.\x1b[31mred\x07"
EPOCH = Epoch(id=1, identity=Identity("/etc/krakend.json", ""), digest="d", label="", settings={}, started=0.0,
              ended=None)  # fmt: skip


def evidence(pairs: int, **more: int) -> Evidence:
    """An endpoint with as many pairs, all with a control and all equal; names with __ for /."""
    equal = ("triples", "bodies/triples", "bad/primary/00", "bad/control/00", "bad/check/00", "latency", "ratio/0",
             "seconds/control/100", "seconds/candidate/100")  # fmt: skip
    counted = {"share/1000000": pairs, **dict.fromkeys(equal, pairs)} if pairs else {}
    return Evidence({**counted, **{name.replace("__", "/"): n for name, n in more.items()}})


def judgement(written: float = 0.0, lost: int = 0, killed: int = 0, **shadows: dict[str, Evidence]) -> Judgement:
    said = {name: verdict(endpoints, Settings()) for name, endpoints in shadows.items()}
    return Judgement(epoch=EPOCH, verdicts=said, written=written, lost=lost, killed=killed, new={})


GOOD, LITTLE, NOTHING = evidence(3000), evidence(60), evidence(0)
BAD = evidence(3000, bad__control__01=60, bad__primary__01=60)
SICK = evidence(3000, bad__primary__11=3000)


@pytest.mark.parametrize(("shadows", "state"), [
    ({}, INVALID), ({"a": GOOD}, PASS), ({"a": GOOD, "b": LITTLE}, CONTINUE), ({"a": LITTLE, "b": SICK}, INVALID),
    ({"a": SICK, "b": BAD}, FAIL),
])
def test_the_worst_shadow_is_the_whole(shadows: dict[str, Evidence], state: str) -> None:
    assert judged.overall([judgement(**{name: {"GET /": one} for name, one in shadows.items()})]) == state


def test_the_worst_endpoints_come_first_and_near_failures_before_the_rest() -> None:
    nearly = evidence(60, bad__control__01=8)
    one = judgement(s={"good": GOOD, "little": LITTLE, "nearly": nearly, "bad": BAD, "sick": SICK})
    order = [e.endpoint for e in judged.worst_first(one.verdicts["s"].endpoints)]
    assert order == ["bad", "sick", "nearly", "little", "good"]
    text = "\n".join(judged.lines([one]))
    assert [text.index(f"  {name}: ") for name in order] == sorted(text.index(f"  {name}: ") for name in order)


def test_an_estimate_has_a_time_where_the_traffic_is_known() -> None:
    (with_time,) = [line for line in judged.brief([judgement(60.0, s={"a": LITTLE})]) if "more pairs" in line]
    (without,) = [line for line in judged.brief([judgement(s={"a": LITTLE})]) if "more pairs" in line]
    assert with_time.endswith(" min at the traffic so far.") and without.endswith(" more pairs to a PASS.")
    assert not [line for line in judged.brief([judgement(60.0, s={"a": NOTHING})]) if "more pairs" in line]


def test_what_is_missing_is_said() -> None:
    for words in (judged.lines, judged.brief):
        said = "\n".join(words([judgement(lost=1200, killed=1)]))
        assert "1,200 outcomes could not be kept" in said and "1 of its writers ended without a word" in said
        assert "No shadow has been compared yet." in said


def test_a_promise_is_made_once_and_over_all_shadows() -> None:
    said = judged.guarantees(judgement(a={"x": GOOD}, b={"x": GOOD}))
    assert len(said) == 3 and said[2].endswith("any of 2 that are as good is ever called FAIL is at most 2 %.")
    assert len(judged.guarantees(judgement(a={"x": GOOD}))) == 2


def test_many_paths_are_shortened_and_rare_ones_counted() -> None:
    names = [f"$.p{n:02}" for n in range(12)]
    noisy = Evidence({**GOOD.counters, **{f"{event}/any/{name}": 100 for name in names for event in ("win", "loss")}},
                     names)  # fmt: skip
    rare = Evidence({**GOOD.counters, "win/any/$.q": 1, "win/value/$.q": 1}, ("$.q",))
    text = judged.lines([judgement(s={"a": noisy, "b": rare})])
    assert sum(line.startswith("    noise: $") for line in text) == judged.MOST
    assert "    noise: 2 more" in text and "    rare: 1 paths of which nothing can be said yet" in text


def test_paths_from_traffic_cannot_command_a_terminal() -> None:
    odd = Evidence({**GOOD.counters, f"win/any/{EVIL}": 90, f"win/value/{EVIL}": 90}, (EVIL,))
    one = judgement(s={EVIL: odd})
    out = StringIO()
    Console(file=out, width=160).print(judged.tables([one]))
    for text in ("\n".join(judged.lines([one])), "\n".join(judged.brief([one])), out.getvalue()):
        assert "\x1b" not in text and "\x07" not in text and "\\u001b[31mred" in text


def test_the_tables_have_the_same_numbers() -> None:
    out = StringIO()
    one = judgement(60.0, lost=3, a={"GET /x": LITTLE}, b={"GET /y": BAD}, c={"GET /z": SICK})
    Console(file=out, width=150).print(judged.tables([one]))
    for word in ("GET /x", "CONTINUE", "about", "FAIL", "INVALID", "3 outcomes", "3,000 pairs", "at most 3 %", "of 20"):
        assert word.lower() in out.getvalue().lower(), word


def test_for_programs_it_is_json_whatever_the_numbers() -> None:
    one = judgement(a={"x": BAD})
    endless = structs.replace(one, verdicts={"a": structs.replace(one.verdicts["a"], log_e=float("inf"))})
    for indent in (True, False):
        said = json.loads(judged.encoded([endless], indent=indent), parse_constant=pytest.fail)
        assert said["state"] == FAIL and said["gateways"][0]["verdicts"]["a"]["failed"] == [["x", "errors"]]
    assert "\n" not in judged.encoded([one], indent=False)


@pytest.mark.parametrize(("seconds", "said"), [
    (0.1, "1 s"), (40, "40 s"), (119, "119 s"), (720, "12 min"), (10_800, "3 h"), (200_000, "2 days"),
])
def test_spans(seconds: float, said: str) -> None:
    assert judged.span(seconds) == said


@pytest.mark.parametrize(("log_e", "said"), [(0.0, "1"), (-0.7, "0.5"), (7.6, "1,998"), (5000.0, "4.6e+299")])
def test_numbers(log_e: float, said: str) -> None:
    assert judged.number(log_e) == said


@given(st.text())
def test_clean_text_is_printable_and_plain_text_stays(text: str) -> None:
    cleaned = judged.clean(text)
    assert cleaned.isprintable() and (not text.isprintable() or cleaned == text)
