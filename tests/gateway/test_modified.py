"""A backend behind modifiers, over real sockets."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.inprocess import serving
from understudy.gateway.martian import Incoming, Outgoing
from understudy.gateway.modified import serve_file
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client, Got


def config(url: str, block: Any, encoding: str = "json", **more: Any) -> dict[str, Any]:
    backend = {"url_pattern": "/e", "host": [url], "extra_config": {"modifier/martian": block},
               **more.pop("backend", {})}
    return {"version": 3, "endpoints": [
        {"endpoint": "/x", "output_encoding": encoding, "backend": [backend], **more},
    ]}  # fmt: skip


async def asked(answer: bytes, block: Any, *, body: bytes = b"", headers: tuple[tuple[str, str], ...] = (),
                target: str = "/x", **more: Any) -> tuple[Got, list[Seen]]:
    async with Backend(answer) as backend, serving(config(backend.url, block, **more)) as gateway:
        async with Client(gateway.port) as client:
            got = await client.ask(more.get("method", "GET"), target, body, *headers)
            again = await client.ask(more.get("method", "GET"), target, body, *headers)
            assert (again.status, again.body) == (got.status, got.body)
    return got, backend.seen


HEADER = {"header.Modifier": {"name": "X-Set", "value": "v"}}


async def test_the_request_is_changed_and_the_clients_own_is_not_sent_twice() -> None:
    """Once for every request, on a connection that is used again."""
    got, seen = await asked(reply({"ok": True}), HEADER, headers=(("X-Set", "mine"),), input_headers=["*"])
    assert (got.status, got.body) == (200, b'{"ok":true}')
    assert [[v for n, v in s.headers if n == "x-set"] for s in seen] == [["v"], ["v"]]


async def test_the_answer_is_changed_before_its_status_is_looked_at() -> None:
    """So a 404 can become data."""
    new = base64.b64encode(b'{"new":1}').decode()
    block = {"fifo.Group": {"modifiers": [{"status.Modifier": {"statusCode": 200}},
                                          {"body.Modifier": {"body": new, "scope": ["response"]}}]}}
    got, _ = await asked(reply({"no": 1}, 404), block)
    assert (got.status, got.body, got.header("X-Krakend-Completed")) == (200, b'{"new":1}', "true")


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_answer_that_is_passed_on_has_the_length_of_its_new_body(chunked: bool) -> None:
    """KrakenD keeps the old one and cuts the answer short."""
    block = {"body.Modifier": {"body": base64.b64encode(b"hello").decode(), "contentType": "text/plain",
                               "scope": ["response"]}}
    got, _ = await asked(reply("x" * 300_000, 404, chunked=chunked), block, encoding="no-op")
    assert (got.status, got.body, got.header("Content-Length"), got.header("Content-Type")) == (
        404, b"hello", "5", "text/plain")


async def test_a_new_body_replaces_one_that_came_in_chunks_or_not_at_all() -> None:
    """Framed by its own length."""
    block = {"body.Modifier": {"body": base64.b64encode(b"new").decode(), "contentType": "a/b", "scope": ["request"]}}
    _, seen = await asked(reply({}), block)
    assert [(s.method, s.body, s.header("content-length"), s.header("content-type")) for s in seen] == [
        ("GET", b"new", "3", "a/b")] * 2
    async with Backend() as backend, serving(config(backend.url, block, method="POST")) as gateway:
        async with Client(gateway.port) as client:
            await client.send(b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nol")
            await client.send(b"\r\n1\r\nd\r\n0\r\n\r\n")
            assert (await client.read("POST")).status == 200
    assert [(s.body, s.header("transfer-encoding")) for s in backend.seen] == [(b"new", None)]


async def test_a_body_that_stays_is_passed_on_as_it_came() -> None:
    """Its framing too."""
    _, seen = await asked(reply({}), HEADER, method="POST", body=b"abc")
    assert [(s.body, s.header("content-length")) for s in seen] == [(b"abc", "3")] * 2


async def test_another_host_gets_the_request_under_the_old_name() -> None:
    """Only the Host header changes the Host header."""
    async with Backend() as other:
        block = {"url.Modifier": {"host": f"127.0.0.1:{other.port}", "path": "/new", "query": "z=1"}}
        got, seen = await asked(reply({}), block, target="/x?a=1", input_query_strings=["a"])
        assert got.status == 200 and seen == []
        assert [s.target for s in other.seen] == ["/new?z=1"] * 2
        assert other.seen[0].header("host") != f"127.0.0.1:{other.port}"
    _, seen = await asked(reply({}), {"header.Modifier": {"name": "Host", "value": "other.example"}})
    assert [s.header("host") for s in seen] == ["other.example"] * 2


async def test_a_url_that_is_none_is_a_failure_of_the_backend() -> None:
    """Not of the gateway."""
    got, seen = await asked(reply({}), {"url.Modifier": {"host": "a:b:c"}})
    assert got.status == 500 and seen == []


async def test_the_backends_own_header_list_comes_first() -> None:
    """As KrakenD's order of components says."""
    block = {"header.Copy": {"from": "X-B", "to": "X-C"}}
    _, seen = await asked(reply({}), block, input_headers=["*"], headers=(("X-A", "1"), ("X-B", "2")),
                          backend={"input_headers": ["X-A"]})
    assert [(s.header("x-a"), s.header("x-b"), s.header("x-c"), s.header("user-agent")) for s in seen] == [
        ("1", None, "", "Go-http-client/1.1")] * 2


async def test_redirects_carry_the_changed_headers() -> None:
    """To where they point."""
    def answer(seen: Seen) -> bytes:
        return reply({"ok": seen.header("x-set")}) if seen.target == "/there" else reply(
            b"", 302, [("Location", "/there")])

    got, seen = await asked(answer, HEADER)  # type: ignore[arg-type]
    assert got.body == b'{"ok":"v"}' and [s.target for s in seen] == ["/e", "/there"] * 2


async def test_several_backends_do_not_see_each_others_changes() -> None:
    """Though they share the ask."""
    async with Backend() as backend:
        settings = config(backend.url, HEADER)
        settings["endpoints"][0]["backend"].append({"url_pattern": "/plain", "host": [backend.url]})
        async with serving(settings) as gateway, Client(gateway.port) as client:
            assert (await client.get("/x")).status == 200
    assert {s.target: s.header("x-set") for s in backend.seen} == {"/e": "v", "/plain": None}


async def test_files_are_answers_without_a_backend(tmp_path: Path) -> None:
    """404 where there is none; never outside the folder."""
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "a.json").write_text('{"file":1}')
    (tmp_path / "secret.json").write_text('{"secret":1}')
    for pattern, body in (("/a.json", b'{"file":1}'), ("/no.json", b""), ("/../secret.json", b""), ("/", b"")):
        got, seen = await asked(reply({}), {"static.Modifier": {"rootPath": str(folder)}}, encoding="no-op",
                                backend={"url_pattern": pattern})
        assert (got.body, seen) == (body, []), pattern
        assert got.status == (200 if body else 404 if pattern != "/" else 500)


def test_a_file_has_the_type_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("x")
    message = Incoming(Outgoing(("http", "h", "/", ""), b"h", [], b""), 200, [], b"")
    serve_file(message, str(tmp_path), "a.html")
    assert (message.body, message.headers) == (b"x", [(b"Content-Type", b"text/html")])
    serve_file(message, str(tmp_path), "/\x00")
    assert message.status in (404, 500)
