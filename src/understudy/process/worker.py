"""A worker: serves users until it is told to drain."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import msgspec

from understudy.config.model import Endpoint, Service
from understudy.gateway.build import Surroundings, build
from understudy.gateway.cel import condition
from understudy.gateway.gateway import Gateway
from understudy.http.deadlines import Deadlines
from understudy.http.http2 import Http2Connection
from understudy.http.outbox import Outbox
from understudy.http.server import Limits, Server
from understudy.http.server_tls import Door, server_context
from understudy.process.boards import CONNECTIONS
from understudy.process.duty import Duty
from understudy.process.household import Household, live, tune_collector
from understudy.process.listeners import BACKLOG
from understudy.shadow import taps as shadow_taps
from understudy.shadow.accounting import FULL
from understudy.shadow.guarding import TICK, Guarding
from understudy.shadow.link import Link
from understudy.shadow.taps import Taps
from understudy.telemetry.access import AccessLog
from understudy.telemetry.logs import Log

LOOKUP_PATIENCE = 5.0
"""Seconds that opening waits for the first look-up of hosts by DNS."""
LINK_PATIENCE = 1.0
"""Seconds in which the mirror may take the last frames of a worker that ends."""


def main(duty: Duty) -> int:
    """The whole life of a worker; its exit code."""
    return live(duty, _work)


def limits_of(service: Service) -> Limits:
    """What a client may ask, from KrakenD's keys and ours. KrakenD's time limits go before ours."""
    process = service.process
    idle = service.idle_timeout or service.read_timeout or service.read_header_timeout or process.idle_timeout
    return Limits(
        head_bytes=service.max_header_bytes,
        target_bytes=process.max_target_bytes,
        fields=process.max_header_fields,
        body_bytes=process.max_body_bytes,
        head_timeout=service.read_header_timeout or process.head_timeout,
        body_timeout=process.body_timeout,
        idle_timeout=idle,
        read_timeout=service.read_timeout,
        write_timeout=service.write_timeout,
        connections=process.max_connections,
    )


async def _work(house: Household) -> None:
    duty, service = house.duty, house.duty.service
    loop = asyncio.get_running_loop()
    outbox = Outbox(loop)
    link, taps = _shadowing(house)
    around = Surroundings(
        service, Deadlines(loop), outbox, duty.board,
        taps=taps.by_endpoint if taps is not None else None, report=_reporter(house.log),
        debug_log=lambda text: house.log.debug(text), debug=duty.debug,
    )  # fmt: skip
    gateway = build(service, around)
    server = _server(house, gateway, outbox)
    context = None if service.tls is None else server_context(service.tls, protocols=("h2", "http/1.1"))
    tune_collector()
    background = [loop.create_task(work) for work in around.background()]
    if background:
        await around.looked_around(LOOKUP_PATIENCE)
    if link is not None:
        link.start()
    doors = [await _opened(listener, server, context) for listener in duty.listeners]
    ticking = loop.create_task(_tick(house, server, taps))
    if taps is not None:
        background.append(loop.create_task(_guard(house, taps)))
    house.lifeline.ready()
    order = await house.lifeline.drain
    await _closed(doors)
    server.draining = True
    await asyncio.gather(*(door.settle(order.grace) for door in doors))
    await server.drain(order.limit, order.grace)
    if link is not None:
        await link.drain(LINK_PATIENCE)
        link.stop()
    ticking.cancel()
    for task in background:
        task.cancel()
    gateway.close()
    duty.board.cells[duty.board.slot(CONNECTIONS)] = 0


def _server(house: Household, gateway: Gateway, outbox: Outbox) -> Server:
    service = house.duty.service
    process, router = service.process, service.router
    access = None
    if process.access_log and not router.disable_access_log:
        access = AccessLog(house.sink, process.log_format, skip=router.logger_skip_paths)
    return Server(
        gateway.dispatch, limits_of(service), access=access, secure=service.tls is not None, http2=Http2Connection,
        h2c=service.use_h2c, outbox=outbox,
    )  # fmt: skip


def _shadowing(house: Household) -> tuple[Link | None, Taps | None]:
    """The way to this worker's mirror, and what takes copies to it; nothing without shadows."""
    duty = house.duty
    if not duty.links:
        return None, None
    mirror = duty.index % len(duty.links)
    address = duty.links[mirror]
    link = Link(address, limit=duty.service.process.link_bytes, generation=duty.generation)
    taps = shadow_taps.build(
        duty.service, duty.board, link, duty.valves[mirror], compile=condition,
        report_bug=lambda error: house.log.error("a copy was given up", error=f"{type(error).__name__}: {error}"),
    )  # fmt: skip

    def change(news: Any) -> None:
        taps.set(news["name"], **{key: news[key] for key in ("percent", "paused") if key in news})

    for name, changes in duty.settings.items():
        change({"name": name, **changes})
    house.lifeline.listen("shadow", change)
    house.lifeline.answer("explain", lambda body: msgspec.to_builtins(taps.explain(str(body))))
    return link, taps


def _reporter(log: Log) -> Callable[[Endpoint, BaseException | str], None]:
    def report(endpoint: Endpoint, error: BaseException | str) -> None:
        log.error(f"[ENDPOINT: {endpoint.path}] {error}")

    return report


class _Accepting:
    """One listener that lets clients in."""

    def __init__(self, listener: socket.socket, close: Callable[[], None], door: Door | None = None) -> None:
        self._listener = listener
        self._close = close
        self._door = door

    def close(self) -> None:
        """Lets nobody in any more. Only this process's hold on the socket ends: the supervisor keeps it open."""
        self._close()
        self._listener.close()

    async def settle(self, grace: float) -> None:
        """Waits for handshakes that have begun, at most ``grace`` seconds."""
        if self._door is not None:
            await self._door.settle(grace)


async def _opened(listener: socket.socket, server: Server, context: Any) -> _Accepting:
    loop = asyncio.get_running_loop()
    if context is not None and listener.family != socket.AF_UNIX:
        door = Door(listener, context, server.protocol)
        return _Accepting(listener, door.close, door)
    create = loop.create_unix_server if listener.family == socket.AF_UNIX else loop.create_server
    # The loop calls listen() again, which would shorten the queue of the shared socket to its own default.
    accepting = await create(server.protocol, sock=listener.dup(), backlog=BACKLOG)
    return _Accepting(listener, accepting.close)


async def _closed(doors: list[_Accepting]) -> None:
    """Takes in who waits at the doors already, then closes them, and lets the last ones become connections."""
    for _ in range(3):
        await asyncio.sleep(0)
    for door in doors:
        door.close()
    for _ in range(3):
        await asyncio.sleep(0)


async def _guard(house: Household, taps: Taps) -> None:
    """Four times a second: whether copying should step back. How late a tick is, is how much the event loop lags."""

    def happened(names: list[str], share: int, text: str) -> None:
        house.lifeline.happened("guard", text, shadow=names[0], shadows=names, share=share / FULL)

    guarding = Guarding(taps.by_endpoint.values(), house.duty.board, happened, time.monotonic())
    while guarding.needed:
        due = time.monotonic() + TICK
        await asyncio.sleep(TICK)
        now = time.monotonic()
        guarding.tick(now, max(0.0, now - due))


async def _tick(house: Household, server: Server, taps: Taps | None) -> None:
    """Once a second: gauges, and what shadows have to do regularly."""
    board = house.duty.board
    cell = board.slot(CONNECTIONS)
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(1.0)
        board.cells[cell] = len(server.connections)
        house.tick()
        if taps is not None:
            taps.tick(loop.time())
