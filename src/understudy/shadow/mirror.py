"""The mirror: takes frames from workers, sends copies, reads and counts what comes back.

It runs in a process of its own, at a lower priority. Frames are always read at once: what cannot be sent is dropped
and counted, so a slow shadow never fills the way from the workers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from understudy.config.model import Backend, Endpoint, Service, Shadow
from understudy.gateway.lane import Part
from understudy.gateway.sequential import Want, resolve, wanted_by
from understudy.gateway.types import Ask, Reply
from understudy.http.values import Pairs, canonical
from understudy.shadow import headers, resample
from understudy.shadow.accounting import mirror_histograms, mirror_names
from understudy.shadow.copy import Landed
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
from understudy.shadow.lane import ShadowLane
from understudy.shadow.pairing import Judge, Pairing
from understudy.shadow.pairs import Expected
from understudy.shadow.resample import Resampling
from understudy.shadow.tee import Budget
from understudy.shadow.valve import Valves
from understudy.telemetry.counters import Board, Layout

PARTS = Callable[[Endpoint, Backend], Part]
REMEMBERED = 20_000
"""Exchanges of which the primary's answer is still awaited; the oldest are forgotten over that."""
_WIRES = 256
LAST_TURN = 1.0
"""Seconds in which what waits to be judged is judged at the end."""


def layout(service: Service) -> Layout:
    """The counters of a mirror."""
    return Layout(mirror_names(service), mirror_histograms(service))


class Target:
    """One shadow of an endpoint in the mirror: how a copy for it is made, and the lane that it takes.

    ``place`` is its place among the endpoint's shadows.
    """

    def __init__(
        self, place: int, lane: ShadowLane, part: Part, copied: headers.Copied, wants: Sequence[Want]
    ) -> None:
        self.place = place
        self.judged = False
        """Whether it is a candidate whose answers are compared."""
        self.controls: tuple[int, ...] = ()
        """Places of the second copies of the old version that it is measured against."""
        self.again: Resampling | None = None
        self.share = 0.0
        """Of its exchanges that get a control."""
        self.lane = lane
        self.part = part
        self.copied = copied
        self.wants = tuple(wants)

    @property
    def shadow(self) -> Shadow:
        """Its configuration."""
        return self.lane.shadow

    def why_not_compared(self, number: int) -> str:
        """For the ``number``-th copy of a request; empty when it is compared."""
        if number:
            return "amplified"
        if self.shadow.role == "control":
            return "control"
        if self.lane.of is None:
            return "not_configured"
        return "" if self.judged else "disabled"


class Mirror:
    """All shadows of a service. ``part_of`` builds the stack of one (``gateway.build.shadow_part``).

    ``mirrors`` is how many there are of it: each takes its part of ``max_in_flight`` and ``max_rate``. ``judge`` gets
    the exchanges that are complete; without one nothing is compared. ``again_of`` builds the stack of a primary that is
    to be asked once more (``gateway.build.again_part``).
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
        judge: Judge | None = None,
        again_of: PARTS | None = None,
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
        self._pairing = Pairing(self.budget, judge, self._pairs, report) if judge is not None else None
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
                part, copied = part_of(endpoint, backend), headers.copied(endpoint, backend)
                targets.append(Target(order, lane, part, copied, wants))
            if judge is not None:
                self._cast(endpoint, targets, board, again_of)
            if endpoint.sequential and len(shadows) > 1:
                self._sequential.add(endpoint.index)

    def _cast(self, endpoint: Endpoint, targets: list[Target], board: Board, again_of: PARTS | None) -> None:
        """Who is compared, and what measures the noise."""
        for target in targets:
            shadow, of = target.shadow, target.lane.of
            if shadow.role == "control" or not shadow.compare.enabled or of is None:
                continue
            target.judged = True
            target.controls = tuple(t.place for t in targets if t.shadow.role == "control" and t.lane.of == of)
            if target.controls:
                target.share = 1.0
            elif again_of is not None and of >= 0 and endpoint.method in resample.SAFE and shadow.compare.resample:
                target.share = shadow.compare.resample
                target.again = Resampling(shadow, again_of(endpoint, endpoint.backends[of]), board, self.budget)

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
        again = self._expect(frame, chosen)
        if frame.endpoint in self._sequential and len(chosen) > 1:
            sends = [partial(self._send_in_sequence, frame, chosen)]
        else:
            sends = [partial(self._send_copies, frame, target) for target in chosen]
        sends += [partial(self._ask_again, frame, target) for target in again]
        # At one moment and in random order: what is compared must not differ by who came first.
        for send in reversed(sends) if frame.id & 1 else sends:
            send()

    def _expect(self, frame: AskFrame, chosen: list[Target]) -> list[Target]:
        """Opens the exchange, when anything of it is compared; those whose primary is to be asked again."""
        candidates = [target for target in chosen if target.judged] if self._pairing is not None else []
        if not candidates or self._pairing is None:
            return []
        places = {target.place for target in chosen}
        expected: dict[int, Expected] = {}
        again = []
        for target in candidates:
            of = cast(int, target.lane.of)
            expected[target.place] = Expected(target.place, of)
            expected.update({c: Expected(c, of, control=True) for c in target.controls if c in places})
            if target.again is not None and _again(of) not in expected and resample.chosen(frame.id, target.share):
                expected[_again(of)] = Expected(_again(of), of, control=True)
                again.append(target)
        longest = max(target.shadow.timeout for target in candidates)
        self._pairing.begin(
            frame, tuple(expected.values()), {t.place: t.lane for t in candidates},
            {t.place: t.share for t in candidates},
            time.monotonic() + candidates[0].lane.endpoint.timeout + longest + 1.0,
        )  # fmt: skip
        return again

    def _ask_again(self, frame: AskFrame, target: Target) -> None:
        if target.again is None or self._pairing is None:
            return
        pairs = [*self._pairs(frame.wire), (canonical(target.shadow.mark.encode("latin-1")), b"%016x" % frame.id)]
        ask = Ask(frame.method, frame.path, frame.params, frame.query, pairs, frame.body,
                  time.monotonic() + target.shadow.timeout, time.monotonic(), frame.id)  # fmt: skip
        observed = partial(self._pairing.copy, frame.id, _again(cast(int, target.lane.of)))
        if self.draining:
            observed(None)
        else:
            target.again.send(ask, len(frame.body) + len(frame.wire), observed)

    def _send_copies(self, frame: AskFrame, target: Target) -> None:
        for number in range(target.shadow.copies):
            self._send(frame, target, number, frame.params, None)

    def _send(
        self, frame: AskFrame, target: Target, number: int, params: dict[str, str],
        landed: Landed | None,
    ) -> bool:  # fmt: skip
        """Sends one copy, or counts why not."""
        lane, now = target.lane, time.monotonic()
        timeout = target.shadow.timeout
        ask = Ask(
            frame.method, frame.path, params, frame.query, target.copied(self._pairs(frame.wire), frame.id),
            frame.body, now + timeout, now, frame.id, chunked=frame.chunked,
        )  # fmt: skip
        size = len(frame.body) + len(frame.wire)
        refused: str | None
        if self.draining:
            refused = "draining"
        elif now - frame.at > target.lane.endpoint.timeout + max(timeout, 1.0):
            refused = "late"
        elif target.part.admit is not None and target.part.admit(ask) is not None:
            refused = "rejected"
        else:
            refused = lane.refusal(now, size)
        if refused is not None:
            self._drop(frame, target, refused, first=not number)
            return False
        observed = partial(self._pairing.copy, frame.id, target.place) if self._pairing and not number else None
        lane.send(target.part, ask, size, target.why_not_compared(number), landed, observed)
        return True

    def _drop(self, frame: AskFrame, target: Target, reason: str, copies: int = 1, *, first: bool = True) -> None:
        """Gives copies up; ``first``: with the one that would have been compared."""
        target.lane.drop(reason, frame.id, copies)
        if first and self._pairing is not None:
            self._pairing.copy(frame.id, target.place, None)

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
                        self._drop(frame, rest, "sequence", rest.shadow.copies)
                else:
                    go_on(index + 1)

            if not self._send(frame, target, 0, dict(params), landed):
                for rest in chosen[index + 1 :]:
                    self._drop(frame, rest, "sequence", rest.shadow.copies)
            for number in range(1, target.shadow.copies):
                self._send(frame, target, number, dict(params), None)

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
        if self._pairing is not None:
            self._pairing.primary(frame)
        found = self._open.get(frame.id)
        if found is None:
            return
        endpoint, chosen = found
        for bit, target in enumerate(self._targets[endpoint]):
            if chosen >> bit & 1 and target.lane.of == frame.backend:
                target.lane.observe_primary(frame.seconds)
                chosen &= ~(1 << bit)
        if chosen:
            self._open[frame.id] = (endpoint, chosen)
        else:
            del self._open[frame.id]

    # ------------------------------------------------------------- ends

    def tick(self, now: float) -> None:
        """Once a second, with the monotonic time."""
        if self._pairing is not None:
            self._pairing.tick(now)

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
        for target in (target for targets in self._targets.values() for target in targets):
            if target.again is not None:
                target.again.cancel()
        if self._pairing is not None:
            self._pairing.finish(LAST_TURN)


def _again(of: int) -> int:
    """The place of the primary that is asked once more, among shadows: a negative number for each backend."""
    return -1 - of


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
