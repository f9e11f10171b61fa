"""TLS towards backends, through a gateway and against real TLS servers."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.http.openssl import Signed, authority, local, signed
from tests.inprocess import serving
from understudy.config.model import ClientTls, KeyPair
from understudy.http.client_tls import client_context
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client


@asynccontextmanager
async def secure(own: Signed, *, wants: str = "", newest: ssl.TLSVersion | None = None) -> AsyncIterator[int]:
    """A backend over TLS; ``wants`` is the authority that its clients must have a certificate of."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    if wants:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(wants)
    if newest is not None:
        context.maximum_version = newest
    async with Backend(reply({"ok": True})) as backend:
        server = await asyncio.start_server(backend._serve, "127.0.0.1", 0, ssl=context)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()


async def through(port: int, host: str = "127.0.0.1", **tls: Any) -> tuple[int, list[str]]:
    """The status that a client of the gateway gets, and what the gateway reports."""
    config = {
        "version": 3, "client_tls": {"disable_system_ca_pool": True, **tls},
        "endpoints": [{"endpoint": "/a", "backend": [{"host": [f"https://{host}:{port}"], "url_pattern": "/a"}]}],
    }  # fmt: skip
    async with serving(config) as gateway, Client(gateway.port) as client:
        return (await client.get("/a")).status, gateway.reports


CA = {"ca_certs": [authority().certificate]}


async def test_a_known_authority_is_trusted() -> None:
    """By address and by name."""
    async with secure(local()) as port:
        assert await through(port, **CA) == (200, [])
        assert await through(port, "localhost", **CA) == (200, [])


async def test_a_stranger_is_not() -> None:
    """A 500, and the log says why."""
    async with secure(local(by="other")) as port:
        status, reports = await through(port, **CA)
        assert status == 500 and "certificate" in reports[0]


async def test_a_certificate_for_another_name_is_not() -> None:
    """Whoever signed it."""
    async with secure(signed("elsewhere.example", alternatives="DNS:elsewhere.example")) as port:
        status, reports = await through(port, **CA)
        assert status == 500 and "certificate" in reports[0]


async def test_insecure_connections_take_anything() -> None:
    """When that is asked for."""
    async with secure(local(by="other")) as port:
        assert await through(port, allow_insecure_connections=True) == (200, [])


async def test_a_backend_may_want_our_certificate() -> None:
    """It gets the configured one."""
    mine = signed("gateway")
    async with secure(local(), wants=authority().certificate) as port:
        own = [{"certificate": mine.certificate, "private_key": mine.key}]
        assert await through(port, **CA, client_certs=own) == (200, [])
        status, _ = await through(port, **CA)
        assert status == 500


async def test_versions_have_a_lower_end() -> None:
    """A backend that only speaks an older one is not asked."""
    async with secure(local(), newest=ssl.TLSVersion.TLSv1_2) as port:
        assert (await through(port, **CA))[0] == 500
        assert (await through(port, **CA, min_version="TLS12"))[0] == 200


def test_the_context_is_what_the_options_say() -> None:
    """Verification and versions."""
    plain = client_context(ClientTls())
    assert plain.verify_mode == ssl.CERT_REQUIRED and plain.check_hostname
    assert (plain.minimum_version, plain.maximum_version) == (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    loose = client_context(ClientTls(verify=False))
    assert loose.verify_mode == ssl.CERT_NONE and not loose.check_hostname


@pytest.mark.parametrize(
    "options", [ClientTls(ca_certs=("/nonexistent",)), ClientTls(client_certs=(KeyPair("/nonexistent", "/none"),))]
)
def test_files_that_cannot_be_read_are_errors(options: ClientTls) -> None:
    """At the start, not at the first request."""
    with pytest.raises(OSError, match=r"cannot use .*no such file"):
        client_context(options)
