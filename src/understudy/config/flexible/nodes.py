"""What a template is made of once it is read."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Operand(Struct, frozen=True):
    """Something with a value. ``at`` counts characters of the source."""

    at: int


class Dot(Operand, frozen=True):
    """The dot itself."""


class Nil(Operand, frozen=True):
    """``nil``."""


class Constant(Operand, frozen=True):
    """A text, number or boolean as written."""

    value: Any


class Field(Operand, frozen=True):
    """``.a.b``."""

    names: tuple[str, ...]


class Variable(Operand, frozen=True):
    """``$x.a.b``."""

    name: str
    names: tuple[str, ...] = ()


class Function(Operand, frozen=True):
    """The name of a function."""

    name: str


class Chain(Operand, frozen=True):
    """``(pipeline).a.b``."""

    operand: Operand
    names: tuple[str, ...]


class Command(Struct, frozen=True):
    """One stage of a pipeline: what is called, and its arguments."""

    at: int
    operands: tuple[Operand, ...]


class Pipe(Operand, frozen=True):
    """Commands, each given the value of the one before; and the variables that take the result."""

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False


class Part(Struct, frozen=True):
    """Something that is walked through for its output."""

    at: int


class Text(Part, frozen=True):
    """Copied as it is."""

    text: str


class Action(Part, frozen=True):
    """The value of a pipeline is printed, unless it goes into a variable."""

    pipe: Pipe


class Branch(Part, frozen=True):
    """``if``, ``with`` and ``range``: ``kind`` says which."""

    kind: str
    pipe: Pipe
    body: tuple[Part, ...]
    otherwise: tuple[Part, ...]


class Call(Part, frozen=True):
    """``template "name" pipeline``."""

    name: str
    pipe: Pipe | None


class Leave(Part, frozen=True):
    """``break`` or ``continue``."""

    kind: str


class Tree(Struct, frozen=True):
    """One named template and the source it stands in."""

    name: str
    source: str
    parts: tuple[Part, ...]
