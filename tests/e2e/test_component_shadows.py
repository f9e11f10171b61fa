"""Components and shadows together, as processes: what is rejected is not copied, what is a shadow's is only its."""

from __future__ import annotations

import json
from typing import Any

from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway


def entry(url: str, ours: dict[str, Any] | None = None, *, shadow: bool = False, **extra: Any) -> dict[str, Any]:
    if shadow:
        extra["proxy"] = {"shadow": True}
    if ours is not None:
        extra["understudy/shadow"] = ours
    return {"url_pattern": "/e", "host": [url], "extra_config": extra}


def config(*endpoints: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "endpoints": list(endpoints)}


def endpoint(path: str, *backends: dict[str, Any], **more: Any) -> dict[str, Any]:
    names = ["X-Go", "X-Set", "X-Mirror", "Content-Type"]
    return {"endpoint": path, "input_headers": names, "backend": list(backends), **more}


def cel(text: str) -> dict[str, Any]:
    return {"validation/cel": [{"check_expr": text}]}


def echo(seen: Seen) -> bytes:
    return reply({"set": seen.header("x-set") or "", "body": seen.body.decode()})


async def test_a_match_written_as_an_expression_decides_about_copies() -> None:
    """Of requests that the shadow does not want nothing is sent, and all are counted."""
    async with Backend() as primary, Backend() as shadow:
        ours = {"name": "s", "match": "req_headers['X-Go'][0] == 'yes' && req_querystring['n'][0] != '3'"}
        settings = config(endpoint("/x", entry(primary.url), entry(shadow.url, ours, shadow=True)))
        async with RunningGateway(settings) as gateway, Client(gateway.port) as client:
            for n in range(6):
                wanted = ("X-Go", "yes" if n % 2 else "no")
                assert (await client.get(f"/x?n={n}", wanted)).status == 200
            assert (await client.get("/x?n=7")).status == 200
            account = (await gateway.shadows_at_rest())["s"]
    assert len(primary.seen) == 7 and len(shadow.seen) == 2
    assert (account["eligible"], account["skipped"], account["answered"]) == (7, {"match": 5}, 2)
    assert account["problems"] == []


async def test_what_the_endpoint_rejects_is_not_eligible() -> None:
    """Whichever of its checks it was, and whether the body came at once or not."""
    checks = {**cel("req_headers['X-Go'][0] == 'yes'"), "security/bot-detector": {"deny": ["evil"]},
              "validation/json-schema": {"required": ["a"]}}
    async with Backend() as primary, Backend() as shadow:
        settings = config(endpoint("/x", entry(primary.url), entry(shadow.url, {"name": "s"}, shadow=True),
                                   method="POST", extra_config=checks))
        async with RunningGateway(settings) as gateway, Client(gateway.port) as client:
            go = ("X-Go", "yes")
            statuses = [(await client.ask("POST", "/x", body, *headers)).status for body, headers in (
                (b'{"a":1}', (go, ("User-Agent", "evil"))), (b'{"a":1}', ()), (b"{}", (go,)), (b"", (go,)),
                (b'{"a":1}', (go,)))]
            assert statuses == [403, 500, 400, 400, 200]
            await client.send(b"POST /x HTTP/1.1\r\nHost: a\r\nX-Go: yes\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{")
            await client.send(b"\r\n6\r\n\"a\":2}\r\n0\r\n\r\n")
            assert (await client.read("POST")).status == 200
            account = (await gateway.shadows_at_rest())["s"]
    assert [s.body for s in primary.seen] == [b'{"a":1}', b'{"a":2}']
    assert sorted(s.body for s in shadow.seen) == [b'{"a":1}', b'{"a":2}']
    assert (account["eligible"], account["answered"], account["problems"]) == (2, 2, [])


async def test_a_shadows_own_expression_holds_its_copies_back_and_is_no_failure() -> None:
    """So that its breaker does not open; the expression sees what the shadow would get."""
    async with Backend() as primary, Backend() as shadow:
        mine = entry(shadow.url, {"name": "s", "breaker": {"failures": 3}}, shadow=True,
                     **cel("'X-Mirror' in req_headers"))
        async with RunningGateway(config(endpoint("/x", entry(primary.url), mine))) as gateway:
            async with Client(gateway.port) as client:
                for n in range(10):
                    assert (await client.get("/x", ("X-Mirror", "1") if n > 7 else ("X-Other", "1"))).status == 200
                account = (await gateway.shadows_at_rest())["s"]
    assert len(shadow.seen) == 2
    assert (account["eligible"], account["dropped"], account["answered"]) == (10, {"rejected": 8}, 2)
    assert account["failed"] == {} and account["problems"] == []


async def test_modifiers_change_only_the_backend_that_has_them() -> None:
    """The primary's are not seen by the shadow, the shadow's only by it."""
    def martian(value: str, body: str) -> dict[str, Any]:
        return {"modifier/martian": {"fifo.Group": {"modifiers": [
            {"header.Modifier": {"name": "X-Set", "value": value}},
            {"body.Modifier": {"scope": ["request"], "body": body, "contentType": "text/plain"}}]}}}

    async with Backend(echo) as primary, Backend(echo) as shadow, Backend(echo) as other:
        settings = config(endpoint(
            "/x", entry(primary.url, **martian("p", "cA==")),
            entry(shadow.url, {"name": "s"}, shadow=True, **martian("s", "cw==")),
            entry(other.url, {"name": "o"}, shadow=True), method="POST"))
        async with RunningGateway(settings) as gateway, Client(gateway.port) as client:
            for _ in range(3):
                got = await client.ask("POST", "/x", b"mine", ("X-Set", "mine"))
                assert json.loads(got.body) == {"set": "p", "body": "p"}
            accounts = await gateway.shadows_at_rest()
    assert [(s.header("x-set"), s.body) for s in shadow.seen] == [("s", b"s")] * 3
    assert [(s.header("x-set"), s.body) for s in other.seen] == [("mine", b"mine")] * 3
    assert [(a["answered"], a["problems"]) for a in accounts.values()] == [(3, [])] * 2


async def test_a_later_shadow_of_a_sequence_is_not_asked_when_an_earlier_ones_check_fails() -> None:
    """As with regular backends; users are none the wiser."""
    async with Backend(reply({"n": 5})) as primary, Backend(reply({"n": 5})) as shadow, Backend() as last:
        first = entry(shadow.url, {"name": "first"}, shadow=True, **cel("resp_data.n == '6'"))
        second = {**entry(last.url, {"name": "second"}, shadow=True), "url_pattern": "/{resp0_n}"}
        settings = config(endpoint("/x", entry(primary.url), first, second,
                                   extra_config={"proxy": {"sequential": True}}))
        async with RunningGateway(settings) as gateway, Client(gateway.port) as client:
            assert (await client.get("/x")).body == b'{"n":5}'
            accounts = await gateway.shadows_at_rest()
    assert len(shadow.seen) == 1 and last.seen == []
    assert (accounts["first"]["answered"], accounts["second"]["dropped"]) == (1, {"sequence": 1})
    assert [a["problems"] for a in accounts.values()] == [[], []]
