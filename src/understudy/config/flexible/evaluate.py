"""Trees and data to text. Nothing here waits or looks anywhere; what a template can reach comes in as functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from understudy.config.flexible import nodes
from understudy.config.flexible.calling import Function
from understudy.config.flexible.failure import Refusal, TemplateFailure
from understudy.config.flexible.lexer import line_of
from understudy.config.flexible.printing import printed
from understudy.config.flexible.values import MISSING, bounded, truth, type_name

CALLS = 60
"""How deep templates may call each other."""
STEPS = 2_000_000
"""Parts that may be walked through and commands that may be evaluated."""
OUTPUT = 32 * 1024 * 1024
"""Characters that may come out."""


def render(trees: Mapping[str, nodes.Tree], name: str, data: Any, functions: Mapping[str, Function],
           sources: Mapping[str, str]) -> str:
    """What the template ``name`` makes of the data.

    ``sources`` holds the text of each file, for the lines of failures. Raises TemplateFailure, also for a template that
    does not come to an end.
    """
    walk = _Walk(trees, functions, sources)
    try:
        walk.template(name, data)
    except RecursionError:
        raise TemplateFailure("the templates are nested too deeply", name, 1) from None
    return "".join(walk.out)


class _Walk:
    """One rendering: what has come out, and the variables of the template that is walked through."""

    def __init__(self, trees: Mapping[str, nodes.Tree], functions: Mapping[str, Function],
                 sources: Mapping[str, str]) -> None:
        self.out: list[str] = []
        self._trees = trees
        self._functions = functions
        self._sources = sources
        self._size = 0
        self._steps = 0
        self._calls = 0
        self._source = ""
        self._variables: list[tuple[str, Any]] = []

    def template(self, name: str, data: Any) -> None:
        """A whole template, with variables of its own."""
        tree = self._trees[name]
        outside = self._source, self._variables
        self._source, self._variables = tree.source, [("$", data)]
        self._list(tree.parts, data)
        self._source, self._variables = outside

    # Parts: each answers "break" or "continue" when a loop is to be left, else ""

    def _list(self, parts: tuple[nodes.Part, ...], dot: Any) -> str:
        for part in parts:
            leave = self._part(part, dot)
            if leave:
                return leave
        return ""

    def _part(self, part: nodes.Part, dot: Any) -> str:
        self._step(part.at)
        if isinstance(part, nodes.Text):
            self._write(part.text, part.at)
        elif isinstance(part, nodes.Action):
            value = self._pipe(part.pipe, dot)
            if not part.pipe.variables:
                self._write(self._printed(value, part.at), part.at)
        elif isinstance(part, nodes.Branch):
            return self._branch(part, dot)
        elif isinstance(part, nodes.Call):
            self._call(part, dot)
        elif isinstance(part, nodes.Leave):
            return part.kind
        return ""

    def _branch(self, part: nodes.Branch, dot: Any) -> str:
        known = len(self._variables)
        try:
            value = self._pipe(part.pipe, dot)
            if part.kind == "range":
                return self._range(part, value, dot)
            if truth(value):
                return self._list(part.body, value if part.kind == "with" else dot)
            return self._list(part.otherwise, dot)
        finally:
            del self._variables[known:]

    def _range(self, part: nodes.Branch, value: Any, dot: Any) -> str:
        names = part.pipe.variables
        if isinstance(value, int) and not isinstance(value, bool) and len(names) > 1:
            raise self._failure(part.at, f"can't use {value} to iterate over more than one variable")
        if isinstance(value, list):
            value = list(value)
        empty = True
        for index, item in self._items(part, value):
            empty = False
            self._step(part.at)
            known = len(self._variables)
            for name, given in zip(names[-2:], (index, item) if len(names) > 1 else (item,), strict=False):
                if part.pipe.assigns:
                    self._assign(name, given, part.at)
                else:
                    self._variables.append((name, given))
            leave = self._list(part.body, item)
            del self._variables[known:]
            if leave == "break":
                break
        return self._list(part.otherwise, dot) if empty else ""

    def _items(self, part: nodes.Branch, value: Any) -> Iterator[tuple[Any, Any]]:
        if value is None or value is MISSING:
            return iter(())
        if isinstance(value, list):
            return iter(enumerate(value))
        if isinstance(value, dict):
            return iter(sorted(value.items()))
        if isinstance(value, int) and not isinstance(value, bool):
            return ((number, number) for number in range(value))
        raise self._failure(part.at, f"range can't iterate over {printed(value)[:60]}: it takes lists, maps and ints, "
                                     f"not {type_name(value)}")

    def _call(self, part: nodes.Call, dot: Any) -> None:
        data = self._pipe(part.pipe, dot) if part.pipe is not None else MISSING
        if part.name not in self._trees:
            raise self._failure(part.at, f'template "{part.name}" not defined; there are: '
                                         f"{', '.join(sorted(self._trees))}")
        self._calls += 1
        if self._calls > CALLS:
            raise self._failure(part.at, f'template "{part.name}": templates call each other more than {CALLS} levels '
                                         "deep; does it call itself without end?")
        self.template(part.name, data)
        self._calls -= 1

    # Values

    def _pipe(self, pipe: nodes.Pipe, dot: Any) -> Any:
        value: Any = _NOTHING
        for command in pipe.commands:
            value = self._command(command, dot, value)
        for name in pipe.variables:
            if pipe.assigns:
                self._assign(name, value, pipe.at)
            else:
                self._variables.append((name, value))
        return value

    def _assign(self, name: str, value: Any, at: int) -> None:
        for position in range(len(self._variables) - 1, -1, -1):
            if self._variables[position][0] == name:
                self._variables[position] = name, value
                return
        raise self._failure(at, f"undefined variable: {name}")

    def _command(self, command: nodes.Command, dot: Any, final: Any) -> Any:
        self._step(command.at)
        first, rest = command.operands[0], command.operands[1:]
        if isinstance(first, nodes.Function):
            return self._function(first, rest, dot, final)
        if isinstance(first, nodes.Nil):
            raise self._failure(first.at, "nil is not a command")
        if rest or final is not _NOTHING:
            raise self._failure(first.at, "can't give an argument to something that is not a function")
        return self._operand(first, dot)

    def _operand(self, operand: nodes.Operand, dot: Any) -> Any:
        if isinstance(operand, nodes.Constant):
            return operand.value
        if isinstance(operand, nodes.Dot):
            return dot
        if isinstance(operand, nodes.Nil):
            return MISSING
        if isinstance(operand, nodes.Field):
            return self._fields(dot, operand.names, operand.at)
        if isinstance(operand, nodes.Variable):
            return self._fields(self._variable(operand), operand.names, operand.at)
        if isinstance(operand, nodes.Chain):
            return self._fields(self._operand(operand.operand, dot), operand.names, operand.at)
        if isinstance(operand, nodes.Pipe):
            return self._pipe(operand, dot)
        assert isinstance(operand, nodes.Function)
        return self._function(operand, (), dot, _NOTHING)

    def _variable(self, operand: nodes.Variable) -> Any:
        for name, value in reversed(self._variables):
            if name == operand.name:
                return value
        raise self._failure(operand.at, f"undefined variable: {operand.name}")

    def _fields(self, value: Any, names: tuple[str, ...], at: int) -> Any:
        for name in names:
            if value is MISSING:
                return MISSING
            if value is None:
                raise self._failure(at, f"nil pointer evaluating interface {{}}.{name}: its parent is null; ask for it "
                                        "with {{ if }} or {{ with }} first")
            if not isinstance(value, dict):
                raise self._failure(at, f"can't evaluate field {name} in type {type_name(value)}")
            value = value.get(name, MISSING)
        return value

    def _function(self, operand: nodes.Function, rest: tuple[nodes.Operand, ...], dot: Any, final: Any) -> Any:
        if operand.name in ("and", "or"):
            return self._lazily(operand, rest, dot, final)
        given = [self._operand(argument, dot) for argument in rest]
        if final is not _NOTHING:
            given.append(final)
        try:
            return self._functions[operand.name](given)
        except Refusal as refusal:
            raise self._failure(operand.at, f"error calling {operand.name}: {refusal}") from None

    def _lazily(self, operand: nodes.Function, rest: tuple[nodes.Operand, ...], dot: Any, final: Any) -> Any:
        """``and`` and ``or`` evaluate no more than they need."""
        if not rest and final is _NOTHING:
            raise self._failure(operand.at, f"wrong number of args for {operand.name}: want at least 1 got 0")
        value: Any = MISSING
        for argument in rest:
            value = self._operand(argument, dot)
            if truth(value) is (operand.name == "or"):
                return value
        return value if final is _NOTHING else final

    # Limits and failures

    def _printed(self, value: Any, at: int) -> str:
        try:
            return printed(bounded(value))
        except Refusal as refusal:
            raise self._failure(at, str(refusal)) from None

    def _write(self, text: str, at: int) -> None:
        self._size += len(text)
        if self._size > OUTPUT:
            raise self._failure(at, f"more than {OUTPUT >> 20} MiB come out; does a loop or a template not end?")
        self.out.append(text)

    def _step(self, at: int) -> None:
        self._steps += 1
        if self._steps > STEPS:
            raise self._failure(at, f"not finished after {STEPS} steps; does a loop or a template not end?")

    def _failure(self, at: int, message: str) -> TemplateFailure:
        return TemplateFailure(message, self._source, line_of(self._sources.get(self._source, ""), at))


_NOTHING = object()
"""No value has come through the pipe."""
