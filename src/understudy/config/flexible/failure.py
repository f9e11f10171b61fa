"""The one error of the template engine."""

from __future__ import annotations


class TemplateFailure(Exception):
    """A template that cannot be read or evaluated. ``name`` and ``line`` say where; lines count from 1."""

    def __init__(self, message: str, name: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.name = name
        self.line = line

    def __str__(self) -> str:
        return f"{self.name}:{self.line}: {self.message}" if self.name else self.message


class Refusal(Exception):
    """A function does not want its arguments; the evaluator adds the place."""
