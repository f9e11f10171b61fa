"""TLS towards clients, with real certificates and real handshakes."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.http.client2 import Client2
from tests.http.openssl import Signed, authority, local, signed, trusting
from tests.http.serving import echo
from understudy.config.model import KeyPair, ServerTls
from understudy.http import server_tls
from understudy.http.http2 import Http2Connection
from understudy.http.server import Server
from understudy.http.server_tls import Door, certificate_names, cipher_names, server_context
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def pair(of: Signed) -> KeyPair:
    """As the configuration has it."""
    return KeyPair(of.certificate, of.key)


@asynccontextmanager
async def door(*keys: Signed, protocols: tuple[str, ...] = ("http/1.1",), **more: Any) -> AsyncIterator[int]:
    """A TLS server on a port."""
    options = ServerTls(keys=tuple(pair(k) for k in keys or (local(),)), **more)
    server = Server(echo, secure=True, http2=Http2Connection)
    listener = socket.create_server(("127.0.0.1", 0))
    opened = Door(listener, server_context(options, protocols=protocols), server.protocol)
    try:
        yield listener.getsockname()[1]
    finally:
        opened.close()
        await opened.settle(0.0)
        listener.close()
        await server.drain(limit=1.0, grace=0.0)


async def asked(port: int, context: ssl.SSLContext, name: str = "localhost") -> tuple[bytes, Any]:
    """The whole answer to a GET, and the TLS facts of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    try:
        writer.write(GET)
        async with asyncio.timeout(10):
            return await reader.read(), writer.get_extra_info("ssl_object")
    finally:
        writer.close()


async def test_requests_are_served_over_tls_1_3() -> None:
    """The default is the newest version and nothing else."""
    async with door() as port:
        answer, tls = await asked(port, trusting())
        assert answer.endswith(b"GET /a ") and tls.version() == "TLSv1.3"
        old = trusting()
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asked(port, old)


async def test_versions_have_both_ends() -> None:
    """1.2 only, when the configuration says so."""
    async with door(min_version="TLS12", max_version="TLS12") as port:
        assert (await asked(port, trusting()))[1].version() == "TLSv1.2"
        new = trusting()
        new.minimum_version = ssl.TLSVersion.TLSv1_3
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asked(port, new)


async def test_only_the_listed_ciphers_are_spoken() -> None:
    """0xC02C is ECDHE-ECDSA-AES256-GCM-SHA384."""
    async with door(min_version="TLS12", max_version="TLS12", cipher_suites=(0xC02C,)) as port:
        assert (await asked(port, trusting()))[1].cipher()[0] == "ECDHE-ECDSA-AES256-GCM-SHA384"
        other = trusting()
        other.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        other.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asked(port, other)


def test_cipher_ids_become_openssls_names() -> None:
    """Unknown ones are left out."""
    names = ["ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"]
    assert cipher_names((0xC02F, 0x0000, 0x002F, 0xFFFE)) == names


async def test_mtls_wants_a_certificate_of_a_known_authority() -> None:
    """None, or one of a stranger, ends the connection without an answer."""
    ca = authority().certificate
    async with door(enable_mtls=True, ca_certs=(ca,), disable_system_ca_pool=True) as port:
        answer, _ = await asked(port, trusting(own=signed("friend")))
        assert answer.startswith(b"HTTP/1.1 200")
        for own in (None, signed("stranger", by="other")):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                assert (await asked(port, trusting(own=own)))[0] == b""
                raise ConnectionResetError("closed without an answer")


async def test_the_clients_name_picks_the_certificate() -> None:
    """Exact names, wildcards, and the first for all the rest."""
    one = signed("one.example", alternatives="DNS:one.example")
    wild = signed("*.two.example", alternatives="DNS:*.two.example")
    async with door(one, wild) as port:
        for name, expected in (("one.example", one), ("a.two.example", wild), ("ONE.example", one)):
            _, tls = await asked(port, trusting(), name)
            assert certificate_names(expected.certificate) == [v for _, v in tls.getpeercert()["subjectAltName"]]
        blind = trusting()
        blind.check_hostname = False
        _, tls = await asked(port, blind, "elsewhere.example")
        assert tls.getpeercert()["subjectAltName"] == (("DNS", "one.example"),)


def test_names_come_from_the_alternatives_and_else_from_the_subject() -> None:
    """In lower case."""
    assert certificate_names(signed("Subject.Example").certificate) == ["subject.example"]
    both = signed("x.example", alternatives="DNS:A.example,DNS:b.example,IP:127.0.0.1")
    assert certificate_names(both.certificate) == ["a.example", "b.example"]


@pytest.mark.parametrize("missing", ["certificate", "key"])
def test_files_that_cannot_be_used_are_errors(missing: str) -> None:
    """Named by what the standard library says."""
    good = local()
    files = KeyPair("/nonexistent" if missing == "certificate" else good.certificate,
                    "/nonexistent" if missing == "key" else good.key)  # fmt: skip
    with pytest.raises(OSError, match=r"cannot use .*no such file"):
        server_context(ServerTls(keys=(files,)))
    with pytest.raises(OSError, match="mismatch"):
        server_context(ServerTls(keys=(KeyPair(good.certificate, signed("friend").key),)))


async def test_clear_text_gets_an_answer_that_says_so() -> None:
    """As from Go's server."""
    async with door() as port, Client(port) as client:
        await client.send(GET)
        got = await client.read()
        assert (got.status, got.body) == (400, b"Client sent an HTTP request to an HTTPS server.\n")
        assert await client.ended()


async def test_who_says_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """And who leaves again costs nothing."""
    monkeypatch.setattr(server_tls, "HANDSHAKE_TIMEOUT", 0.1)
    async with door() as port, Client(port) as silent, Client(port):
        assert await silent.ended()
    async with door() as port, Client(port) as broken:
        await broken.send(b"\x16\x03\x01\x00\x05xxxxx")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            async with asyncio.timeout(5):
                await broken.reader.readexactly(1000)


async def test_a_door_that_closes_lets_in_who_came_before() -> None:
    """Within the grace; who says nothing in that time is dropped, and who comes later is not accepted."""
    server = Server(echo, secure=True)
    listener = socket.create_server(("127.0.0.1", 0))
    opened = Door(listener, server_context(ServerTls(keys=(pair(local()),))), server.protocol)
    port = listener.getsockname()[1]
    early, silent = socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port))
    while len(opened._waiting) < 2:
        await asyncio.sleep(0.005)
    opened.close()
    settling = asyncio.create_task(opened.settle(1.0))
    with socket.create_connection(("127.0.0.1", port)):
        reader, writer = await asyncio.open_connection(sock=early, ssl=trusting(), server_hostname="localhost")
        writer.write(GET)
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()
        await settling
        assert silent.recv(1) == b"" and not opened._waiting
    silent.close()
    listener.close()
    await server.drain(limit=1.0, grace=0.0)


async def test_http2_over_tls_is_agreed_by_alpn() -> None:
    """Only with those who offer it."""
    async with door(protocols=("h2", "http/1.1")) as port:
        async with Client2(port, tls=trusting(protocols=("h2", "http/1.1"))) as client:
            assert client.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
            assert await client.get("/x") == (200, b"GET /x ")
            assert await client.post(b"y" * 300_000) == (200, b"POST /a " + b"y" * 300_000)
        answer, tls = await asked(port, trusting(protocols=("http/1.1",)))
        assert tls.selected_alpn_protocol() == "http/1.1" and answer.startswith(b"HTTP/1.1 200")
        answer, tls = await asked(port, trusting())
        assert tls.selected_alpn_protocol() is None and answer.startswith(b"HTTP/1.1 200")


async def test_a_reload_takes_new_certificates() -> None:
    """SIGHUP after the files were replaced: new connections get the new one, those that stand are served."""
    first, second = local(), local(again=1)
    here = first.certificate.replace("localhost-ca-0", "in-use")
    key = first.key.replace("localhost-ca-0", "in-use")

    def put(made: Signed) -> None:
        for source, target in ((made.certificate, here), (made.key, key)):
            Path(target).write_bytes(Path(source).read_bytes())

    put(first)
    async with Backend(reply({"ok": True})) as backend:
        config = {
            "version": 3, "tls": {"keys": [{"public_key": here, "private_key": key}]},
            "endpoints": [{"endpoint": "/a", "backend": [{"host": [backend.url], "url_pattern": "/a"}]}],
        }  # fmt: skip
        async with RunningGateway(config) as gateway:
            answer, tls = await asked(gateway.port, trusting())
            assert answer.endswith(b'{"ok":true}')
            before = tls.getpeercert()["serialNumber"]
            put(second)
            gateway.reload()
            async with asyncio.timeout(20):
                while (await asked(gateway.port, trusting()))[1].getpeercert()["serialNumber"] == before:
                    await asyncio.sleep(0.05)
            assert (await asked(gateway.port, trusting()))[0].endswith(b'{"ok":true}')
            put(Signed(first.certificate, second.key))
            gateway.reload()
            async with asyncio.timeout(20):
                while "cannot use" not in gateway.log:
                    await asyncio.sleep(0.05)
            assert (await asked(gateway.port, trusting()))[0].endswith(b'{"ok":true}')
            assert await gateway.stop() == 0
