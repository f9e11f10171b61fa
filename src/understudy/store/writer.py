"""The thread of a mirror that writes: takes what is handed over, and keeps trying until the store has it.

Handing over is adding integers in memory, so an event loop may do it. A store that is locked, slow, full, gone or
stopped costs nobody but this thread: it waits and tries again with the same batch, which counts once however often it
is sent; meanwhile everything new is added up in bounded memory.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, IntegrityError

from understudy.errors import StoreError
from understudy.exchange import Answer, Exchange, Observation
from understudy.shadow.headers import exchange_id
from understudy.store import counts, epochs, events, exchanges, paths, retention, writers
from understudy.store.counts import Batch
from understudy.store.epochs import Epoch, Opening
from understudy.store.events import Event
from understudy.store.exchanges import Finding
from understudy.store.pending import Appetite, Limits, Lost, Pending, Waiting
from understudy.store.redaction import Redaction, Redactor
from understudy.store.retention import Retention
from understudy.store.series import Series
from understudy.store.store import Store

_FIRST_WAIT, _LAST_WAIT = 0.25, 15.0
_TRIES = 5
"""How often something is tried that the store refuses for what it says, and not for how the store is."""
_PRUNE_SECONDS = 600.0
_BEAT_SECONDS = 20.0


class Plan(Struct, frozen=True, kw_only=True):
    """How a writer writes."""

    interval: float = 1.0
    """Seconds between two batches: what a killed process loses at most."""
    redaction: Redaction = Redaction()
    retention: Retention = Retention()
    limits: Limits = Limits()
    busy: float = 5.0
    """Seconds to wait for a lock before it counts as a failure."""


Condition = Literal["starting", "saving", "waiting", "ended"]


class State(Struct, frozen=True, kw_only=True):
    """How a writer is doing."""

    condition: Condition
    sentence: str
    """For people."""
    saved: int
    """Outcomes whose counts are in the store."""
    unsaved: int
    """Outcomes whose counts wait in memory: what would be lost if the process were killed now."""
    lost: Lost
    since: float | None
    """When the store was last usable, while it is not."""
    epoch: int | None


class Writer:
    """Owner of the thread, of what waits, and of the connection. All methods but ``stop`` return at once."""

    def __init__(self, url: URL, opening: Opening, plan: Plan | None = None, redactor: Redactor | None = None) -> None:
        plan = plan or Plan()
        self._url, self._opening, self._plan = url, opening, plan
        self._redactor = redactor or Redactor(plan.redaction)
        self.id = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._lost = Lost()
        self._pending = Pending(plan.limits, self._lost)
        self._appetite = Appetite(plan.limits.at_once, plan.limits.pause)
        self._sending: Pending | None = None
        self._saved = 0
        self._trouble, self._since = "", time.time()
        self._epoch: Epoch | None = None
        self._store: Store | None = None
        self._started = time.time()
        self._pruned = self._seen = 0.0
        self._known: dict[Series, dict[str, int]] = {}
        self._thread = threading.Thread(target=self._run, name="understudy-store", daemon=True)

    def start(self) -> None:
        """Starts the thread, which opens the store."""
        self._thread.start()

    def add(self, series: Series, counted: Mapping[str, int], outcomes: int, found: Iterable[str] = ()) -> None:
        """Counts of so many outcomes, and paths that were discovered with them."""
        with self._lock:
            self._pending.add(series, counted, outcomes, found)

    def keep(self, series: Series, exchange: Exchange, findings: Iterable[Finding]) -> bool:
        """An exchange that shows these findings, to be redacted and stored; whether there was need and room for it."""
        wanted = self._appetite.wanted(series, findings, exchange.at)
        if not wanted:
            return False
        with self._lock:
            taken = self._pending.keep(series, exchange, wanted, _size(exchange))
        if taken:
            self._appetite.fed(series, wanted, exchange.at)
        return taken

    def tell(self, event: Event) -> None:
        """Something that happened."""
        with self._lock:
            self._pending.tell(event)

    def ordinals(self, series: Series) -> Mapping[str, int]:
        """The paths of a series that the store knows, with the order of their discovery; empty before it was asked."""
        with self._lock:
            return dict(self._known.get(series, {}))

    def stop(self, timeout: float = 5.0) -> State:
        """Writes what waits, for at most so many seconds, and ends. What could not be written counts as lost."""
        self._ending = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        with self._lock:
            for left in (self._sending, self._pending):
                if left is not None:
                    left.give_up()
            self._sending, self._pending = None, Pending(self._plan.limits, self._lost)
        return self.state()

    def state(self) -> State:
        """How it is doing."""
        with self._lock:
            unsaved = self._pending.outcomes + (self._sending.outcomes if self._sending is not None else 0)
            lost = Lost(*(getattr(self._lost, name) for name in Lost.__struct_fields__))
            trouble, since, epoch = self._trouble, self._since, self._epoch
            saved = self._saved
        ended = self._ending and not self._thread.is_alive()
        usable: Condition = "starting" if epoch is None else "saving"
        condition: Condition = "ended" if ended else "waiting" if trouble else usable
        return State(condition=condition, sentence=_sentence(trouble, since, unsaved, lost), saved=saved,
                     unsaved=unsaved, lost=lost, since=since if trouble else None,
                     epoch=None if epoch is None else epoch.id)  # fmt: skip

    def _run(self) -> None:
        try:
            self._write_until_stopped()
        finally:
            self._close()

    def _write_until_stopped(self) -> None:
        wait, tries = 0.0, 0
        batch = uuid.uuid4().hex
        while True:
            self._wake.wait(0 if self._ending else wait)
            ending = self._ending
            with self._lock:
                if self._sending is None:
                    self._sending, self._pending = self._pending, Pending(self._plan.limits, self._lost)
            try:
                if self._sending or ending or time.time() - self._seen > _BEAT_SECONDS:
                    self._write(batch, self._sending, ending)
            except Exception as error:  # whatever it is, it must end neither the thread nor what waits
                tries += 1
                self._failed(error)
                if _hopeless(error) and tries >= _TRIES:
                    batch, tries = self._give_up(), 0
                wait = min(_LAST_WAIT, _FIRST_WAIT * 2 ** min(tries - 1, 10)) if tries else self._plan.interval
                if ending and not self._patient(wait):
                    return
            else:
                batch, tries, wait = self._written(), 0, self._plan.interval
                if ending and not self._pending:
                    return

    def _write(self, batch: str, sending: Pending, ending: bool) -> None:
        store, epoch = self._opened()
        now = time.time()
        examples = self._packed(sending)
        with store.writing() as connection:
            new = counts.add(connection, Batch(id=batch, epoch=epoch.id, counts=sending.counts), now)
            known = {s: paths.assign(connection, epoch.id, s, found) for s, found in sending.paths.items() if found}
            if new:
                for waiting, content in examples:
                    exchanges.keep(connection, epoch.id, waiting.series, exchange_id(waiting.exchange.id),
                                   waiting.exchange.at, content, waiting.findings)  # fmt: skip
                events.add(connection, epoch.identity, sending.events)
            self._beat(connection, epoch, now, sending.outcomes, ending)
            if now - self._pruned > _PRUNE_SECONDS:
                retention.prune(connection, self._plan.retention, now)
                self._pruned = now
        with self._lock:
            for series, ordinals in known.items():
                self._known.setdefault(series, {}).update(ordinals)
        self._seen = now

    def _packed(self, sending: Pending) -> list[tuple[Waiting, bytes]]:
        """The examples as they are stored, redacted; one that cannot be is given up, and nothing else with it."""
        out = []
        for waiting in tuple(sending.examples):
            try:
                out.append((waiting, exchanges.packed(self._redactor.redacted(waiting.exchange))))
            except Exception:
                sending.examples.remove(waiting)
                self._lost.examples += 1
        return out

    def _beat(self, connection: Connection, epoch: Epoch, now: float, more: int, ending: bool) -> None:
        writers.beat(connection, writers.Seen(
            id=self.id, epoch=epoch.id, started=self._started, seen=now, ended=now if ending else None,
            saved=self._saved + more, lost=self._lost.outcomes))  # fmt: skip

    def _opened(self) -> tuple[Store, Epoch]:
        """The store and the epoch, opened again when the file is another one than before."""
        if self._store is not None and self._store.moved:
            self._close()
            with self._lock:
                # Gone with the file. What this writer still has goes into the new one.
                self._lost.outcomes += self._saved
                self._saved = 0
        if self._store is None:
            self._store = Store.open(self._url, busy=self._plan.busy)
            with self._store.writing() as connection:
                epoch = self._resumed(connection)
                known = paths.ordinals(connection, epoch.id)
            with self._lock:
                self._epoch, self._known = epoch, known
        assert self._epoch is not None
        return self._store, self._epoch

    def _resumed(self, connection: Connection) -> Epoch:
        """The epoch that was ours before the connection was lost, even if it has ended; else the one to open."""
        if self._epoch is not None:
            try:
                there = epochs.get(connection, self._epoch.id)
            except StoreError:
                there = None
            if there is not None and (there.identity, there.started) == (self._epoch.identity, self._epoch.started):
                return there
        return epochs.open_epoch(connection, self._opening, time.time())

    def _written(self) -> str:
        with self._lock:
            if self._sending is not None:
                self._saved += self._sending.outcomes
            self._sending = None
            self._trouble = ""
        return uuid.uuid4().hex

    def _failed(self, error: Exception) -> None:
        self._close()
        with self._lock:
            if not self._trouble:
                self._since = time.time()
            self._trouble = str(error) if isinstance(error, StoreError) else f"The store cannot be used: {error!r}."

    def _give_up(self) -> str:
        with self._lock:
            if self._sending is not None:
                self._sending.give_up()
            self._sending = None
        return uuid.uuid4().hex

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _patient(self, wait: float) -> bool:
        """Waits while ending; whether to try once more."""
        time.sleep(min(wait, 0.5))
        with self._lock:
            return self._sending is not None


def _hopeless(error: Exception) -> bool:
    """Whether the store refuses what was written, and will refuse it again."""
    cause = error.__cause__ if isinstance(error, StoreError) else error
    return not isinstance(error, StoreError) or isinstance(cause, (DataError, IntegrityError))


def _size(exchange: Exchange) -> int:
    sides = (exchange.primary, exchange.candidate, exchange.control)
    return 1000 + len(exchange.ask.body) + sum(map(_side_size, sides))


def _side_size(side: Observation | None) -> int:
    return len(side.body or b"") if isinstance(side, Answer) else 0


def _sentence(trouble: str, since: float, unsaved: int, lost: Lost) -> str:
    said = trouble
    if trouble:
        seconds = max(0, round(time.time() - since))
        said = f"{trouble} For {seconds} s evidence waits in memory ({unsaved:,} outcomes)."
    if lost:
        parts = [f"{n:,} {name}" for name in Lost.__struct_fields__ if (n := getattr(lost, name))]
        said = f"{said} Lost: {', '.join(parts)}.".strip()
    return said or "All evidence is saved."
