"""The parent of all processes: forks children, replaces those that die, reloads, and ends everything in order.

One thread and no event loop of asyncio, so it may fork at any time. What is to be done is decided in ``slots.py`` and
``generations.py``; here it is done.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from understudy.config.model import Service
from understudy.config.read import runnable
from understudy.errors import ConfigError
from understudy.process.admin_door import AdminDoor, needs_new_child, place_of
from understudy.process.boards import board_for
from understudy.process.descriptors import raise_limit
from understudy.process.duty import Duty, Main
from understudy.process.events import Events
from understudy.process.generations import Generation, Stage, is_gone, is_up, next_to_drain
from understudy.process.ledger import Ledger
from understudy.process.listeners import ListenError, shown
from understudy.process.loop import Loop, Timer
from understudy.process.mains import MAINS
from understudy.process.messages import Drain, Happened, Message, Question, Ready, Reply, Told
from understudy.process.nursery import Child, Nursery, how_it_ended
from understudy.process.office import Office
from understudy.process.overrides import Changes, kept
from understudy.process.premises import Premises
from understudy.process.running import Running
from understudy.process.slots import Kind, Phase, Slot
from understudy.telemetry.logs import Log, settings_of
from understudy.telemetry.sink import Sink

READY_WITHIN = 30.0
"""Seconds in which a new generation must serve, else the old one stays."""
GRACE, RELOAD_GRACE = 0.15, 2.0
"""Seconds in which an idle connection may still send a request: short at the end, patient when others go on serving."""
MIRROR_LIMIT = 5.0
"""Seconds in which copies that are under way may finish."""
LAST_WAIT = 2.0
"""Seconds beyond its limit in which a child must have ended by itself."""

ReloadAsker = Callable[[str], None]
"""Is told how a reload went: "" for well, else why not."""


def run(service: Service, path: Path, *, env: Mapping[str, str], debug: bool, port: int | None) -> int:
    """Runs a gateway until it is told to end; the exit code: 0 fine, 1 when it could not start.

    SIGTERM and SIGINT let everything finish first, a second one does not; SIGHUP reads the file again.
    """
    return Supervisor(path, env=env, debug=debug, port=port).run(service)


class Supervisor:
    """Owner of the children and of the configuration in force."""

    def __init__(
        self, path: Path, *, env: Mapping[str, str], debug: bool = False, port: int | None = None,
        mains: Mapping[Kind, Main] = MAINS,
    ) -> None:  # fmt: skip
        self.path = path
        self.loop = Loop(self._bug)
        self.nursery = Nursery(self.loop, mains, self)
        self.premises = Premises(env)
        self.ledger = Ledger()
        self.events = Events()
        self.log = Log(sink := Sink(1))
        self.current: Generation | None = None
        self.loaded = 0.0
        """When the configuration in force was read, in seconds since 1970."""
        self.overrides: dict[str, Changes] = {}
        self.stopping = False
        self._sink = sink
        self._env = env
        self._debug = debug
        self._port = port
        self._started = time.time()
        self._office = Office(self)
        self._generations: list[Generation] = []
        self._coming: Generation | None = None
        """The generation that is to take over, until it serves or has failed."""
        self._coming_door: AdminDoor | None = None
        self._coming_late: Timer | None = None
        self._number = 0
        self._admin: Slot | None = None
        self._askers: list[ReloadAsker] = []
        self._again = False
        self._code = 0

    # ------------------------------------------------------------- the whole life

    def run(self, service: Service) -> int:
        """Until the end; the exit code."""
        try:
            if self._start(self._adapted(service)):
                self.loop.run(lambda: self.stopping and not self.nursery.children)
        finally:
            self.premises.leave()
            self.loop.close()
            self._sink.close()
        return self._code

    def _start(self, service: Service) -> bool:
        self.log = Log(self._sink, settings_of(service, debug=self._debug))
        raise_limit()
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.on_signal(number, self.stop)
        self.loop.on_signal(signal.SIGHUP, self.reload)
        trouble = self.premises.prepare()
        if trouble:
            self.log.warning(trouble)
        try:
            self._prepare(service)
        except ListenError as error:
            self.log.critical(str(error))
            self._code = 1
            return False
        return True

    def _adapted(self, service: Service) -> Service:
        """With what the command line says."""
        return replace(service, port=self._port) if self._port else service

    def stop(self) -> None:
        """Ends in order: users' requests, then copies, then the admin side. The second time: at once."""
        if self.stopping:
            self.log.warning("told to stop once more: what still runs is cut")
            self._kill(self.nursery.children.values())
            return
        self.stopping = True
        self.log.info("stopping: requests under way may finish")
        limit = self._limit(self.current)
        if limit is not None:
            self.loop.later(limit + MIRROR_LIMIT + LAST_WAIT, lambda: self._kill(self.nursery.children.values()))
        for generation in self._generations:
            generation.stage = Stage.DRAINING
        self._settle_reload("the gateway is stopping")
        self._advance()
        self.premises.close_doors()

    def _limit(self, generation: Generation | None) -> float | None:
        return generation.service.max_shutdown_wait if generation is not None else 0.0

    def _kill(self, children: Iterable[Child]) -> None:
        for child in list(children):
            child.kill()

    # ------------------------------------------------------------- generations

    def _prepare(self, service: Service) -> None:
        """Opens what a new generation needs, and forks it. Raises ListenError with nothing changed."""
        self._number += 1
        generation = self.premises.open(self._number, service)
        place = place_of(service)
        try:
            self._coming_door = self.premises.open_admin(place) if place is not None else None
        except ListenError:
            self.premises.close(generation)
            raise
        self._coming = generation
        self._generations.append(generation)
        late = "it was not ready in time"
        self._coming_late = self.loop.later(READY_WITHIN, lambda: self._given_up(generation, late))
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        for slot in generation.slots:
            self._fork(slot, generation)

    def _fork(self, slot: Slot, generation: Generation) -> None:
        if slot.phase is not Phase.WAITING:
            return
        service = generation.service
        board = board_for(slot.kind, service)
        settings = kept(self.overrides, self.current.service if self.current is not None else service, service)
        if slot.kind == "worker":
            listeners = (generation.doors[slot.index], *((generation.unix,) if generation.unix else ()))
        else:
            listeners = (generation.links[slot.index][1],)

        def duty(control: socket.socket) -> Duty:
            return Duty(
                kind=slot.kind, index=slot.index, name=slot.name, service=service, board=board, control=control,
                listeners=listeners, links=tuple(path for path, _ in generation.links), settings=settings,
                generation=generation.number, valves=generation.valves, config=self.path, debug=self._debug,
            )  # fmt: skip

        try:
            self.nursery.fork(slot, generation, board, duty)
        except OSError as error:
            self.log.error(f"{slot.name} cannot be started: {error.strerror}; trying again")
            slot.exited(self.loop.now())
            self._fork_later(slot, generation)

    def _fork_later(self, slot: Slot, generation: Generation) -> None:
        self.loop.later(slot.due - self.loop.now(), lambda: self._fork(slot, generation))

    def _take_over(self, generation: Generation) -> None:
        """The new generation serves: it is in force, the old one may go."""
        old, self.current = self.current, generation
        generation.stage = Stage.SERVING
        self.loaded = time.time()
        if old is not None:
            self.overrides = kept(self.overrides, old.service, generation.service)
            old.stage = Stage.DRAINING
            self.log = Log(self._sink, settings_of(generation.service, debug=self._debug))
        self._renew_admin(old, generation)
        self._announce(generation, first=old is None)
        self._settle_reload("")
        self._advance()

    def _renew_admin(self, old: Generation | None, new: Generation) -> None:
        door, self._coming_door = self._coming_door, None
        if old is not None and not needs_new_child(old.service.process, new.service.process):
            return
        for child in self.nursery.of(None, "admin"):
            self._drain(child, Drain(1.0, GRACE))
        self._admin = None
        self.premises.use_admin(door)
        if door is not None:
            self._admin = Slot("admin", 0)
            self._fork_admin()

    def _fork_admin(self) -> None:
        slot, door, current = self._admin, self.premises.admin, self.current
        if slot is None or door is None or current is None or slot.phase is not Phase.WAITING or self.stopping:
            return
        board = board_for("admin", current.service)

        def duty(control: socket.socket) -> Duty:
            return Duty(
                kind="admin", index=0, name=slot.name, service=current.service, board=board, control=control,
                listeners=(door.sock,), debug=self._debug,
            )  # fmt: skip

        try:
            self.nursery.fork(slot, None, board, duty)
        except OSError as error:
            self.log.error(f"the admin side cannot be started: {error.strerror}; trying again")
            slot.exited(self.loop.now())
            self.loop.later(slot.due - self.loop.now(), self._fork_admin)

    def _announce(self, generation: Generation, *, first: bool) -> None:
        service, door = generation.service, self.premises.admin
        where = shown(service.listen_ip, service.port)
        admin = door.address if door is not None else None
        workers, mirrors = len(generation.of("worker")), len(generation.of("mirror"))
        if first:
            said = f"serving on {where} with {_count(workers, 'worker')}"
            self.log.info(said + (f" and {_count(mirrors, 'mirror')}" if mirrors else ""))
            self.log.info(f"admin side on http://{admin}" if admin else "no admin side")
        self.premises.announce(Running(
            pid=os.getpid(), config=str(self.path.absolute()), service=where, admin=admin, started=self._started,
        ))  # fmt: skip

    def _given_up(self, generation: Generation, why: str) -> None:
        """The new generation does not come to serve: the old one stays; without an old one this is the end."""
        if self._coming is not generation:
            return
        generation.stage = Stage.DRAINING
        if self._coming_door is not None and self._coming_door is not self.premises.admin:
            self._coming_door.sock.close()
        self._coming_door = None
        self._kill(self.nursery.of(generation, "worker", "mirror"))
        for slot in generation.slots:
            slot.drain(self.loop.now())
        if self.current is None:
            self.log.critical(f"the gateway cannot start: {why}")
            self._code, self.stopping = 1, True
        self._settle_reload(why)
        self._advance()

    def _advance(self) -> None:
        """Whatever can be done next to end generations that are to end, and then everything."""
        for generation in list(self._generations):
            if generation.stage is Stage.DRAINING:
                self._drain_next(generation)
                if is_gone(generation.slots):
                    generation.stage = Stage.GONE
                    self._generations.remove(generation)
                    self.premises.close(generation)
        if self.stopping and not self._generations:
            for child in self.nursery.of(None, "admin"):
                self._drain(child, Drain(0.5, 0.0))

    def _drain_next(self, generation: Generation) -> None:
        while slots := next_to_drain(generation.slots):
            for slot in slots:
                child = self.nursery.child_in(slot)
                if child is None:
                    slot.drain(self.loop.now())
                elif slot.kind == "worker":
                    grace = GRACE if self.stopping else RELOAD_GRACE
                    self._drain(child, Drain(self._limit(generation), grace))
                else:
                    self._drain(child, Drain(MIRROR_LIMIT))

    def _drain(self, child: Child, order: Drain) -> None:
        if child.slot.drain(self.loop.now()):
            child.drain(order)
            if order.limit is not None:
                self.loop.later(order.limit + LAST_WAIT, lambda: self._kill([child]) if child.slot.alive else None)

    # ------------------------------------------------------------- reloading

    def reload(self, asker: ReloadAsker | None = None) -> None:
        """Reads the configuration again; where it cannot run, the old one stays in force."""
        if asker is not None:
            self._askers.append(asker)
        if self.stopping:
            self._settle_reload("the gateway is stopping")
        elif self._coming is not None:
            self._again = True
        else:
            self._reload()

    def _reload(self) -> None:
        self.log.info(f"reading {self.path} again")
        try:
            service = self._adapted(runnable(self.path, self._env))
            for problem in service.problems:
                self.log.warning(str(problem))
            self._prepare(service)
        except ConfigError as error:
            for problem in error.problems:
                (self.log.error if problem.severity == "error" else self.log.warning)(str(problem))
            self._settle_reload(str(next(iter(error.problems), "the configuration cannot run")))
        except ListenError as error:
            self._settle_reload(str(error))
        except Exception as error:
            self._settle_reload(f"{type(error).__name__}: {error}")

    def _settle_reload(self, why: str) -> None:
        """A reload is over, well when ``why`` is empty; whoever waits for it is told."""
        if self._coming_late is not None:
            self._coming_late.cancel()
        first = self._coming is not None and self._coming.number == 1
        self._coming, self._coming_late = None, None
        if not first and not (self.stopping and not self._askers):
            self.ledger.count(f'understudy_reloads_total{{result="{"failed" if why else "ok"}"}}')
            if why:
                self.happened("reload_failed", f"the new configuration is not used, the old one stays: {why}")
            else:
                self.happened("reload", "the new configuration is in force")
        askers, self._askers = self._askers, []
        for asker in askers:
            asker(why)
        if self._again and not self.stopping:
            self._again = False
            self.loop.later(0.0, self.reload)

    # ------------------------------------------------------------- what children do

    def heard(self, child: Child, message: Message) -> None:
        """A child has sent something."""
        if isinstance(message, Ready):
            child.slot.ready(self.loop.now())
            if child.generation is not None and child.generation is self._coming and is_up(child.generation.slots):
                self._take_over(child.generation)
        elif isinstance(message, Happened):
            self.happened(message.kind, message.text, source=child.slot.name, **message.fields)
        elif isinstance(message, Question):
            self._office.asked(child, message)
        elif isinstance(message, Reply):
            self._office.answered(message)
        elif isinstance(message, Told):
            self.tell(message, generation=child.generation, but=child)

    def tell(self, news: Told, *, generation: Generation | None = None, but: Child | None = None) -> None:
        """News for all workers and mirrors: of one generation, or of every one."""
        for other in self.nursery.children.values():
            if other.generation is not None and other is not but and generation in (None, other.generation):
                other.channel.send(news)

    def happened(self, kind: str, text: str, *, source: str = "supervisor", **fields: object) -> None:
        """Puts something among the events and into the log."""
        self.events.note(time.time(), kind, text, source, dict(fields))
        bad = kind in ("crash", "reload_failed", "evidence_unsaved")
        who = "" if source == "supervisor" else f"{source}: "
        (self.log.error if bad else self.log.info)(who + text, **fields)

    def ended(self, child: Child, status: int) -> None:
        """A child is no more."""
        slot = child.slot
        self.ledger.retire(slot.kind, child.board)
        was_starting = slot.phase is Phase.STARTING
        unexpected = slot.exited(self.loop.now())
        if unexpected:
            self._crashed(child, how_it_ended(status), starting=was_starting)
        self._advance()

    def _crashed(self, child: Child, how: str, *, starting: bool) -> None:
        slot, generation = child.slot, child.generation
        why = child.last_words or how
        if starting and generation is not None and generation is self._coming and slot.kind == "worker":
            self._given_up(generation, f"{slot.name}: {why}")
            return
        text = f"{slot.name} {'could not start' if starting else 'ended unexpectedly'} ({why})"
        if self.stopping or (generation is not None and generation.stage is Stage.DRAINING):
            slot.drain(self.loop.now())
            self.happened("crash", text)
            return
        wait = slot.due - self.loop.now()
        self.ledger.count(f'understudy_child_restarts_total{{kind="{slot.kind}"}}')
        self.happened("crash", f"{text}; another one follows in {wait:.1f} s")
        if generation is None:
            self.loop.later(wait, self._fork_admin)
        else:
            self._fork_later(slot, generation)

    def _bug(self, error: BaseException) -> None:
        """Something here is wrong; the gateway goes on."""
        self.log.error("".join(traceback.format_exception(error)))

    def sockets(self) -> Iterable[socket.socket]:
        """What children close unless it is theirs."""
        yield from self.premises.sockets()
        if self._coming_door is not None:
            yield self._coming_door.sock

    def slots(self) -> list[tuple[Slot, Generation | None]]:
        """All places for children."""
        out: list[tuple[Slot, Generation | None]] = [(s, g) for g in self._generations for s in g.slots]
        if self._admin is not None:
            out.append((self._admin, None))
        return out


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
