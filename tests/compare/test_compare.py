from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.compare.exchanges import JSON, answer, data, exchange, rules, written
from understudy.compare.compare import outcome, seen
from understudy.compare.outcome import Compared, Seen
from understudy.compare.shown import LONGEST
from understudy.exchange import Failure, Observation

PLAIN = rules()
BROKEN = Failure("timeout", "no answer within 1s", 1.0)


def against(a: Observation, b: Observation, method: str = "GET", **given_rules: object) -> Compared:
    return outcome(exchange(a, b, method=method), rules(**given_rules)).compared


def found(compared: Compared) -> list[tuple[str, str]]:
    return [(d.path, d.kind) for d in compared.differences]


def test_a_pair_and_a_triple() -> None:
    pair = outcome(exchange(answer(b'{"a":1}'), answer(b'{"a":2}')), PLAIN)
    assert pair.control is None and pair.noise is None and found(pair.compared) == [("$.a", "value")]
    triple = outcome(exchange(answer(b'{"a":1}'), answer(b'{"a":1}'), answer(b'{"a":3}')), PLAIN)
    assert triple.compared == Compared() and triple.noise is not None and found(triple.noise) == [("$.a", "value")]
    assert triple.control == Seen(200, "", False, 0.01)


def test_what_is_bad() -> None:
    sides = (answer(), answer(status=404), answer(status=500), BROKEN)
    assert [seen(s).bad for s in sides] == [False, False, True, True]
    assert seen(BROKEN) == Seen(0, "timeout", True, 1.0)


@pytest.mark.parametrize(("a", "b", "wanted", "body"), [
    (answer(b"{}"), answer(b"{}"), [], "equal"),
    (answer(b'{"a":1,"b":2}'), answer(b'{"b":2.0,"a":1}'), [], "equal"),
    (answer(b"{}"), answer(b"[]"), [("$", "type")], "differs"),
    (answer(b"{}"), answer(b"{}", 201), [("$status", "value")], "status"),
    (answer(b"{}", 500), answer(b"[]", 500), [], "status"),
    (answer(b"{}", 404), answer(b"x", 404, b"text/html"), [("$header.content-type", "value")], "status"),
    (answer(b"{}"), answer(b"x", 200, b"text/html"), [("$header.content-type", "value"), ("$body", "type")], "differs"),
    (answer(b"{}"), answer(b"{}", 200, None), [("$header.content-type", "missing")], "equal"),
    (answer(b"{}"), answer(b"{}", 200, b"Application/JSON"), [], "equal"),
    (answer(b"{}"), answer(b""), [("$body", "missing")], "differs"),
    (answer(b""), answer(b"{}"), [("$body", "extra")], "differs"),
    (answer(b"a", 200, b"text/a"), answer(b"b", 200, b"text/a"), [("$body", "value")], "differs"),
    (answer(b"{}"), answer(b"{", 200), [("$body", "type")], "differs"),
    (answer(None), answer(b"{}"), [], "too_large"),
    (answer(b"{}"), BROKEN, [("$status", "value")], "failed"),
    (BROKEN, answer(b"{}"), [("$status", "value")], "failed"),
    (BROKEN, Failure("refused", "", 0.0), [], "failed"),
    (answer(b"", 204, None), answer(b"", 204, None), [], "equal"),
    (answer(b"", 304, None), answer(b"", 304, None), [], "status"),
    (answer(b"<a><b>1</b></a>", 200, b"text/xml"), answer(b"<a>\n<b>2</b></a>", 200, b"text/xml"), [("$.a.b", "value")],
     "differs"),
    (answer(b"a: 1", 200, b"text/yaml"), answer(b"{a: 1.0}", 200, b"text/yaml"), [], "equal"),
])
def test_outcomes(a: Observation, b: Observation, wanted: list[tuple[str, str]], body: str) -> None:
    compared = against(a, b)
    assert (found(compared), compared.body) == (wanted, body)


def test_a_failure_is_shown_as_a_status() -> None:
    [difference] = against(answer(), BROKEN).differences
    assert (difference.primary, difference.other) == ("200", '"timeout"')


def test_heads_have_no_bodies() -> None:
    assert against(answer(b""), answer(b"x"), "HEAD") == Compared()


def test_compressed_bodies_are_compared_by_what_they_mean() -> None:
    packed = answer(gzip.compress(b'{"a":1}'), 200, JSON, (b"Content-Encoding", b"gzip"))
    assert against(packed, answer(b'{"a":1}')) == Compared()
    assert found(against(answer(b'{"a":2}'), packed)) == [("$.a", "value")]
    false = answer(b'{"a":1}', 200, JSON, (b"Content-Encoding", b"gzip"))
    assert found(against(answer(b'{"a":1}'), false)) == [("$body", "type")]
    assert against(false, answer(b'{"a":2}', 200, JSON, (b"Content-Encoding", b"gzip"))).body == "undecodable"
    bomb = answer(gzip.compress(bytes(5_000_000)), 200, JSON, (b"Content-Encoding", b"gzip"))
    assert against(packed, bomb).body == "too_large"


def test_bodies_over_the_limit_are_compared_by_digest() -> None:
    a, b = answer(b'{"a": 1}' + b" " * 100), answer(b'{"a":1}' + b" " * 100)
    assert found(against(a, b, max_body=50)) == [("$body", "value")]
    assert "sha256" in against(a, b, max_body=50).differences[0].primary
    assert against(a, a, max_body=50) == Compared()


def test_what_is_ignored_outside_bodies() -> None:
    assert found(against(answer(), answer(b"", 500), ignore=("$status",))) == []
    assert against(answer(b"1"), answer(b"2"), ignore=("$body",)) == Compared()
    assert against(answer(b"1"), answer(b"2"), ignore=("$",)) == Compared()
    assert against(answer(), answer(b"{}", 200, b"text/json"), ignore=("$header.content-type",)) == Compared()
    assert found(against(answer(), BROKEN, ignore=("$status",))) == []


def test_headers_count_when_they_are_named() -> None:
    tagged = answer(b"{}", 200, JSON, (b"ETag", b"1"), (b"X-A", b"1"), (b"X-A", b"2"))
    assert found(against(tagged, answer(), headers=("etag", "X-A"))) == [
        ("$header.etag", "missing"), ("$header.x-a", "missing")]
    assert against(tagged, answer(), headers=()).differences == ()


def test_the_limit_holds_for_headers_and_bodies_together() -> None:
    a, b = answer(b'{"a":1,"b":1}'), answer(b'{"a":2,"b":2}', 200, b"text/json")
    compared = outcome(exchange(a, b), rules(limit=2)).compared
    assert len(compared.differences) == 2 and compared.more == 1


def test_what_cannot_be_walked_to_the_end_is_not_called_equal() -> None:
    a, b = answer(written(list(range(1000)))), answer(written([*range(999), 999.0]))
    assert outcome(exchange(a, b), rules(nodes=100)).compared.body == "too_large"
    assert outcome(exchange(a, b), rules()).compared.body == "equal"


bodies = st.binary(max_size=200) | data.map(written) | st.none()
kinds = st.sampled_from([JSON, b"text/xml", b"application/yaml", b"text/plain", b"", b"\xff;charset=\xff"])
encodings = st.sampled_from([b"", b"gzip", b"deflate", b"br"])
statuses = st.sampled_from([200, 200, 200, 204, 304, 404, 500, 0, -1])
answers = st.builds(lambda status, body, kind, encoding: answer(body, status, kind, (b"Content-Encoding", encoding)),
                    statuses, bodies, kinds, encodings)  # fmt: skip
sides = answers | st.just(BROKEN)


@given(sides, sides, st.sampled_from(["GET", "HEAD", ""]))
def test_whatever_comes_in_a_bounded_value_comes_out(a: Observation, b: Observation, method: str) -> None:
    compared = outcome(exchange(a, b, a, method), PLAIN)
    assert compared.noise is not None and compared.noise.differences == ()
    for difference in compared.compared.differences:
        assert max(len(difference.primary), len(difference.other)) <= LONGEST
        for text in (difference.path, difference.place, difference.primary, difference.other):
            assert "\0" not in text
            text.encode()
