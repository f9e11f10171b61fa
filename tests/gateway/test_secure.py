"""``security/http``: who is refused, who is sent to https, which fields answers get."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inprocess import serving
from understudy.gateway.secure import HttpSecurity
from understudy.http.values import Request
from understudy.testing.backend import Backend
from understudy.testing.client import Client


def asked(
    host: str = "a.example", *headers: tuple[bytes, bytes], method: bytes = b"GET", secure: bool = False
) -> Request:
    """A request."""
    return Request(method, b"/x?y=z", list(headers), b"", host=host.encode(), secure=secure)


@pytest.mark.parametrize(
    ("options", "request_", "status"),
    [
        ({}, asked(), None),
        ({"allowed_hosts": ["A.example"]}, asked("a.EXAMPLE"), None),
        ({"allowed_hosts": ["a.example"]}, asked("a.example:80"), 500),
        ({"allowed_hosts": ["a.example"], "is_development": True}, asked("b"), None),
        ({"allowed_hosts": [r"^.+\.example$"], "allowed_hosts_are_regex": True}, asked("b.example"), None),
        ({"allowed_hosts": [r"^.+\.example$"], "allowed_hosts_are_regex": True}, asked("b.com"), 500),
        ({"allowed_hosts": ["b"], "host_proxy_headers": ["x-forwarded-host"]},
         asked("a", (b"X-Forwarded-Host", b"b")), None),
        ({"allowed_hosts": "a.example"}, asked("b"), None),
        ({"ssl_redirect": True}, asked(), 301),
        ({"ssl_redirect": True}, asked(secure=True), None),
        ({"ssl_redirect": "yes"}, asked(), None),
        ({"ssl_redirect": True, "ssl_proxy_headers": {"x-forwarded-proto": "https"}},
         asked("a", (b"X-Forwarded-Proto", b"https")), None),
        ({"ssl_redirect": True, "ssl_proxy_headers": {"x-forwarded-proto": "https"}},
         asked("a", (b"X-Forwarded-Proto", b"http")), 301),
        ({"ssl_redirect": True, "is_development": True}, asked(), None),
    ],
)  # fmt: skip
def test_who_is_refused(options: dict[str, Any], request_: Request, status: int | None) -> None:
    """Values of the wrong type count as absent."""
    refused = HttpSecurity(options).refusal(request_)
    assert (refused.status if refused is not None else None) == status


def test_the_way_to_https_keeps_path_and_query() -> None:
    """And goes to another host when one is given; only GET and HEAD have a body."""
    found = HttpSecurity({"ssl_redirect": True, "ssl_host": "s.example"}).refusal(asked())
    assert found is not None and dict(found.block.pairs)[b"Location"] == b"https://s.example/x?y=z"
    assert b"https://s.example/x?y=z" in found.body  # type: ignore[operator]  # bytes
    found = HttpSecurity({"ssl_redirect": True}).refusal(asked(method=b"POST"))
    assert found is not None and found.body == b""
    assert dict(found.block.pairs)[b"Location"] == b"https://a.example/x?y=z"


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({}, {}),
        ({"frame_deny": True}, {b"X-Frame-Options": b"DENY"}),
        ({"frame_deny": True, "custom_frame_options_value": "SAMEORIGIN"}, {b"X-Frame-Options": b"SAMEORIGIN"}),
        ({"content_type_nosniff": True}, {b"X-Content-Type-Options": b"nosniff"}),
        ({"browser_xss_filter": True}, {b"X-Xss-Protection": b"1; mode=block"}),
        ({"content_security_policy": "default-src 'self'"}, {b"Content-Security-Policy": b"default-src 'self'"}),
        ({"referrer_policy": "same-origin"}, {b"Referrer-Policy": b"same-origin"}),
        ({"sts_seconds": 60}, {}),
        ({"sts_seconds": 60, "force_sts_header": True}, {b"Strict-Transport-Security": b"max-age=60"}),
        ({"sts_seconds": 60, "sts_include_subdomains": True, "force_sts_header": True},
         {b"Strict-Transport-Security": b"max-age=60; includeSubDomains"}),
        ({"frame_deny": 1, "sts_seconds": "60", "content_security_policy": 5}, {}),
    ],
)  # fmt: skip
def test_fields(options: dict[str, Any], fields: dict[bytes, bytes]) -> None:
    """Only what is set."""
    assert dict(HttpSecurity(options).fields(asked())) == fields


def test_strict_transport_is_for_https() -> None:
    """Of this connection, or of a proxy's before."""
    security = HttpSecurity({"sts_seconds": 60, "ssl_proxy_headers": {"x-proto": "https"}})
    assert security.fields(asked(secure=True)) == security.fields(asked("a", (b"X-Proto", b"https"))) != ()


async def test_a_gateway_refuses_hosts_but_for_health() -> None:
    """And answers carry the fields."""
    async with Backend() as backend:
        config = {
            "version": 3, "host": [backend.url], "endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/a"}]}],
            "extra_config": {"security/http": {"allowed_hosts": ["good.example"], "frame_deny": True}},
        }  # fmt: skip
        async with serving(config) as gateway, Client(gateway.port) as client:
            got = await client.get("/a", ("Host", "good.example"))
            assert (got.status, got.header("x-frame-options")) == (200, "DENY")
            got = await client.get("/a", ("Host", "bad.example"))
            assert (got.status, got.body) == (500, b"Bad Host\n")
            assert (await client.get("/__health", ("Host", "bad.example"))).status == 200
            assert len(backend.seen) == 1
