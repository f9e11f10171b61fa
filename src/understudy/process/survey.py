"""One question to several children, and their answers, as far as they come in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from understudy.process.loop import Loop
from understudy.process.messages import Question, Reply
from understudy.process.nursery import Child

PATIENCE = 1.0
"""Seconds after which the answers that are there must do."""


class Surveys:
    """Owner of all questions that are on their way to children."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._number = 0
        self._open: dict[int, Callable[[Reply], None]] = {}

    def ask(self, children: Iterable[Child], what: str, body: Any, done: Callable[[list[Any]], None]) -> None:
        """Calls ``done`` once, with what was answered within ``PATIENCE``."""
        asked = list(children)
        self._number += 1
        number, answers = self._number, list[Any]()
        waiting = len(asked)

        def finish() -> None:
            if self._open.pop(number, None) is not None:
                timer.cancel()
                done(answers)

        def take(reply: Reply) -> None:
            nonlocal waiting
            waiting -= 1
            if not reply.error:
                answers.append(reply.body)
            if not waiting:
                finish()

        timer = self._loop.later(PATIENCE, finish)
        self._open[number] = take
        for child in asked:
            child.channel.send(Question(number, what, body))
        if not asked:
            finish()

    def take(self, reply: Reply) -> None:
        """A child's answer; one that comes too late is forgotten."""
        found = self._open.get(reply.id)
        if found is not None:
            found(reply)
