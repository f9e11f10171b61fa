"""Listening sockets: opened by the supervisor, kept open by it, so that a child can be replaced without a refusal."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Sequence
from pathlib import Path

BACKLOG = 4096
ADMIN_PORT = 8091
"""Where the admin side listens when the configuration names no port and nobody else is there."""

_WHY = {errno.EADDRINUSE: "it is taken", errno.EACCES: "that is not permitted",
        errno.EADDRNOTAVAIL: "this machine has no such address"}


class ListenError(Exception):
    """An address cannot be listened on; the text is a sentence that names it and the remedy."""


def open_doors(address: str, port: int, count: int, beside: Sequence[socket.socket] = ()) -> list[socket.socket]:
    """TCP listeners that share a port, one for each worker; the kernel spreads connections over them.

    ``address`` "" stands for all interfaces, IPv4 and IPv6. ``beside``: listeners of ours that have the port already.
    Raises ListenError, with nothing left open.
    """
    opened: list[socket.socket] = []
    try:
        for _ in range(count):
            opened.append(_door(address, port, exclusive=not beside and not opened))
            port = port or opened[0].getsockname()[1]
    except OSError as error:
        close_all(opened)
        raise ListenError(_sentence("the gateway", address, port, error, 'choose another "port", or use -p')) from None
    return opened


def open_admin_door(address: str, port: int | None) -> socket.socket:
    """The admin side's listener.

    A port that nobody chose gives way to a free one when it is taken; a chosen one does not: ListenError.
    """
    try:
        return _bound(address, ADMIN_PORT if port is None else port, shared=False, exclusive=True)
    except OSError as error:
        if port is None and error.errno == errno.EADDRINUSE:
            return _bound(address, 0, shared=False, exclusive=True)
        remedy = 'choose another "admin_port" or "admin_address" in "understudy/service", or leave the port out'
        raise ListenError(_sentence("the admin side", address, port or ADMIN_PORT, error, remedy)) from None


def open_unix_door(path: str) -> socket.socket:
    """A listener at a path. A socket that nobody serves any more is replaced. Raises ListenError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        sock.bind(path)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        why = _WHY.get(error.errno or 0, (error.strerror or str(error)).lower())
        raise ListenError(f'cannot listen on the UNIX socket {path}: {why}; choose another "listen_unix".') from None
    return sock


def close_all(socks: Sequence[socket.socket]) -> None:
    """Closes them."""
    for sock in socks:
        sock.close()


def _door(address: str, port: int, *, exclusive: bool) -> socket.socket:
    if address:
        return _bound(address, port, shared=True, exclusive=exclusive)
    try:
        return _bound("::", port, shared=True, exclusive=exclusive)
    except OSError as error:
        if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
            raise
        return _bound("0.0.0.0", port, shared=True, exclusive=exclusive)


def _bound(address: str, port: int, *, shared: bool, exclusive: bool) -> socket.socket:
    """A listener. ``exclusive``: only if nobody else listens there, even one who would share.

    The port is bound alone and shared afterwards, so two gateways that start at once cannot both have it.
    """
    host = "127.0.0.1" if address == "localhost" else address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if host == "::" else 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared and not exclusive:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, port))
        if shared and exclusive:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _remove_stale(path: str) -> None:
    """Removes a socket file whose owner is gone. Raises OSError EADDRINUSE when somebody answers there."""
    try:
        if not stat.S_ISSOCK(Path(path).stat().st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            Path(path).unlink(missing_ok=True)
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _sentence(who: str, address: str, port: int, error: OSError, remedy: str) -> str:
    why = _WHY.get(error.errno or 0, (error.strerror or str(error)).lower())
    return f"{who} cannot listen on {shown(address, port)}: {why}; {remedy}."


def shown(address: str, port: int) -> str:
    """An address as people write it: ``127.0.0.1:8080``, ``[::1]:8080``, ``:8080`` for all interfaces."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
