"""How large the frames of HTTP/2 are, told from their headers before their bodies have come. Pure.

h2 looks at a frame's length only once it has all of it, and a frame may declare 16 MiB.
"""

from __future__ import annotations

PREFACE_BYTES = 24
_HEADER_BYTES = 9


class FrameSizes:
    """Follows the bytes of a client from its first on."""

    __slots__ = ("_head", "_left", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = PREFACE_BYTES
        self._head = b""

    def allow(self, data: bytes) -> bool:
        """Takes the next bytes; false once a frame declares more than ``most`` bytes."""
        at, size = 0, len(data)
        while at < size:
            if self._left:
                taken = min(self._left, size - at)
                self._left -= taken
                at += taken
                continue
            part = data[at : at + _HEADER_BYTES - len(self._head)]
            self._head += part
            at += len(part)
            if len(self._head) == _HEADER_BYTES:
                self._left = int.from_bytes(self._head[:3])
                self._head = b""
                if self._left > self._most:
                    return False
        return True
