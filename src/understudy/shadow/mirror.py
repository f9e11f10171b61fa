"""The mirror: takes frames from workers, sends copies, reads and counts what comes back.

It runs in a process of its own, at a lower priority. Frames are always read at once: what cannot be sent is dropped
and counted, so a slow shadow never fills the way from the workers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from understudy.config.model import Backend, Endpoint, Service, Shadow
from understudy.gateway.lane import Part
from understudy.gateway.sequential import Want, resolve, wanted_by
from understudy.gateway.types import Ask, Reply
from understudy.http.values import Pairs
from understudy.shadow import headers
from understudy.shadow.accounting import mirror_histograms, mirror_names
from understudy.shadow.explain import Decision, Ring, number_of
from understudy.shadow.frames import (
    VERSION,
    AnswerFrame,
    AskFrame,
    FailureFrame,
    Frame,
    FrameDecoder,
    FrameError,
    HelloFrame,
)
from understudy.shadow.headers import exchange_id
from understudy.shadow.lane import Landed, ShadowLane
from understudy.shadow.tee import Budget
from understudy.shadow.valve import Valves
from understudy.telemetry.counters import Board, Layout

PARTS = Callable[[Endpoint, Backend], Part]
REMEMBERED = 20_000
"""Exchanges of which the primary's answer is still awaited; the oldest are forgotten over that."""
_WIRES = 256


def layout(service: Service) -> Layout:
    """The counters of a mirror."""
    return Layout(mirror_names(service), mirror_histograms(service))


class Target:
    """One shadow of an endpoint in the mirror: how a copy for it is made, and the lane that it takes."""

    def __init__(self, lane: ShadowLane, part: Part, copied: headers.Copied, wants: Sequence[Want]) -> None:
        self.lane = lane
        self.part = part
        self.copied = copied
        self.wants = tuple(wants)

    @property
    def shadow(self) -> Shadow:
        """Its configuration."""
        return self.lane.shadow


class Mirror:
    """All shadows of a service. ``part_of`` builds the stack of one (``gateway.build.shadow_part``).

    ``mirrors`` is how many there are of it: each takes its part of ``max_in_flight`` and ``max_rate``.
    """

    def __init__(
        self,
        service: Service,
        board: Board,
        valves: Valves,
        part_of: PARTS,
        *,
        generation: int = 0,
        mirrors: int = 1,
        report: Callable[[str, str], None] = lambda name, text: None,
        changed: Callable[[str, str, str], None] = lambda name, state, reason: None,
    ) -> None:
        self.budget = Budget(service.process.mirror_memory_bytes)
        self.draining = False
        valves.open_all()
        self._generation = generation
        self._targets: dict[int, list[Target]] = {}
        self._sequential: set[int] = set()
        self._wires: dict[bytes, Pairs] = {}
        self._open: dict[int, tuple[int, int]] = {}
        self._report = report
        self._ring = Ring(by="mirror")
        self.links: set[MirrorLink] = set()
        for endpoint in service.endpoints:
            shadows = endpoint.shadows
            targets = self._targets[endpoint.index] = []
            for order, backend in enumerate(shadows):
                shadow = cast(Shadow, backend.shadow)
                lane = ShadowLane(
                    shadow, endpoint, board, valves, self.budget, report, changed, self._ring, mirrors
                )
                wants = wanted_by(backend.url_pattern, order) if endpoint.sequential else ()
                targets.append(Target(lane, part_of(endpoint, backend), headers.copied(endpoint, backend), wants))
            if endpoint.sequential and len(shadows) > 1:
                self._sequential.add(endpoint.index)

    def lanes(self) -> list[ShadowLane]:
        """Of all shadows."""
        return [target.lane for targets in self._targets.values() for target in targets]

    def set(self, name: str, changes: Mapping[str, Any]) -> None:
        """Changes a shadow from the next copy on; other keys than those of a mirror are not its business."""
        for lane in self.lanes():
            if lane.shadow.name == name:
                if "max_in_flight" in changes:
                    lane.change(max_in_flight=changes["max_in_flight"])
                if "max_rate" in changes:
                    lane.change_rate(changes["max_rate"])

    def explain(self, id: str) -> list[Decision]:
        """What became of the copies of the request with this exchange id, as far as it is remembered."""
        found, number = self._ring.find_all(id), number_of(id)
        for lane in self.lanes() if number is not None else ():
            flying = Decision(exchange_id(number or 0), lane.endpoint.path, lane.shadow.name, "in flight", "mirror")
            found.extend([flying] * lane.flying(number or 0))
        return found

    def link(self) -> MirrorLink:
        """A protocol for one worker's connection: the factory for ``loop.create_unix_server``."""
        return MirrorLink(self)

    # ------------------------------------------------------------- frames

    def heard(self, frame: Frame, link: MirrorLink) -> None:
        """One message of a worker. Raises ``FrameError`` when it cannot be one of this generation's."""
        if type(frame) is AskFrame:
            self._asked(frame, link)
        elif type(frame) is AnswerFrame or type(frame) is FailureFrame:
            self._primary_answered(frame)
        elif type(frame) is HelloFrame and (frame.version, frame.generation) != (VERSION, self._generation):
            raise FrameError(f"a worker of generation {frame.generation} calls a mirror of {self._generation}")

    def _asked(self, frame: AskFrame, link: MirrorLink) -> None:
        targets = self._targets.get(frame.endpoint)
        if targets is None or frame.chosen >> len(targets):
            raise FrameError("a frame about an endpoint or a shadow that does not exist")
        chosen = [target for bit, target in enumerate(targets) if frame.chosen >> bit & 1]
        for target in chosen:
            link.received(target.lane, target.shadow.copies)
        self._remember(frame)
        if frame.endpoint in self._sequential and len(chosen) > 1:
            self._send_in_sequence(frame, chosen)
            return
        for target in chosen:
            self._send_copies(frame, target)

    def _send_copies(self, frame: AskFrame, target: Target) -> None:
        for number in range(target.shadow.copies):
            why = "amplified" if number else "not_configured"
            self._send(frame, target, why, frame.params, None)

    def _send(
        self, frame: AskFrame, target: Target, why: str, params: dict[str, str],
        landed: Landed | None,
    ) -> bool:  # fmt: skip
        """Sends one copy, or counts why not."""
        lane, now = target.lane, time.monotonic()
        if self.draining:
            lane.drop("draining", frame.id)
            return False
        timeout = target.shadow.timeout
        if now - frame.at > target.lane.endpoint.timeout + max(timeout, 1.0):
            lane.drop("late", frame.id)
            return False
        size = len(frame.body) + len(frame.wire)
        refused = lane.refusal(now, size)
        if refused is not None:
            lane.drop(refused, frame.id)
            return False
        ask = Ask(
            frame.method, frame.path, params, frame.query, target.copied(self._pairs(frame.wire), frame.id),
            frame.body, now + timeout, now, frame.id, chunked=frame.chunked,
        )  # fmt: skip
        lane.send(target.part, ask, size, why, landed)
        return True

    def _send_in_sequence(self, frame: AskFrame, chosen: list[Target]) -> None:
        """Shadows of a sequential endpoint are a sequence of their own: later ones use what earlier ones answered.

        When one fails, those behind it are not asked, as in KrakenD; those are dropped as ``sequence``.
        """
        params = dict(frame.params)
        replies: list[Reply] = []

        def go_on(index: int) -> None:
            target = chosen[index]
            for n, path, name in target.wants:
                if n < len(replies) and name not in params:
                    resolve(replies[n], path, name, params)

            def landed(reply: Reply | None, error: BaseException | None) -> None:
                failed = reply is None or reply.data is None or not reply.complete
                if reply is not None:
                    replies.append(reply)
                if index + 1 == len(chosen):
                    return
                if failed:
                    for rest in chosen[index + 1 :]:
                        rest.lane.drop("sequence", frame.id, rest.shadow.copies)
                else:
                    go_on(index + 1)

            if not self._send(frame, target, "not_configured", dict(params), landed):
                for rest in chosen[index + 1 :]:
                    rest.lane.drop("sequence", frame.id, rest.shadow.copies)
            for _ in range(1, target.shadow.copies):
                self._send(frame, target, "amplified", dict(params), None)

        go_on(0)

    def _pairs(self, wire: bytes) -> Pairs:
        """The headers of a frame; the same ones come again and again."""
        known = self._wires.get(wire)
        if known is None:
            if len(self._wires) >= _WIRES:
                self._wires.clear()
            known = self._wires[wire] = headers.parse(wire)
        return known

    # ------------------------------------------------------------- pairs

    def _remember(self, frame: AskFrame) -> None:
        opened = self._open
        opened[frame.id] = (frame.endpoint, opened.get(frame.id, (0, 0))[1] | frame.chosen)
        if len(opened) > REMEMBERED:
            del opened[next(iter(opened))]

    def _primary_answered(self, frame: AnswerFrame | FailureFrame) -> None:
        found = self._open.get(frame.id)
        if found is None:
            return
        endpoint, chosen = found
        for bit, target in enumerate(self._targets[endpoint]):
            if chosen >> bit & 1 and target.shadow.of == frame.backend:
                target.lane.observe_primary(frame.seconds)
                chosen &= ~(1 << bit)
        if chosen:
            self._open[frame.id] = (endpoint, chosen)
        else:
            del self._open[frame.id]

    # ------------------------------------------------------------- ends

    async def drain(self, limit: float | None) -> None:
        """Takes nothing new; waits for what is on its way, then cuts and counts it."""
        self.draining = True
        end = time.monotonic() + limit if limit is not None else None
        longest = max((lane.shadow.timeout for lane in self.lanes()), default=0.0)
        last = time.monotonic() + longest + 0.1
        while any(lane.copies for lane in self.lanes()):
            now = time.monotonic()
            if now > last or (end is not None and now > end):
                break
            await asyncio.sleep(0.005)
        for lane in self.lanes():
            lane.cancel()


class MirrorLink(asyncio.Protocol):
    """One worker's connection."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._decoder = FrameDecoder()
        self._received: dict[ShadowLane, int] = {}
        self._transport: asyncio.Transport | None = None

    def received(self, lane: ShadowLane, copies: int) -> None:
        """Copies for this shadow came over this connection."""
        lane.count_received(copies)
        self._received[lane] = self._received.get(lane, 0) + copies

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A worker has connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._mirror.links.add(self)

    def data_received(self, data: bytes) -> None:
        """Frames, in pieces."""
        try:
            for frame in self._decoder.feed(data):
                self._mirror.heard(frame, self)
        except FrameError as error:
            self._mirror._report("", f"a worker's connection is given up: {error}")
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over and has been read to its end: what did not come is lost."""
        for lane, copies in self._received.items():
            lane.count_settled(copies)
        self._received = {}
        self._mirror.links.discard(self)
