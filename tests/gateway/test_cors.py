"""Cross-origin requests: rules, and their place around everything else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inprocess import serving
from understudy.config.model import Cors
from understudy.gateway.cors import CorsRules
from understudy.http.values import Request
from understudy.testing import faults
from understudy.testing.backend import Backend
from understudy.testing.client import Client

ORIGIN = b"Access-Control-Allow-Origin"


def plain(options: Cors, origin: bytes = b"https://a.example") -> dict[bytes, bytes]:
    """What an ordinary answer gets."""
    return dict(CorsRules(options).plain(Request(b"GET", b"/", [(b"Origin", origin)] if origin else [], b"")))


def preflight(options: Cors, method: bytes = b"GET", headers: bytes = b"", *more: Any) -> dict[bytes, bytes]:
    """What a preflight gets."""
    fields = [(b"Origin", b"https://a.example"), (b"Access-Control-Request-Method", method), *more]
    if headers:
        fields.append((b"Access-Control-Request-Headers", headers))
    return dict(CorsRules(options).preflight(Request(b"OPTIONS", b"/", fields, b"")))


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        (("*",), b"https://a.example", b"*"),
        (("https://a.example",), b"https://a.example", b"https://a.example"),
        (("https://A.example",), b"https://a.EXAMPLE", b"https://a.EXAMPLE"),
        (("https://a.example",), b"https://a.example.evil", None),
        (("https://a.example",), b"http://a.example", None),
        (("https://*.example",), b"https://b.c.example", b"https://b.c.example"),
        (("https://*.example",), b"https://.example", b"https://.example"),
        (("https://*.example",), b"https://evil.examples", None),
        (("https://ab*ba",), b"https://aba", None),
        (("https://a.example",), b"", None),
    ],
)
def test_origins(origins: tuple[str, ...], origin: bytes, allowed: bytes | None) -> None:
    """Exact, with one star, or all; the answer always varies."""
    got = plain(Cors(allow_origins=origins), origin)
    assert got.get(ORIGIN) == allowed and got[b"Vary"] == b"Origin"


@pytest.mark.parametrize(
    ("options", "method", "headers", "allowed"),
    [
        (Cors(), b"POST", b"", True),
        (Cors(), b"DELETE", b"", False),
        (Cors(allow_methods=("delete",)), b"DELETE", b"", True),
        (Cors(allow_headers=("X-A", "X-B")), b"GET", b"x-a,x-b", True),
        (Cors(allow_headers=("X-A", "X-B")), b"GET", b"x-b,x-a", False),
        (Cors(allow_headers=("X-A",)), b"GET", b"x-a,x-c", False),
        (Cors(), b"GET", b"anything,at all", True),
        (Cors(allow_origins=("https://other",)), b"GET", b"", False),
    ],
)
def test_preflights(options: Cors, method: bytes, headers: bytes, allowed: bool) -> None:
    """A refused one has nothing but Vary."""
    got = preflight(options, method, headers)
    assert (ORIGIN in got) == allowed and b"Vary" in got
    assert len(got) == 1 if not allowed else got[b"Access-Control-Allow-Methods"] == method


def test_what_may_be_said_besides() -> None:
    """Credentials, exposed fields, the age, private networks."""
    options = Cors(allow_credentials=True, expose_headers=("X-A", "X-B"), max_age=3600.0, allow_private_network=True)
    got = plain(options)
    assert got[b"Access-Control-Allow-Credentials"] == b"true"
    assert got[b"Access-Control-Expose-Headers"] == b"X-A, X-B"
    got = preflight(options, b"GET", b"", (b"Access-Control-Request-Private-Network", b"true"))
    assert got[b"Access-Control-Max-Age"] == b"3600" and got[b"Access-Control-Allow-Private-Network"] == b"true"
    assert b"Access-Control-Max-Age" not in preflight(Cors())


async def test_every_answer_has_the_fields() -> None:
    """Good ones, failures, unknown paths, health, streamed ones; and preflights reach no backend."""
    async with Backend() as backend:
        config = {
            "version": 3, "host": [backend.url], "timeout": "300ms",
            "extra_config": {"security/cors": {"allow_origins": ["https://a.example"]}},
            "endpoints": [
                {"endpoint": "/a", "backend": [{"url_pattern": "/a"}]},
                {"endpoint": "/n", "output_encoding": "no-op", "backend": [{"url_pattern": "/n"}]},
            ],
        }  # fmt: skip
        origin = ("Origin", "https://a.example")
        async with serving(config) as gateway, Client(gateway.port) as client:
            for path, status in (("/a", 200), ("/n", 200), ("/no", 404), ("/__health", 200)):
                got = await client.get(path, origin)
                assert (got.status, got.header("access-control-allow-origin")) == (status, "https://a.example")
                assert (await client.get(path)).header("access-control-allow-origin") is None
            count = len(backend.seen)
            got = await client.ask("OPTIONS", "/a", b"", origin, ("Access-Control-Request-Method", "GET"))
            assert (got.status, got.header("access-control-allow-methods")) == (204, "GET")
            assert len(backend.seen) == count
            backend.answer = faults.close
            got = await client.get("/a", origin)
            assert (got.status, got.header("access-control-allow-origin")) == (500, "https://a.example")
