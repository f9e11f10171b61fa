"""What the supervisor and its children say to each other. Pure: values, and their form on the wire.

A frame is four bytes of length (little-endian) and one MessagePack object.
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec
from msgspec import Struct

LIMIT = 64 * 1024 * 1024
"""Bytes of the largest frame that is believed."""


class FrameTooLarge(Exception):
    """The other side has lost its way: the channel must be given up."""


class Ready(Struct, frozen=True, tag="ready"):
    """Child: I serve."""


class Failed(Struct, frozen=True, tag="failed"):
    """Child: I cannot start, and why, in a sentence."""

    message: str


class Happened(Struct, frozen=True, tag="happened"):
    """Child: something that people should see among the events."""

    kind: str
    text: str
    fields: dict[str, Any] = {}


class Question(Struct, frozen=True, tag="question"):
    """Child: wants an answer. ``what``: counters, children, config, events, reload or shadow."""

    id: int
    what: str
    body: Any = None


class Reply(Struct, frozen=True, tag="reply"):
    """Supervisor: the answer to the question with this id; with ``error`` set, a sentence why there is none."""

    id: int
    body: Any = None
    error: str = ""


class Drain(Struct, frozen=True, tag="drain"):
    """Supervisor: finish what runs and end.

    ``limit``: seconds after which what still runs is cut (None: never); ``grace``: seconds in which connections
    without a request may still send one.
    """

    limit: float | None = None
    grace: float = 0.0


class Told(Struct, frozen=True, tag="told"):
    """Either way: news on a topic for all workers and mirrors of a generation (for example ``shadow`` settings)."""

    topic: str
    body: Any = None


Message = Ready | Failed | Happened | Question | Reply | Drain | Told

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Message)
_LENGTH = struct.Struct("<I")


def frame(message: Message) -> bytes:
    """The bytes of one message. Raises FrameTooLarge instead of sending what nobody would take."""
    body = _encoder.encode(message)
    if len(body) > LIMIT:
        raise FrameTooLarge(f"a message of {len(body)} bytes is over the limit of {LIMIT}")
    return _LENGTH.pack(len(body)) + body


class Frames:
    """Puts messages together again, however the bytes arrive."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete now. Raises FrameTooLarge, or msgspec.DecodeError for what is no message."""
        buffer = self._buffer
        buffer += data
        out: list[Message] = []
        at = 0
        while len(buffer) - at >= 4:
            (size,) = _LENGTH.unpack_from(buffer, at)
            if size > LIMIT:
                raise FrameTooLarge(f"a message of {size} bytes is over the limit of {LIMIT}")
            if len(buffer) - at - 4 < size:
                break
            out.append(_decoder.decode(bytes(buffer[at + 4 : at + 4 + size])))
            at += 4 + size
        del buffer[:at]
        return out
