"""Hosts, ready to be asked."""

from __future__ import annotations

import asyncio

import pytest

from understudy.errors import BackendError
from understudy.gateway.hosts import host_at, unusable
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.pool import Pools


async def test_a_host_keeps_what_was_written_for_the_host_field() -> None:
    """With its port, without its base path; equal addresses share a pool."""
    loop = asyncio.get_running_loop()
    pools = Pools(Deadlines(loop), Outbox(loop))
    host = host_at("http://a.example:8080/base", pools)
    assert (host.authority, host.base) == (b"a.example:8080", "/base")
    assert host.pool is host_at("http://a.example:8080", pools).pool
    with pytest.raises(ValueError, match="amqp"):
        host_at("amqp://a", pools)


def test_an_unusable_host_fails_every_request() -> None:
    """In KrakenD's words."""
    with pytest.raises(BackendError, match='unsupported protocol scheme "ftp"'):
        unusable("ftp://a")()
