"""One question to several children."""

from __future__ import annotations

import socket
from typing import Any

from understudy.config.model import Service
from understudy.process import survey
from understudy.process.boards import board_for
from understudy.process.control import Channel
from understudy.process.loop import Loop
from understudy.process.messages import Frames, Question, Reply, frame
from understudy.process.nursery import Child
from understudy.process.slots import Slot
from understudy.process.survey import Surveys


class Two:
    """Two children whose ends are ours."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.surveys = Surveys(self.loop)
        self.children, self.ends = list[Child](), list[socket.socket]()
        for index in range(2):
            ours, theirs = socket.socketpair()
            child = Child(Slot("worker", index), None, board_for("admin", Service()))
            child.channel = Channel(self.loop, ours, self.take, lambda why: None)
            self.children.append(child)
            self.ends.append(theirs)

    def take(self, message: Any) -> None:
        self.surveys.take(message)

    def asked(self, index: int) -> Question:
        (question,) = Frames().feed(self.ends[index].recv(1000))
        assert isinstance(question, Question)
        return question

    def close(self) -> None:
        for child, end in zip(self.children, self.ends, strict=True):
            child.channel.close()
            end.close()
        self.loop.close()


def test_all_answers_are_gathered_and_refusals_left_out() -> None:
    two, done = Two(), list[list[Any]]()
    two.surveys.ask(two.children, "explain", "x", done.append)
    two.ends[0].send(frame(Reply(two.asked(0).id, "first")))
    two.ends[1].send(frame(Reply(two.asked(1).id, error="no")))
    two.loop.run(lambda: bool(done))
    assert done == [["first"]]
    two.close()


def test_who_is_silent_is_not_waited_for(monkeypatch: Any) -> None:
    monkeypatch.setattr(survey, "PATIENCE", 0.05)
    two, done = Two(), list[list[Any]]()
    two.surveys.ask(two.children, "explain", "x", done.append)
    number = two.asked(0).id
    two.ends[0].send(frame(Reply(number, "first")))
    two.loop.run(lambda: bool(done))
    assert done == [["first"]]
    two.surveys.take(Reply(number, "late"))
    assert done == [["first"]]
    two.close()


def test_with_nobody_to_ask_the_answer_is_empty() -> None:
    two, done = Two(), list[list[Any]]()
    two.surveys.ask([], "explain", "x", done.append)
    assert done == [[]]
    two.close()
