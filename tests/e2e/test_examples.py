"""The configurations under ``examples/`` run as they stand, and their users cannot tell whether there are shadows."""

from __future__ import annotations

import asyncio
from typing import Any

import jsonschema_rs
import pytest

from tests.e2e.examples import FILES, FOLDER, PEOPLE, Answer, Ask, RunningFile, Stage, answers, asks_of, data_of, staged
from understudy.config.endpoints import OUTPUTS
from understudy.config.model import Service
from understudy.config.read import runnable
from understudy.config.schema import schema
from understudy.testing.gateway import RunningGateway

WARNINGS = {
    "shop.json": ["endpoints[5].backend[1]", "endpoints[12].backend[1]"],
    "bank.json": ["endpoints[5].backend[1]"],
    "media.yaml": [],
    "mobile.json": ["endpoints[3].backend[1]"],
    "travel.toml": ["endpoints[7].backend[1]"],
}
"""Where copies of requests with effects are sent on purpose."""


class Played:
    """An example, run twice: what users got with and without shadows, and where every copy went."""

    def __init__(self, stage: Stage, asks: list[Ask]) -> None:
        self.service = stage.service
        self.asks = asks
        self.shadowed: list[Answer] = []
        self.plain: list[Answer] = []
        self.account: dict[str, dict[str, Any]] = {}
        self.marked = 0
        self.marked_without = 0

    def of(self, endpoint: str, who: int = 0, method: str = "GET") -> Answer:
        """What one of ``PEOPLE`` got from an endpoint."""
        found = next(e.index for e in self.service.endpoints if (e.path, e.method) == (endpoint, method))
        return self.shadowed[found * len(PEOPLE) + who]


async def play(name: str) -> Played:
    """Both runs, with the same asks in the same order."""
    async with staged(name) as stage:
        played = Played(stage, asks_of(stage.service))
        async with RunningGateway(stage.without_shadows()) as gateway:
            played.plain = await answers(gateway.port, played.asks)
            played.marked_without = stage.marked()
        async with RunningFile(name, stage.text) as gateway:
            played.shadowed = await answers(gateway.port, played.asks)
            played.account = await gateway.shadows_at_rest()
            played.marked = stage.marked()
    return played


@pytest.fixture(scope="module", params=FILES)
def example(request: pytest.FixtureRequest) -> tuple[str, Played]:
    """Each example, played once for all tests of this file."""
    return request.param, asyncio.run(play(request.param))


def test_users_cannot_tell_whether_there_are_shadows(example: tuple[str, Played]) -> None:
    """Status, headers but Date, and body are the same, byte for byte, on every endpoint and for everybody."""
    _, played = example
    assert len(played.plain) == len(played.asks) == len(PEOPLE) * len(played.service.endpoints)
    for ask, plain, shadowed in zip(played.asks, played.plain, played.shadowed, strict=True):
        assert shadowed == plain, (ask.method, ask.target)


def test_every_copy_is_accounted_for(example: tuple[str, Played]) -> None:
    """The identity holds, nothing is lost, and what was sent is what the services saw."""
    _, played = example
    shadows = {b.shadow.name: (e, b.shadow) for e in played.service.endpoints for b in e.shadows if b.shadow}
    assert set(played.account) == set(shadows)
    for name, row in played.account.items():
        endpoint, shadow = shadows[name]
        assert row["problems"] == [], name
        assert row["eligible"] == len(PEOPLE) * shadow.copies, name
        assert row["eligible"] == row["sent"] + sum(row["skipped"].values()) + sum(row["dropped"].values()), name
        assert row["sent"] == row["answered"] + sum(row["failed"].values()), name
        assert row["answered"] == row["compared"] + sum(row["not_compared"].values()), name
        if shadow.percent == 100 and not played_only_sometimes(shadow):
            assert row["sent"] == row["eligible"], (name, endpoint.path)
    assert played.marked_without == 0
    assert played.marked == sum(row["sent"] for row in played.account.values()) > 0


def played_only_sometimes(shadow: Any) -> bool:
    """Whether the file says which requests are copied."""
    match = shadow.match
    return bool(match.methods or match.headers or match.query or match.path or match.expression)


def test_what_each_shows_is_there(example: tuple[str, Played]) -> None:
    """A few answers of each, spelled out."""
    name, played = example
    for endpoint, who, method, status, completed, body in SHOWN[name]:
        got = played.of(endpoint, who, method)
        where = f"{method} {endpoint} for {PEOPLE[who]}: {got}"
        assert got.status == status, where
        assert got.header("x-krakend-completed") == completed, where
        assert (got.body if isinstance(body, bytes) else data_of(got)) == body, where


SHOWN: dict[str, list[tuple[str, int, str, int, str | None, Any]]] = {
    "shop.json": [
        ("/products/{id}", 0, "GET", 200, "true",
         {"id": "7", "name": "Lamp", "supplier": {"city": "Köln", "name": "Lux & Co"}, "weight": 1.25}),
        ("/products/{id}/page", 1, "GET", 200, "false",
         {"price": {"amount": 19.9, "query": "sku=missing&currency=EUR"}, "recommendations": [],
          "reviews": {"newest": []}}),
        ("/products/{id}/stock", 1, "GET", 404, "false", b"unknown article"),
        ("/products/{id}/reviews", 0, "GET", 200, "true",
         {"collection": [{"by": "Ada", "stars": 5, "text": "Bright"},
                         {"by": "Bob", "stars": 2, "text": "Too bright"}]}),
        ("/orders", 3, "POST", 200, "true", {"got": '{"who":3}', "id": "o-1", "key": "k3", "state": "accepted"}),
        ("/orders/{order}/invoice", 0, "GET", 200, "true",
         {"customer": {"debtor": 100042, "id": "c42", "name": "Ada"},
          "order": {"customer": "c42", "id": "7", "total": 68.9},
          "invoice": {"-number": "R-1", "line": ["Lamp", "Chair"], "total": "68.90"}}),
        ("/cart/items/{item}", 2, "DELETE", 204, "false", b""),
    ],
    "bank.json": [
        ("/v1/accounts/{iban}", 1, "GET", 404, "false", b""),
        ("/v1/transfers/{id}", 1, "GET", 200, "false", {"error_payments": {
            "http_body": '{"code":"NO_TRANSFER"}', "http_body_encoding": "application/json", "http_status_code": 404}}),
        ("/v1/transfers/{id}/receipt", 0, "GET", 200, "true",
         {"amount": "12.00", "customer": {"internal": {"risk": 1}, "language": "", "name": "Ada"}, "id": "7",
          "payer": {"customer": "c-1"}, "rate": {"content": 1.0834}}),
        ("/v1/customers/me", 1, "GET", 200, "true",
         {"language": "en", "limits": {"monthly": 20000, "per_day": 5000}, "name": "Ada"}),
        ("/v1/limits/{customer}", 1, "GET", 200, "false", {"daily": 0, "reason": "unknown"}),
        ("/v1/accounts/{iban}/statement", 1, "GET", 200, "true",
         b'<statement iban="missing"><entry date="2026-01-02">12.00</entry>'
         b'<entry date="2026-01-03">7.50</entry></statement>'),
    ],
    "media.yaml": [
        ("/articles/{slug}", 1, "GET", 410, "false", {"error": "withdrawn"}),
        ("/robots.txt", 0, "GET", 200, "true", b"User-agent: *\nDisallow: /account\n"),
        ("/ticker", 0, "GET", 200, "true", b"Bridge closed +++ Sun"),
        ("/ads/{slot}", 0, "GET", 200, "false", {"ad": None, "house": True}),
        ("/video/{id}", 0, "GET", 206, "false", b"ftyp7"),
    ],
    "mobile.json": [
        ("/app/start", 0, "GET", 200, "true",
         {"api": 4, "feed": {"items": [{"id": 1}, {"id": 2}], "query": "size=2"},
          "flags": {"enabled": ["dark-mode", "polls"]},
          "me": {"id": "u1", "name": "Ada", "via": "example/1"}, "messages": {"unread": 3},
          "settings": {"dark": True, "size": 12.0}}),
        ("/app/users/{user}/avatar", 0, "GET", 304, "false", b""),
        ("/app/settings", 0, "PATCH", 200, "true", {"device": "", "saved": '{"who":0}'}),
        ("/app/media", 3, "POST", 201, "false", b'stored {"who":3}'),
    ],
    "travel.toml": [
        ("/bookings/{id}", 0, "GET", 200, "true", {"id": "7", "seat": "12a", "train": {"cars": 8, "number": "7"}}),
        ("/bookings", 0, "POST", 200, "false", {"error_bookings": {
            "http_body": '{"error":"no seat"}', "http_body_encoding": "application/json", "http_status_code": 409}}),
        ("/sensors/{train}", 0, "GET", 200, "true", {"all": [0, 1.0, 2.5, 300.0], "train": "7"}),
        ("/sensors/{train}/raw", 0, "GET", 200, "true", b"t=7;v=1.0\n"),
        ("/weather/{city}", 1, "GET", 200, "false", {"sky": "unknown"}),
    ],
}  # fmt: skip
"""Endpoint, who asks, method; status, whether it is complete, body."""


@pytest.mark.parametrize("name", FILES)
def test_check_finds_no_error_and_the_warnings_that_are_meant(name: str) -> None:
    """What is dangerous on purpose is said; nothing else is."""
    service = runnable(FOLDER / name, {})
    assert [p.place for p in service.problems] == WARNINGS[name]
    assert {p.code for p in service.problems} <= {"shadow_unsafe_method"}
    assert 10 <= len(service.endpoints) <= 60


@pytest.mark.parametrize("name", FILES)
def test_each_keeps_to_the_schema(name: str) -> None:
    """An editor that knows the schema marks nothing."""
    stage = Stage(name, (FOLDER / name).read_text(), {})
    assert [error.message for error in jsonschema_rs.validator_for(schema()).iter_errors(stage.data())] == []


def test_every_file_under_examples_is_tested_and_described() -> None:
    """An example that nobody runs would rot."""
    found = {p.name for p in FOLDER.iterdir() if p.suffix in (".json", ".yaml", ".toml")}
    assert found == {*FILES, "seed.json"}
    text = (FOLDER / "README.md").read_text()
    assert all(f"`{name}`" in text for name in found)


def test_together_they_show_what_there_is() -> None:
    """Every encoding, strategy, and way to cast a shadow is used somewhere."""
    services = [runnable(FOLDER / name, {}) for name in FILES]
    endpoints = [e for service in services for e in service.endpoints]
    backends = [b for e in endpoints for b in e.backends]
    shadows = [b.shadow for b in backends if b.shadow is not None]
    assert {e.output_encoding for e in endpoints} == set(OUTPUTS)
    assert {b.encoding for b in backends} >= {"json", "safejson", "string", "xml", "rss", "no-op"}
    assert {e.static.strategy for e in endpoints if e.static} == {"always", "success", "errored", "complete",
                                                                  "incomplete"}  # fmt: skip
    assert {s.role for s in shadows} == {"candidate", "control"}
    assert {(s.sticky_by or "none").partition(":")[0] for s in shadows} >= {"header", "cookie", "query", "param"}
    assert {e.method for e in endpoints} == {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert all(_users(endpoints, backends, services))


def _users(endpoints: list[Any], backends: list[Any], services: list[Service]) -> list[Any]:
    """Sequences, propagated values, races, reshaping, forwarding, error options, CORS, router options."""
    return [
        [e for e in endpoints if e.sequential], [e for e in endpoints if e.propagated_params],
        [e for e in endpoints if e.concurrent_calls > 1], [e for e in endpoints if e.cache_ttl],
        [e for e in endpoints if e.input_headers == ("*",)], [e for e in endpoints if e.flatmap],
        [e for e in endpoints if e.input_query_strings == ("*",)], [b for b in backends if b.flatmap],
        [b for b in backends if b.is_collection], [b for b in backends if b.target], [b for b in backends if b.mapping],
        [b for b in backends if b.allow], [b for b in backends if b.deny], [b for b in backends if b.group],
        [b for b in backends if b.return_error_code], [b for b in backends if b.return_error_details],
        [b for b in backends if b.send_body_on_redirect], [s for s in services if s.cors],
        [s for s in services if s.router.auto_options], [s for s in services if s.router.error_bodies],
    ]  # fmt: skip
