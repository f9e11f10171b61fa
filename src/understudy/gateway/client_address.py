"""The client's address by the router's rules: proxies that are trusted may name it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from understudy.config.model import RouterOptions
from understudy.http.values import Request, canonical

_APP_ENGINE = b"X-Appengine-Remote-Addr"


def address_of(options: RouterOptions) -> Callable[[Request], str]:
    """The function that tells a request's client address.

    With the defaults everybody is trusted: the first address of X-Forwarded-For, else X-Real-IP, else the socket's.
    A value that is no address counts as absent.
    """
    names = tuple(canonical(n.encode()) for n in options.remote_ip_headers)
    wanted = frozenset((*names, _APP_ENGINE) if options.app_engine else names)
    networks = tuple(n for text in options.trusted_proxies for n in _networks(text))
    everybody = any(n.prefixlen == 0 and n.version == 4 for n in networks)

    def trusted(text: str) -> bool:
        if everybody:
            return True
        address = ip_address(text)
        return any(address in network for network in networks)

    def named(value: str) -> str | None:
        items = value.split(",")
        for i in range(len(items) - 1, -1, -1):
            item = items[i].strip()
            try:
                ip_address(item)
            except ValueError:
                return None
            if i == 0 or not trusted(item):
                return item
        return None

    def find(request: Request) -> str:
        present = [pair for pair in request.headers if pair[0] in wanted]
        if not present:
            return request.peer
        if options.app_engine:
            for name, value in present:
                if name == _APP_ENGINE:
                    return value.decode("latin-1")
        if not options.forwarded_by_client_ip or not _is_trusted_peer(request.peer, trusted):
            return request.peer
        for wanted_name in names:
            for name, value in present:
                if name == wanted_name:
                    address = named(value.decode("latin-1"))
                    if address is not None:
                        return address
                    break
        return request.peer

    return find


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """One network, or none for a text that is none: it is ignored, and never makes everybody trusted."""
    try:
        return (ip_network(text if "/" in text else text + ("/128" if ":" in text else "/32"), strict=False),)
    except ValueError:
        return ()


def _is_trusted_peer(peer: str, trusted: Callable[[str], bool]) -> bool:
    try:
        return trusted(peer)
    except ValueError:
        return True
