"""A mirror's evidence on its way to the store: who judges, who writes, and what people are told when it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from understudy.config.model import Service
from understudy.evidence.settings import Settings
from understudy.store.comparable import digest
from understudy.store.epochs import Opening
from understudy.store.place import identity, place
from understudy.store.recorder import Recorder
from understudy.store.writer import Writer

QUIET = 60.0
"""Seconds between two complaints about the store, at least."""
LAST_SAVE = 2.0
"""Seconds in which what waits may be written at the end."""
_LEAST = 0.5
_LATE = 1.5
"""Seconds after its limit at which a mirror must have saved: it is killed soon after."""

Say = Callable[[str, str], None]
"""Takes a kind and a sentence, for the events and the log."""

UNSAVED, SAVED = "evidence_unsaved", "evidence_saved"


class Evidence:
    """Owner of a mirror's writer, made and started in the mirror itself: threads do not survive a fork.

    Raises StoreError or ValueError when the configuration's store or rules make no sense.
    """

    def __init__(self, service: Service, config: Path, env: Mapping[str, str], say: Say) -> None:
        settings = Settings()
        opening = Opening(identity=identity(config, service), digest=digest(service),
                          settings=msgspec.to_builtins(settings))  # fmt: skip
        self.writer = Writer(place(service.process.store, config, env), opening)
        self.recorder = Recorder(service, self.writer, settings)
        self._say = say
        self._complained = False
        self._next = 0.0
        self.writer.start()

    def tick(self, now: float) -> None:
        """Once a second, with the monotonic time: hands over, and tells when the store stops or begins to take it."""
        self.recorder.flush()
        state = self.writer.state()
        if state.condition == "waiting" and not self._complained and now >= self._next:
            self._complained, self._next = True, now + QUIET
            self._say(UNSAVED, unsaved(state.sentence))
        elif state.condition == "saving" and self._complained:
            self._complained = False
            self._say(SAVED, "evidence is saved again")

    async def end(self, seconds: float) -> None:
        """Hands over the last counts and waits so long for the store; what it does not take is told."""
        self.recorder.flush()
        state = await asyncio.to_thread(self.writer.stop, seconds)
        if state.lost.outcomes and not self._complained:
            self._say(UNSAVED, unsaved(state.sentence))


def unsaved(why: str) -> str:
    """The sentence that people read."""
    return f"evidence is not being saved: {why}"


def seconds_to_save(limit: float | None, used: float) -> float:
    """How long the last save may take, ``used`` seconds after the order to end within ``limit`` (None: no limit)."""
    return LAST_SAVE if limit is None else max(_LEAST, min(LAST_SAVE, limit + _LATE - used))
