"""``sd: dns``: the hosts of a backend come from SRV records, looked up in the background and kept when that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from math import gcd
from random import random

from msgspec import Struct

from understudy.errors import NoCapacity
from understudy.gateway.hosts import Host, host_at
from understudy.http.pool import Pools

_SLOTS = 100


class Srv(Struct, frozen=True):
    """One SRV record."""

    target: str
    port: int
    priority: int = 0
    weight: int = 0


Resolve = Callable[[str], Awaitable[Sequence[Srv]]]
"""Looks up a name; raises ``OSError`` when that fails."""


def shares(records: Sequence[Srv]) -> list[tuple[Srv, int]]:
    """The records of the best (lowest) priority, and how many of the draws each gets.

    Weights are scaled to at most 100 slots, as in KrakenD, but a record with a weight never vanishes for being
    small (there, one below a hundredth of the whole does). All weights zero: equal shares.
    """
    if not records:
        return []
    best = min(r.priority for r in records)
    chosen = sorted((r for r in records if r.priority == best), key=lambda r: (r.target, r.port))
    total = sum(r.weight for r in chosen)
    if not total:
        return [(r, 1) for r in chosen]
    weights = [r.weight for r in chosen]
    slots = max(_SLOTS, len(chosen))
    if total > slots:
        weights = [max(1, w * slots // total) if w else 0 for w in weights]
    divisor = gcd(*weights)
    return [(r, w // divisor) for r, w in zip(chosen, weights, strict=True) if w]


class Discovered:
    """The hosts behind one SRV name. ``choose`` is asked per request; ``keep_looking`` runs as a task of the worker."""

    def __init__(self, name: str, scheme: str, pools: Pools, every: float, resolve: Resolve) -> None:
        self.name = name
        self._scheme = scheme
        self._pools = pools
        self._every = max(1.0, every)
        self._resolve = resolve
        self._hosts: tuple[Host, ...] = ()
        self._looked = asyncio.Event()

    def choose(self) -> Host:
        """A host, drawn by weight; raises ``NoCapacity`` as long as none is known."""
        hosts = self._hosts
        if not hosts:
            raise NoCapacity("no hosts available")
        return hosts[int(random() * len(hosts))]

    async def look(self) -> bool:
        """Looks the name up once and tells whether it worked; when not, the last good hosts stay."""
        try:
            records = await self._resolve(self.name)
        except OSError:
            return False
        found: list[Host] = []
        for record, share in shares(records):
            try:
                host = host_at(f"{self._scheme}://{record.target.rstrip('.')}:{record.port}", self._pools)
            except ValueError:
                return False
            found += [host] * share
        if found:
            self._hosts = tuple(found)
        return bool(found)

    async def keep_looking(self) -> None:
        """Looks again and again until cancelled."""
        while True:
            await self.look()
            self._looked.set()
            await asyncio.sleep(self._every)

    async def looked(self) -> None:
        """Waits until the name has been looked up once, whatever came of it."""
        await self._looked.wait()


async def system_resolve(name: str) -> Sequence[Srv]:
    """SRV records from the machine's resolver, looked up in a thread."""
    return await asyncio.get_running_loop().run_in_executor(None, _lookup, name)


def _lookup(name: str) -> Sequence[Srv]:
    # Imported where it is needed: few configurations use DNS discovery, and every start would pay.
    import dns.exception
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name, "SRV")
    except dns.exception.DNSException as error:
        raise OSError(f"SRV lookup of {name} failed: {error}") from error
    return [Srv(str(r.target), r.port, r.priority, r.weight) for r in answer]
