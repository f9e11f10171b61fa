"""CEL: what is true of requests and of what came back."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inprocess import serving
from understudy.config.model import Backend as BackendConfig
from understudy.config.model import CelCheck
from understudy.encoding.json import decode
from understudy.errors import Rejected
from understudy.gateway import cel
from understudy.gateway.types import Ask, Reply
from understudy.http.stream import Stream
from understudy.http.values import Request
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client


def ask(**more: Any) -> Ask:
    plain: dict[str, Any] = {"method": "GET", "path": "/p", "params": {"Id": "42"}, "query": [("a", "1"), ("a", "2")],
                             "headers": [(b"X-Key", b"k1"), (b"X-Key", b"k2")], "body": b"", "deadline": 0.0}
    return Ask(**{**plain, **more})


def true_of_request(text: str, **more: Any) -> bool:
    return cel.Expression(text).holds(cel.ask_values(ask(**more)))


def true_of_reply(text: str, answer: Reply | None) -> bool:
    return cel.Expression(text).holds(cel.reply_values(answer))


@pytest.mark.parametrize("text", [
    "req_method == 'GET'", "req_path == '/p'", "req_params.Id.matches('^[0-9]+$')", "req_headers['X-Key'][1] == 'k2'",
    "'X-Key' in req_headers", "size(req_querystring['a']) == 2", "timestamp(now) > timestamp('2020-01-01T00:00:00Z')",
    "req_querystring.a.all(x, x != '3')", "req_method == 'GET' || resp_completed", "resp_completed || true",
])
def test_what_is_true_of_a_request(text: str) -> None:
    assert true_of_request(text)


@pytest.mark.parametrize("text", [
    "req_method == 'POST'", "req_method", "1", "req_headers['X-No'][0] == ''", "req_params.id == '42'",
    "resp_completed", "1 / 0 == 1", "req_method + 1 == ''", "req_params.Id.matches('(')", "9223372036854775807 + 1 > 0",
    "JWT.sub == 'x'", "int(req_method) == 1", "timestamp(req_method) > timestamp(now)", "null", "[]",
])
def test_what_is_not_true_or_fails_is_not_true(text: str) -> None:
    assert not true_of_request(text)


DATA = (b'{"n": 5, "f": 1.50, "big": 123456789012345678901234567890, "ok": true, "no": null, "l": [1, "a"], '
        b'"o": {"k": 1}}')


@pytest.mark.parametrize("text", [
    "resp_data.n == '5'", "int(resp_data.n) == 5", "double(resp_data.f) < 2.0", "resp_data.f == '1.50'",
    "resp_data.big == '123456789012345678901234567890'", "resp_data.ok", "resp_data.no == null", "!has(resp_data.zzz)",
    "resp_data.l[0] == '1' && 'a' in resp_data.l", "resp_data.o.k == '1'", "resp_completed",
    "resp_metadata_status == 0",
])
def test_numbers_of_an_answer_are_texts(text: str) -> None:
    assert true_of_reply(text, Reply(decode(DATA), True))


@pytest.mark.parametrize("text", ["resp_data.n == 5", "resp_data.n > 3", "resp_data.n == 5.0", "req_method == 'GET'"])
def test_and_no_numbers(text: str) -> None:
    assert not true_of_reply(text, Reply(decode(DATA), True))


def test_an_answer_that_is_passed_on_has_status_and_headers_but_no_data() -> None:
    answer = Reply(None, True, 418, [(b"X-Kind", b"pot")], b"body")
    assert true_of_reply("resp_metadata_status == 418 && resp_metadata_headers['X-Kind'][0] == 'pot'", answer)
    assert true_of_reply("size(resp_data) == 0", answer)
    assert true_of_reply("!resp_completed && size(resp_data) == 0", None)


def test_broken_utf8_is_seen_as_such_and_breaks_nothing() -> None:
    broken = b"\xff".decode("utf-8", "surrogateescape")
    assert true_of_request("req_params.Id == '\ufffd' && req_querystring['\ufffd'][0] == '\ufffd' && "
                           "req_headers['X-A'][0] == '\ufffd' && req_path == '/\ufffd'",
                           params={"Id": broken}, query=[(broken, broken)], headers=[(b"X-A", b"\xff")],
                           path="/" + broken)


def test_nested_loops_over_what_a_client_sends_have_an_end() -> None:
    text = "req_querystring['a'].all(x, req_querystring['a'].all(y, x == y))"
    assert true_of_request(text, query=[("a", "1")] * 500)
    started = time.monotonic()
    assert not true_of_request(text, query=[("a", "1")] * 60_000)
    assert not true_of_request("req_path.matches('(x+x+)+y$')", path="x" * 1_000_000)
    assert time.monotonic() - started < 5


def test_interruptions_are_none_of_its_business() -> None:
    def interrupted() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cel.Expression("req_method == ''").holds({"req_method": interrupted})


def test_the_first_that_does_not_hold_is_named_by_its_number_among_its_kind() -> None:
    checks = tuple(map(CelCheck, ("resp_completed", "req_method == 'GET'", "req_path == '/other'", "now == 'never'")))
    before, after = cel.before(checks), cel.after(checks)
    assert before is not None and after is not None
    assert str(before.refusal(cel.ask_values(ask()))) == "request aborted by evaluator #1"
    assert str(after.refusal(cel.reply_values(None))) == "request aborted by evaluator #0"
    assert cel.before(checks[-1:]) is None and cel.after(checks[1:]) is None


def test_a_backend_sees_its_own_method_path_headers_and_query() -> None:
    text = "req_method == 'PUT' && req_path == '/b/4 2?x=1' && size(req_headers) == 1 && 'X-A' in req_headers && " \
           "size(req_querystring) == 1 && req_querystring.a[0] == '1'"
    backend = BackendConfig(index=0, hosts=(), url_pattern="/b/{id}?x=1", method="PUT", input_headers=("X-A",),
                            input_query_strings=("a",), cel=(CelCheck(text),))
    admit = cel.admission(backend)
    assert admit is not None
    asked = ask(params={"Id": "4 2"}, headers=[(b"X-A", b""), (b"X-B", b"")], query=[("a", "1"), ("b", "2")])
    assert admit(asked) is None
    assert isinstance(admit(ask()), Rejected)
    assert cel.admission(BackendConfig(index=0, hosts=(), url_pattern="/", method="GET")) is None


async def test_a_reply_that_comes_with_errors_is_not_looked_at() -> None:
    """So a partial answer stays one, as in KrakenD."""
    checks = cel.Checks(["resp_completed"])

    async def partial(asked: Ask) -> Reply:
        return Reply({"a": 1}, False, errors=("bad",))

    async def incomplete(asked: Ask) -> Reply:
        return Reply({"a": 1}, False)

    assert (await cel.with_reply_checks(partial, checks)(ask())).data == {"a": 1}  # type: ignore[union-attr]
    with pytest.raises(Rejected):
        await cel.with_reply_checks(incomplete, checks)(ask())


def test_what_still_arrives_of_a_rejected_reply_holds_nobody_up() -> None:
    resumed = []
    stream = Stream(lambda: None, lambda: resumed.append(1))
    stream.feed(b"x" * 1_000_000)
    with pytest.raises(Rejected):
        cel.pass_reply(Reply(None, True, 200, (), stream), cel.Checks(["resp_metadata_status == 418"]))
    assert stream.size == 0 and resumed == [1]


def test_a_match_sees_all_that_the_client_sent() -> None:
    holds = cel.condition("req_headers['X-C'][0] == '1' && req_querystring.q[0] == 'ä' && req_params.Id == '42'")
    request = Request(b"GET", "/p?q=ä".encode(), [(b"X-C", b"1")], b"")
    assert holds(ask(headers=[], query=[]), request)
    assert not holds(ask(), Request(b"GET", b"/p", [], b""))
    claims = cel.condition("JWT.sub == 'u1'")
    assert claims(ask(notes={"jwt": {"sub": "u1"}}), request) and not claims(ask(), request)


@pytest.mark.parametrize("text", ["req_method =", "resp_completed", "", "nosuch(req_method)"])
def test_a_match_that_is_none_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="match"):
        cel.condition(text)


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                     lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))


@given(st.dictionaries(st.text(), _JSON, max_size=4))
def test_no_data_makes_an_expression_raise(data: dict[str, Any]) -> None:
    for text in ("resp_data.a == '1'", "resp_data.all(k, k != '')", "resp_data == {}"):
        cel.Expression(text).holds(cel.reply_values(Reply(data, True)))


@given(st.text(max_size=30), st.binary(max_size=30))
def test_no_request_makes_an_expression_raise(text: str, value: bytes) -> None:
    assert true_of_request("size(req_params.Id) >= 0 && size(req_headers['X'][0]) >= 0", params={"Id": text},
                           headers=[(b"X", value)])


def config(url: str, *, cel: list[str], of_backend: list[str] | None = None, **more: Any) -> dict[str, Any]:
    inner = [{"check_expr": text} for text in of_backend or []]
    extra = {"validation/cel": [{"check_expr": text} for text in cel]}
    backend = {"url_pattern": "/", "host": [url], "extra_config": {"validation/cel": inner}}
    return {"version": 3, "extra_config": {"router": {"return_error_msg": True}},
            "endpoints": [{"endpoint": "/x", "backend": [backend], "extra_config": extra, **more}]}  # fmt: skip


async def test_a_condition_on_a_backend_leaves_a_part_out_of_a_merge() -> None:
    """And on the only backend it is the endpoint's error."""
    async with Backend(reply({"a": 1})) as backend:
        settings = config(backend.url, cel=[], of_backend=["req_method == 'POST'"])
        async with serving(settings) as gateway, Client(gateway.port) as client:
            refused = await client.get("/x")
            assert (refused.status, refused.body) == (500, b"request aborted by evaluator #0")
            assert backend.seen == []
        settings["endpoints"][0]["backend"].append({"url_pattern": "/", "host": [backend.url], "group": "g"})
        async with serving(settings) as gateway, Client(gateway.port) as client:
            partial = await client.get("/x")
            assert (partial.status, partial.body) == (200, b'{"g":{"a":1}}')
            assert partial.header("X-Krakend-Completed") == "false"


async def test_a_backends_answer_is_looked_at_after_target_and_mapping() -> None:
    """In the data that goes on."""
    async with Backend(reply({"deep": {"n": 5}})) as backend:
        for text, status in (("resp_data.m == '5'", 200), ("resp_data.m == '6'", 500)):
            settings = config(backend.url, cel=[], of_backend=[text])
            settings["endpoints"][0]["backend"][0].update({"target": "deep", "mapping": {"n": "m"}})
            async with serving(settings) as gateway, Client(gateway.port) as client:
                assert (await client.get("/x")).status == status


async def test_many_at_once_are_each_judged_by_themselves() -> None:
    """Over real sockets, with a check before and one behind."""
    def echo(seen: Any) -> bytes:
        return reply({"k": seen.header("x-k") or ""})

    async with Backend(echo) as backend:
        settings = config(backend.url, cel=["req_headers['X-K'][0] != 'bad'", "resp_data.k != 'worse'"],
                          input_headers=["X-K"])
        async with serving(settings) as gateway:
            async def one(key: str) -> int:
                async with Client(gateway.port) as client:
                    return (await client.get("/x", ("X-K", key))).status

            statuses = await asyncio.gather(*map(one, ["good", "bad", "worse"] * 10))
    assert statuses == [200, 500, 500] * 10
    assert sorted({seen.header("x-k") or "" for seen in backend.seen}) == ["good", "worse"]
