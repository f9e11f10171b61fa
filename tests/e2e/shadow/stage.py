"""Configurations with shadows, the same ones without, and what must hold for every account."""

from __future__ import annotations

import asyncio
import copy
from types import TracebackType
from typing import Any, Self

from understudy.testing.gateway import RunningGateway, connections_to

MIB = 1024 * 1024


def shadow(host: str, pattern: str, timeout: str | None = None, **options: Any) -> dict[str, Any]:
    """A shadow backend; ``options`` are its ``understudy/shadow``, ``entry`` more of the entry itself."""
    entry = options.pop("entry", {})
    extra: dict[str, Any] = {"proxy": {"shadow": True}}
    if timeout is not None:
        extra["proxy"]["shadow_timeout"] = timeout
    if options:
        extra["understudy/shadow"] = options
    return {"url_pattern": pattern, "host": [host], "extra_config": extra, **entry}


def endpoint(path: str, backends: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """An endpoint whose backends get everything that the client says."""
    return {"endpoint": path, "input_query_strings": ["*"], "input_headers": ["*"], "backend": backends, **more}


def config(endpoints: list[dict[str, Any]], timeout: str = "20s", **service: Any) -> dict[str, Any]:
    """A service without an access log, so that logs stay small."""
    settings = {"access_log": False, **service}
    return {
        "version": 3, "timeout": timeout, "endpoints": endpoints, "extra_config": {"understudy/service": settings},
    }  # fmt: skip


def without_shadows(settings: dict[str, Any]) -> dict[str, Any]:
    """The same service, nobody understudied."""
    plain = copy.deepcopy(settings)
    for entry in plain["endpoints"]:
        entry["backend"] = [b for b in entry["backend"] if not b.get("extra_config", {}).get("proxy", {}).get("shadow")]
    return plain


def assert_sound(account: dict[str, Any]) -> None:
    """The identity of law 2, at rest, counted here again from what the API says."""
    assert account["problems"] == []
    assert (account["in_transit"], account["in_flight"], account["pending"]) == (0, 0, 0)
    skipped, dropped = sum(account["skipped"].values()), sum(account["dropped"].values())
    assert account["eligible"] == account["sent"] + skipped + dropped
    assert account["sent"] == account["answered"] + sum(account["failed"].values())
    assert account["answered"] == account["compared"] + sum(account["not_compared"].values())


async def at_rest(gateway: RunningGateway, *names: str) -> list[dict[str, Any]]:
    """The accounts of these shadows once nothing is under way, found to be sound."""
    rows = await gateway.shadows_at_rest()
    for account in rows.values():
        assert_sound(account)
    return [rows[name] for name in names]


class Watch:
    """Looks, while a ``with`` lasts, at a gateway's memory and at its connections to some ports: the peaks."""

    def __init__(self, gateway: RunningGateway, *ports: int) -> None:
        self.memory = 0
        """Bytes of the process tree."""
        self.connections = 0
        self._gateway = gateway
        self._ports = ports
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._once()
        if self._task is not None:
            self._task.cancel()

    async def _look(self) -> None:
        while True:
            self._once()
            await asyncio.sleep(0.05)

    def _once(self) -> None:
        self.memory = max(self.memory, self._gateway.resident())
        self.connections = max(self.connections, sum(connections_to(port) for port in self._ports))
