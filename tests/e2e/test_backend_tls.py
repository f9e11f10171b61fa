"""How backends are reached over TLS: own authorities, own certificates, versions."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.inprocess import serving
from understudy.config.model import ClientTls, KeyPair
from understudy.http.client_tls import client_context
from understudy.testing.backend import reply
from understudy.testing.client import Client, Got

FILES = Path(__file__).parent / "certificates"
"""An authority, and certificates of its for a server (localhost, 127.0.0.1) and a client; valid for a hundred years."""
OURS = {"ca_certs": [str(FILES / "ca.pem")]}
PAIR = {"certificate": str(FILES / "client.pem"), "private_key": str(FILES / "client.key")}


@asynccontextmanager
async def backend(*, newest: ssl.TLSVersion | None = None, asks_for_certificate: bool = False) -> AsyncIterator[int]:
    """A port on which every request is told how it came: version, ALPN, whether a certificate was shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FILES / "server.pem", FILES / "server.key")
    context.set_alpn_protocols(["h2", "http/1.1"])
    if newest is not None:
        context.maximum_version = newest
    if asks_for_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(FILES / "ca.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                tls = writer.get_extra_info("ssl_object")
                writer.write(reply({"version": tls.version(), "alpn": tls.selected_alpn_protocol(),
                                    "shown": bool(tls.getpeercert())}))  # fmt: skip
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def asked(port: int, client_tls: dict[str, Any] | None, host: str = "localhost", **more: Any) -> Got:
    """What a client of the gateway gets from this backend."""
    config = {
        "version": 3, "extra_config": {"router": {"return_error_msg": True}}, **more,
        "endpoints": [{"endpoint": "/x", "backend": [{"host": [f"https://{host}:{port}"], "url_pattern": "/"}]}],
    }  # fmt: skip
    if client_tls is not None:
        config["client_tls"] = client_tls
    async with serving(config) as gateway, Client(gateway.port) as client:
        return await client.get("/x")


async def test_an_unknown_authority_is_refused() -> None:
    """And the text says why."""
    async with backend() as port:
        got = await asked(port, None)
        assert got.status == 500 and got.body.startswith(b"tls: failed to verify certificate")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_an_own_authority_is_believed(host: str) -> None:
    """By name and by address; HTTP/2 is not spoken to backends."""
    async with backend() as port:
        assert (await asked(port, OURS, host)).body == b'{"alpn":null,"shown":false,"version":"TLSv1.3"}'


@pytest.mark.parametrize(("tls", "more"), [
    ({"allow_insecure_connections": True}, {}), (None, {"allow_insecure_connections": True}),
    ({"ca_certs": []}, {"allow_insecure_connections": True}),
])  # fmt: skip
async def test_any_certificate_is_taken_with_leave(tls: dict[str, Any] | None, more: dict[str, Any]) -> None:
    """By the key in the block, and by the old one at the root."""
    async with backend() as port:
        assert (await asked(port, tls, **more)).status == 200


async def test_the_block_alone_wants_tls_1_3() -> None:
    """As in KrakenD: a backend that speaks 1.2 only fails as soon as the block is there without min_version."""
    async with backend(newest=ssl.TLSVersion.TLSv1_2) as port:
        got = await asked(port, OURS)
        assert got.status == 500 and got.body.startswith(b"tls: ")
        assert b"TLSv1.2" in (await asked(port, {**OURS, "min_version": "TLS12"})).body
        assert b"TLSv1.2" in (await asked(port, None, allow_insecure_connections=True)).body


async def test_an_own_certificate_is_shown() -> None:
    """To a backend that asks for one; without it the backend hangs up."""
    async with backend(asks_for_certificate=True) as port:
        assert (await asked(port, OURS)).status == 500
        assert b'"shown":true' in (await asked(port, {**OURS, "client_certs": [PAIR]})).body


@pytest.mark.parametrize(("options", "words"), [
    (ClientTls(ca_certs=("/no/ca.pem",)), r"client_tls\.ca_certs: cannot use /no/ca\.pem: no such file"),
    (ClientTls(client_certs=(KeyPair("/no/c.pem", "/no/c.key"),)), r"client_certs: cannot use /no/c\.pem with /no/c"),
    (ClientTls(ca_certs=(str(FILES / "client.key"),)), r"client\.key: no certificate"),
])  # fmt: skip
def test_a_file_that_cannot_be_used_is_named(options: ClientTls, words: str) -> None:
    """With the key it stands under."""
    with pytest.raises(OSError, match=words):
        client_context(options)
