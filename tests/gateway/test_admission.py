"""What an endpoint looks at before it asks anybody."""

from __future__ import annotations

from typing import Any

from tests.inprocess import serving
from understudy.config.checks import SCHEMA_BYTES
from understudy.errors import Rejected
from understudy.gateway.admission import Admission, Later
from understudy.gateway.types import Ask
from understudy.http.stream import complete
from understudy.http.values import Request, Response
from understudy.testing.backend import Backend
from understudy.testing.client import Client

REQUEST = Request(b"GET", b"/x", [], b"")


def ask() -> Ask:
    return Ask("POST", "/x", {}, [], [], b"", 0.0)


class Recording:
    """A tap that remembers."""

    sees_answers = True

    def __init__(self) -> None:
        self.asks: list[Ask] = []

    def begin(self, ask: Ask, request: Request) -> None:
        self.asks.append(ask)

    def answering(self, ask: Ask, response: Response) -> Response:
        return Response(response.status + 1)


def test_the_first_refusal_is_the_answer_and_nothing_behind_it_is_asked() -> None:
    tap, asked = Recording(), []
    refusal = Rejected("no", 400)

    def second(ask: Ask, request: Request) -> Response:
        asked.append(ask)
        return Response(403)

    assert Admission([lambda a, r: None, lambda a, r: refusal, second], tap).begin(ask(), REQUEST) is refusal
    assert (asked, tap.asks) == ([], [])


def test_what_passes_goes_to_the_tap() -> None:
    tap, mine = Recording(), ask()
    assert Admission([lambda a, r: None], tap).begin(mine, REQUEST) is None
    assert tap.asks == [mine]
    assert Admission([lambda a, r: None], None).begin(mine, REQUEST) is None


def test_the_tap_sees_answers_through_the_checks() -> None:
    gate = Admission([], Recording())
    assert gate.sees_answers and gate.answering(ask(), Response(200)).status == 201
    alone = Admission([], None)
    assert not alone.sees_answers and alone.answering(ask(), Response(200)).status == 200


def test_a_body_that_is_looked_into_must_have_arrived() -> None:
    tap, mine = Recording(), ask()
    mine.body = complete(b"{}")
    gate = Admission([lambda a, r: None], tap, needs_body=10)
    waiting = gate.begin(mine, REQUEST)
    assert isinstance(waiting, Later) and waiting.limit == 10 and tap.asks == []
    mine.body = b"{}"
    assert gate.begin(mine, REQUEST) is None and tap.asks == [mine]


def config(url: str, **extra: Any) -> dict[str, Any]:
    return {"version": 3, "endpoints": [
        {"endpoint": "/x", "method": "POST", "extra_config": extra,
         "backend": [{"url_pattern": "/", "host": [url]}]},
    ]}  # fmt: skip


async def test_a_body_that_arrives_slowly_is_waited_for_and_goes_on_unchanged() -> None:
    """In pieces, over a real socket."""
    schema = {"validation/json-schema": {"required": ["a"]}}
    async with Backend() as backend, serving(config(backend.url, **schema)) as gateway:
        for body, status in ((b'{ "a" : 1}', 200), (b'{"b":1}', 400)):
            async with Client(gateway.port) as client:
                await client.send(b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n" + body[:2])
                await client.send(b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body) - 2, body[2:]))
                assert (await client.read("POST")).status == status
                assert (await client.ask("POST", "/x", b'{"a":2}')).status == 200
    assert [seen.body for seen in backend.seen] == [b'{ "a" : 1}', b'{"a":2}', b'{"a":2}']


async def test_a_body_over_the_limit_is_refused() -> None:
    """Whatever is in it: nobody is asked."""
    schema = {"validation/json-schema": {}}
    async with Backend() as backend, serving(config(backend.url, **schema)) as gateway, Client(gateway.port) as client:
        head = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (SCHEMA_BYTES + 1)
        await client.send(head)
        chunk = b" " * (1 << 20)
        for _ in range(SCHEMA_BYTES >> 20):
            client.writer.write(chunk)
        client.writer.write(b" ")
        assert (await client.read("POST")).status == 413
    assert backend.seen == []


async def test_the_order_is_bots_then_expressions_then_schema() -> None:
    """As in KrakenD."""
    extra = {"security/bot-detector": {"deny": ["evil"]}, "validation/json-schema": {"required": ["a"]},
             "validation/cel": [{"check_expr": "req_method == 'POST' && req_headers['Content-Type'][0] == 'ok'"}]}
    async with Backend() as backend, serving(config(backend.url, **extra)) as gateway, Client(gateway.port) as client:
        evil, fine, wrong = ("User-Agent", "evil"), ("Content-Type", "ok"), ("Content-Type", "no")
        assert [(await client.ask("POST", "/x", b"{}", evil, wrong)).status,
                (await client.ask("POST", "/x", b"{}", wrong)).status,
                (await client.ask("POST", "/x", b"{}", fine)).status,
                (await client.ask("POST", "/x", b'{"a":1}', fine)).status] == [403, 500, 400, 200]
    assert len(backend.seen) == 1
    assert sum(gateway.board.cells[: len(gateway.board.cells)]) > 0
