"""Modifiers: what they do to requests and answers."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.test_martian import modifier
from understudy.gateway.martian import Incoming, Outgoing, changes_of, host_fits

HEADERS = [(b"X-A", b"1"), (b"Cookie", b"a=1"), (b"User-Agent", b"me")]


def outgoing(**more: Any) -> Outgoing:
    url = ("http", more.get("host", "b.example:8080"), more.get("path", "/e"), more.get("query", ""))
    return Outgoing(url, b"b.example:8080", more.get("headers", HEADERS), b"old")


def asked(block: Any, **more: Any) -> Outgoing:
    message = outgoing(**more)
    change, _ = changes_of(modifier(block))
    if change is not None:
        change(message)
    return message


def answered(block: Any, **more: Any) -> Incoming:
    headers = more.pop("answer", [(b"X-One", b"1"), (b"Set-Cookie", b"s=1; Path=/"), (b"Content-Encoding", b"gzip")])
    message = Incoming(outgoing(**more), 404, headers, b"old")
    _, change = changes_of(modifier(block))
    if change is not None:
        change(message)
    return message


def put(name: str, value: str = "v", **more: Any) -> dict[str, Any]:
    return {"header.Modifier": {"name": name, "value": value, **more}}


def test_headers_are_set_appended_copied_and_removed() -> None:
    assert asked(put("x-a")).values(b"X-A") == [b"v"]
    assert asked({"header.Append": {"name": "x-a", "value": "2"}}).values(b"X-A") == [b"1", b"2"]
    assert asked({"header.Copy": {"from": "X-A", "to": "X-B"}}).values(b"X-B") == [b"1"]
    assert asked({"header.Copy": {"from": "X-No", "to": "X-B"}}).values(b"X-B") == [b""]
    assert asked({"header.Blacklist": {"names": ["x-a", "COOKIE"]}}).headers == [(b"User-Agent", b"me")]
    assert answered(put("X-One")).values(b"X-One") == [b"v"]


def test_the_host_field_is_no_header_like_others() -> None:
    message = asked(put("Host", "other"))
    assert (message.authority, message.host, message.values(b"Host")) == (b"other", "b.example:8080", [b"other"])
    assert asked({"header.Append": {"name": "host", "value": "other"}}).authority == b"other"


def test_an_id_is_made_only_when_there_is_none() -> None:
    made = asked({"header.Id": {}}).values(b"X-Krakend-Id")[0].decode()
    assert uuid.UUID(made).version == 4
    assert asked({"header.Id": {"header": "X-A"}}).values(b"X-A") == [b"1"]


def test_a_new_body_has_its_type_and_no_encoding() -> None:
    block = {"body.Modifier": {"contentType": "text/plain", "body": "bmV3"}}
    request, answer = asked(block), answered(block)
    assert (request.body, request.replaced, request.values(b"Content-Type")) == (b"new", True, [b"text/plain"])
    assert (answer.body, answer.replaced, answer.values(b"Content-Encoding")) == (b"new", True, [])


def test_cookies() -> None:
    assert asked({"cookie.Modifier": {"name": "c", "value": "v"}}).values(b"Cookie") == [b"a=1; c=v"]
    assert asked({"cookie.Modifier": {"name": "c", "value": "v w"}}, headers=[]).values(b"Cookie") == [b'c="v w"']
    whole = {"name": "c", "value": "v", "path": "/p", "domain": ".d.example", "httpOnly": True, "secure": True,
             "maxAge": 60, "expires": "2026-04-12T23:20:50+02:00"}
    assert answered({"cookie.Modifier": whole}).values(b"Set-Cookie")[1] == (
        b"c=v; Path=/p; Domain=d.example; Expires=Sun, 12 Apr 2026 21:20:50 GMT; Max-Age=60; HttpOnly; Secure")
    assert answered({"cookie.Modifier": {"name": "c", "maxAge": -1}}).values(b"Set-Cookie")[1] == b"c=; Max-Age=0"


def test_parts_of_the_url() -> None:
    assert asked({"url.Modifier": {"path": "/ä b", "query": "z=1"}}, query="a=1").url == \
        "http://b.example:8080/%C3%A4%20b?z=1"
    assert asked({"url.Modifier": {"scheme": "https", "host": "h"}}, query="a=1").url == "https://h/e?a=1"
    assert asked({"url.Modifier": {"path": "x"}}).path == "/x"
    assert asked({"querystring.Modifier": {"name": "k", "value": "v x"}}, query="k=old&b=2&a=1").query == \
        "a=1&b=2&k=v+x"
    assert asked({"stash.Modifier": {"headerName": "x-url"}}, query="a").values(b"X-Url") == \
        [b"http://b.example:8080/e?a"]


@pytest.mark.parametrize(("values", "host", "becomes"), [
    ({"port": 9000}, "h:8080", "h:9000"), ({"port": 9000}, "h", "h:9000"), ({"remove": True}, "h:8080", "h"),
    ({"defaultForScheme": True}, "h:8080", "h:80"), ({"port": 1}, "[::1]:8080", "[::1]:1"),
])
def test_ports(values: dict[str, Any], host: str, becomes: str) -> None:
    assert asked({"port.Modifier": values}, host=host).host == becomes


def test_a_status_and_a_file_are_answers() -> None:
    assert answered({"status.Modifier": {"statusCode": 200}}).status == 200
    block = {"static.Modifier": {"rootPath": "/srv", "explicitPaths": {"/e": "x.json"}}}
    assert asked(block).skipped
    assert answered(block).file == ("/srv", "x.json")
    assert answered(block, path="/other").file == ("/srv", "/other")


def test_a_group_runs_in_order_and_each_only_in_its_scope_and_the_groups() -> None:
    group = {"fifo.Group": {"scope": ["request"], "modifiers": [
        put("X-1", "a"), put("X-1", "b"), {"header.Append": {"name": "X-1", "value": "c"}},
        put("X-1", "d", scope=["response"])]}}
    assert asked(group).values(b"X-1") == [b"b", b"c"]
    assert answered(group).values(b"X-1") == []
    ranked = {"priority.Group": {"modifiers": [{"priority": 1, "modifier": put("X-P", "one")},
                                               {"priority": 9, "modifier": put("X-P", "nine")}]}}
    assert asked(ranked).values(b"X-P") == [b"one"]


def chosen(kind: str, values: dict[str, Any], **more: Any) -> str:
    block = {kind: {**values, "modifier": put("X-F", "then"), "else": put("X-F", "else")}}
    if kind == "header.RegexFilter":
        block[kind].pop("else")
    found = asked(block, **more).values(b"X-F")
    return found[0].decode() if found else ""


@pytest.mark.parametrize(("kind", "values", "more", "which"), [
    ("header.Filter", {"name": "X-A", "value": "1"}, {}, "then"),
    ("header.Filter", {"name": "x-a", "value": "2"}, {}, "else"),
    ("header.Filter", {"name": "X-No", "value": ""}, {}, "else"),
    ("header.Filter", {"name": "Host", "value": "b.example:8080"}, {}, "then"),
    ("header.RegexFilter", {"header": "X-A", "regex": "^[0-9]$"}, {}, "then"),
    ("header.RegexFilter", {"header": "X-A", "regex": "^x"}, {}, ""),
    ("cookie.Filter", {"name": "a"}, {}, "then"), ("cookie.Filter", {"name": "a", "value": "2"}, {}, "else"),
    ("querystring.Filter", {"name": "q", "value": "1"}, {"query": "q=2&q=1"}, "then"),
    ("querystring.Filter", {"name": "q"}, {"query": "q=2"}, "then"),
    ("querystring.Filter", {"name": "q", "value": "1"}, {"query": "p=1"}, "else"),
    ("url.Filter", {"host": "*.example:8080", "path": "/e"}, {}, "then"),
    ("url.Filter", {"scheme": "https"}, {}, "else"), ("url.Filter", {"query": "a=1"}, {"query": "a=2"}, "else"),
    ("url.RegexFilter", {"regex": ".*/e/x.*"}, {"path": "/e/xyz"}, "then"),
    ("url.RegexFilter", {"regex": "/e/x"}, {}, "else"),
    ("port.Filter", {"port": 8080}, {}, "then"), ("port.Filter", {"port": 80}, {"host": "h"}, "then"),
    ("port.Filter", {"port": 81}, {"host": "h"}, "else"),
])
def test_filters(kind: str, values: dict[str, Any], more: dict[str, Any], which: str) -> None:
    assert chosen(kind, values, **more) == which


def test_filters_of_answers_look_at_the_answer_and_at_what_was_asked() -> None:
    then = put("X-F", "then")
    assert answered({"header.Filter": {"name": "X-One", "value": "1", "modifier": then}}).values(b"X-F")
    assert not answered({"header.Filter": {"name": "X-A", "value": "1", "modifier": then}}).values(b"X-F")
    assert answered({"cookie.Filter": {"name": "s", "value": "1", "modifier": then}}).values(b"X-F")
    assert answered({"querystring.Filter": {"name": "q", "modifier": then}}, query="q").values(b"X-F")


@pytest.mark.parametrize(("host", "wanted", "fits"), [
    ("a.b.c", "a.b.c", True), ("a.b.c", "*.b.c", True), ("a.b.c", "a.*.c", True), ("a.b.c", "*.c", False),
    ("a.b", "a.b.c", False), ("ab.c", "a*.c", True), ("a.c", "ab*b.c", False), ("", "*", True),
])
def test_a_star_stands_for_the_rest_of_a_label(host: str, wanted: str, fits: bool) -> None:
    assert host_fits(host, wanted) is fits


@given(st.text(), st.text())
def test_any_hosts_can_be_held_against_each_other(host: str, wanted: str) -> None:
    assert host_fits(host, host) or "*" in host
    host_fits(host, wanted)
