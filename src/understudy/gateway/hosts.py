"""The hosts of a backend, ready to be asked."""

from __future__ import annotations

from collections.abc import Callable

from understudy.config.model import Backend
from understudy.errors import BackendError
from understudy.http.pool import Pool, Pools, parse_address


def host_at(url: str, pools: Pools) -> Host:
    """One host by its URL; raises ``ValueError`` when the scheme is neither http nor https."""
    address, authority, base = parse_address(url)
    return Host(url, pools.pool(address), authority, base)


def unusable(url: str) -> Callable[[], Host]:
    """Stands for a host with a scheme that we do not speak: every request to it fails, as in KrakenD."""
    scheme = url.partition("://")[0]

    def refuse() -> Host:
        raise BackendError(f'unsupported protocol scheme "{scheme}"')

    return refuse


class Host:
    """One host of a backend: its pool, and the bytes that every request to it begins with."""

    __slots__ = ("authority", "base", "pool", "url")

    def __init__(self, url: str, pool: Pool, authority: str, base: str) -> None:
        self.url = url
        self.pool = pool
        self.authority = authority.encode()
        self.base = base


def hosts_of(backend: Backend, pools: Pools) -> list[Host]:
    """The hosts of a backend with their pools."""
    return [host_at(url, pools) for url in backend.hosts]
