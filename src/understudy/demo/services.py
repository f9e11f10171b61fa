"""The sample service in two versions. Version 1 has the part; version 2 is the understudy."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import msgspec

from understudy.http.server import Server
from understudy.http.values import HeaderBlock, Request, Response

_NAMES = ("Ada", "Blaise", "Carl", "Dorothy", "Edsger", "Frances", "Grace", "Hedy")
_JSON = HeaderBlock([(b"Content-Type", b"application/json")])
_encode = msgspec.json.encode


class Sample:
    """A running version of the service; ``port`` is where, ``seen`` how many requests it got."""

    def __init__(self, answer: Callable[[str], dict[str, object]], prefix: str) -> None:
        self._answer = answer
        self._prefix = prefix
        self.port = 0
        self.seen = 0
        self._listener: asyncio.Server | None = None

    async def start(self, wanted: int) -> None:
        """Serves on the wanted port, or on a free one when that is taken."""
        server = Server(self._serve)
        sock = listen(wanted)
        self.port = sock.getsockname()[1]
        self._listener = await asyncio.get_running_loop().create_server(server.protocol, sock=sock)

    def close(self) -> None:
        """Takes no more connections."""
        if self._listener is not None:
            self._listener.close()

    def _serve(self, request: Request, respond: Callable[[Response], None]) -> Response:
        self.seen += 1
        path = request.target.decode("latin-1")
        if not path.startswith(self._prefix):
            return Response(404, _JSON, b'{"error":"no such page"}')
        return Response(200, _JSON, _encode(self._answer(path[len(self._prefix) :])))


def listen(wanted: int) -> socket.socket:
    """A listening socket on the wanted port of 127.0.0.1, or on a free one when that is taken."""
    for port in (wanted, 0):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            sock.close()
            continue
        sock.listen(1024)
        return sock
    raise OSError("no free port on 127.0.0.1")


def version_1() -> Sample:
    """The service as users know it."""
    return Sample(lambda id: {"id": id, "name": _name(id), "version": 1}, "/v1/user/")


def version_2() -> Sample:
    """The rewrite: the same, as far as anybody knows."""
    return Sample(lambda id: {"id": id, "name": _name(id), "version": 2}, "/v2/user/")


def _name(id: str) -> str:
    return _NAMES[sum(id.encode()) % len(_NAMES)]
