"""A sink that keeps what it gets."""

from __future__ import annotations


class Collected:
    """Lines in order."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def write(self, line: bytes) -> None:
        self.lines.append(line)

    @property
    def text(self) -> str:
        return b"".join(self.lines).decode()
