"""TLS towards clients: contexts from the configuration, and the door that tells TLS from clear text.

A client that speaks clear HTTP to the TLS port gets a 400 that says so, as from Go's server, instead of a dead
connection. For that the first byte is looked at, not read, before the handshake begins.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

from understudy.config.model import ServerTls
from understudy.http.client_tls import VERSIONS
from understudy.http.tls_files import using

_ACCEPTS = 64
_CLEAR_TEXT = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
_DEFAULT_CIPHERS = (0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8)
HANDSHAKE_TIMEOUT = 10.0


def server_context(options: ServerTls, *, protocols: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
    """The context for listeners; the client's server name picks among several keys, the first is the default.

    Raises ``OSError`` for files that cannot be used.
    """
    contexts = [_one_key(options, index, protocols) for index in range(len(options.keys))]
    first = contexts[0]
    if len(contexts) > 1:
        by_name: dict[str, ssl.SSLContext] = {}
        for context, pair in reversed(list(zip(contexts, options.keys, strict=True))):
            by_name.update(dict.fromkeys(certificate_names(pair.certificate), context))

        def choose(connection: ssl.SSLObject, name: str | None, default: ssl.SSLContext) -> None:
            wanted = (name or "").lower().rstrip(".")
            found = by_name.get(wanted) or by_name.get("*." + wanted.partition(".")[2])
            if found is not None and found is not default:
                connection.context = found

        first.sni_callback = choose
    return first


def _one_key(options: ServerTls, index: int, protocols: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair = options.keys[index]
    with using("tls.keys", pair.certificate, pair.private_key):
        context.load_cert_chain(pair.certificate, pair.private_key)
    low = VERSIONS.get(options.min_version, ssl.TLSVersion.TLSv1_3)
    context.minimum_version = low
    context.maximum_version = VERSIONS.get(options.max_version, ssl.TLSVersion.TLSv1_3)
    if low < ssl.TLSVersion.TLSv1_3:
        names = cipher_names(options.cipher_suites or _DEFAULT_CIPHERS)
        if names:
            context.set_ciphers(":".join(names))
    context.set_alpn_protocols(list(protocols))
    if options.enable_mtls:
        context.verify_mode = ssl.CERT_REQUIRED
        if not options.disable_system_ca_pool:
            context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
        for path in (*options.ca_certs, *(p.certificate for p in options.keys)):
            with using("tls.ca_certs", path):
                context.load_verify_locations(cafile=path)
    return context


def cipher_names(ids: tuple[int, ...]) -> list[str]:
    """OpenSSL's names of IANA cipher ids; ids that this OpenSSL does not have are left out."""
    probe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    probe.set_ciphers("ALL:@SECLEVEL=0")
    known = {int(c["id"]) & 0xFFFF: str(c["name"]) for c in probe.get_ciphers()}
    return [known[i] for i in ids if i in known]


def certificate_names(path: str) -> list[str]:
    """The DNS names (and wildcard names) that a PEM certificate is for, in lower case."""
    decode: Callable[[str], dict[str, Any]] = ssl._ssl._test_decode_cert  # type: ignore[attr-defined]  # the only
    # reader of certificates in the standard library; the ssl module's own tests depend on it
    certificate = decode(path)
    names = [str(value).lower() for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    if not names:
        names = [str(v).lower() for part in certificate.get("subject", ()) for k, v in part if k == "commonName"]
    return names


class Door:
    """Accepts connections of a TLS listener, waits for the first byte of each, and lets TLS in.

    The event loop's own TLS server cannot look before it reads, hence the accepting by hand.
    """

    def __init__(
        self, listener: socket.socket, context: ssl.SSLContext, protocol: Callable[[], asyncio.BaseProtocol]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._context = context
        self._protocol = protocol
        self._waiting: dict[socket.socket, asyncio.TimerHandle] = {}
        self._shaking: set[asyncio.Task[None]] = set()
        self._closed = False
        listener.setblocking(False)
        self._loop.add_reader(listener.fileno(), self._accept)

    def close(self) -> None:
        """Takes no more connections; the listener itself stays open. Those that came before go on."""
        self._closed = True
        self._loop.remove_reader(self._listener.fileno())

    async def settle(self, grace: float) -> None:
        """Waits until all who came are connections or gone; after ``grace`` seconds the rest is dropped."""
        end = self._loop.time() + grace
        while (self._waiting or self._shaking) and self._loop.time() < end:  # noqa: ASYNC110  # only while ending
            await asyncio.sleep(0.01)
        for sock in list(self._waiting):
            self._drop(sock)
        for task in self._shaking:
            task.cancel()

    def _accept(self) -> None:
        for _ in range(_ACCEPTS):
            try:
                sock, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:
                # Out of descriptors: try again when some are free, instead of spinning.
                self._loop.remove_reader(self._listener.fileno())
                self._loop.call_later(0.1, self._resume)
                return
            sock.setblocking(False)
            if sock.family != socket.AF_UNIX:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._waiting[sock] = self._loop.call_later(HANDSHAKE_TIMEOUT, self._drop, sock)
            self._loop.add_reader(sock.fileno(), self._look, sock)

    def _resume(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._listener.fileno(), self._accept)

    def _forget(self, sock: socket.socket) -> None:
        timer = self._waiting.pop(sock, None)
        if timer is not None:
            timer.cancel()
            self._loop.remove_reader(sock.fileno())

    def _drop(self, sock: socket.socket) -> None:
        self._forget(sock)
        sock.close()

    def _look(self, sock: socket.socket) -> None:
        try:
            first = sock.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            first = b""
        self._forget(sock)
        if first[:1] == b"\x16":
            task = self._loop.create_task(self._shake(sock))
            self._shaking.add(task)
            task.add_done_callback(self._shaking.discard)
            return
        if first:
            self._refuse(sock)
        sock.close()

    def _refuse(self, sock: socket.socket) -> None:
        try:
            sock.recv(65536)
            sock.send(_CLEAR_TEXT)
        except OSError:
            return

    async def _shake(self, sock: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(
                self._protocol, sock, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_TIMEOUT
            )
        except (OSError, ssl.SSLError):
            sock.close()
