"""What is wrong in a configuration, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

Severity = Literal["error", "warning"]
Key = str | int


class Problem(Struct, frozen=True, kw_only=True):
    """One sentence about one place of the file.

    ``path`` holds object keys and array indexes from the root; ``line`` and ``column`` count from 1 (0: unknown);
    ``message`` says what is wrong and the remedy, in a sentence; ``code`` is a short stable word for tools.
    """

    path: tuple[Key, ...]
    message: str
    severity: Severity = "error"
    code: str = "value"
    line: int = 0
    column: int = 0
    file: str = ""

    @property
    def place(self) -> str:
        """The path as people write it: ``endpoints[0].backend[1].url_pattern``."""
        return dotted(self.path)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.file and self.line else self.file
        head = ": ".join(part for part in (where, self.place) if part)
        return f"{head}: {self.message}" if head else self.message


def dotted(path: Sequence[Key]) -> str:
    """Keys with dots, indexes in brackets; a key that is no plain word is quoted: ``extra_config["a/b"]``."""
    out = ""
    for key in path:
        if isinstance(key, int):
            out += f"[{key}]"
        elif key and all(c.isalnum() or c in "_-$" for c in key):
            out += f".{key}" if out else key
        else:
            out += f'["{key}"]'
    return out
