"""What workers and mirrors say to each other: three messages and a greeting, as length-prefixed MessagePack. Pure.

A frame is four bytes of length (little-endian) and an array whose first item tells its kind. Workers and mirrors are
forked from one program, so the format needs no versions between releases; the greeting still carries one, and the
generation of the configuration, because the numbers of endpoints and shadows mean nothing in another one.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from understudy.http.values import Pair

VERSION = 1
LIMIT = 256 * 1024 * 1024
"""Bytes of the largest frame that a decoder accepts."""


class FrameError(Exception):
    """What came is no frame: the connection must be given up."""


class HelloFrame(Struct, array_like=True, frozen=True, gc=False, tag=0):
    """The first frame of a connection."""

    version: int
    generation: int
    """Of the configuration."""
    worker: int
    """The worker's process id, for logs."""


class AskFrame(Struct, array_like=True, frozen=True, gc=False, tag=1):
    """A request to be copied."""

    id: int
    endpoint: int
    """Index in the configuration."""
    chosen: int
    """Bit i is set when the copy is for the i-th shadow of that endpoint."""
    at: float
    """Monotonic time at which the endpoint began to serve the request."""
    method: str
    path: str
    params: dict[str, str]
    query: list[tuple[str, str]]
    wire: bytes
    """The headers that the endpoint forwards, as they stand on the wire."""
    body: bytes
    chunked: bool = False
    """Whether the body came in chunks; the copy goes out the same way."""
    odd: bool = False
    """Text that is not UTF-8 is among path, params and query: they are its bytes read as Latin-1."""


class AnswerFrame(Struct, array_like=True, frozen=True, gc=False, tag=2):
    """What a regular backend answered to a request that was copied."""

    id: int
    backend: int
    """Index among all entries of the endpoint's backends; -1 is the endpoint's own answer to the client."""
    status: int
    headers: Sequence[Pair]
    body: bytes | None
    """None when it is larger than the shadows' ``max_body``."""
    size: int
    seconds: float
    """From dispatch to the last byte."""


class FailureFrame(Struct, array_like=True, frozen=True, gc=False, tag=3):
    """That a regular backend failed, and how."""

    id: int
    backend: int
    kind: str
    """A short word, see ``shadow/failures.py``."""
    text: str
    seconds: float


Frame = HelloFrame | AskFrame | AnswerFrame | FailureFrame

_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)
_LENGTH = struct.Struct("<I")
_HEAD = _LENGTH.size


def encode(frame: Frame) -> bytes:
    """The frame with its length."""
    try:
        data = _ENCODER.encode(frame)
    except UnicodeEncodeError:
        data = _ENCODER.encode(_odd(frame))
    return _LENGTH.pack(len(data)) + data


def _odd(frame: Frame) -> Frame:
    """The same frame for text that is not UTF-8 (it came in as surrogate escapes)."""
    if isinstance(frame, AskFrame):
        return msgspec.structs.replace(
            frame,
            path=_as_latin(frame.path),
            params={_as_latin(k): _as_latin(v) for k, v in frame.params.items()},
            query=[(_as_latin(k), _as_latin(v)) for k, v in frame.query],
            odd=True,
        )
    if isinstance(frame, FailureFrame):
        return msgspec.structs.replace(frame, text=_as_latin(frame.text))
    return frame


def _as_latin(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _from_latin(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


def _restored(frame: AskFrame) -> AskFrame:
    return msgspec.structs.replace(
        frame,
        path=_from_latin(frame.path),
        params={_from_latin(k): _from_latin(v) for k, v in frame.params.items()},
        query=[(_from_latin(k), _from_latin(v)) for k, v in frame.query],
        odd=False,
    )


class FrameDecoder:
    """Frames out of bytes that arrive in pieces of any size."""

    __slots__ = ("_limit", "_need", "_rest")

    def __init__(self, limit: int = LIMIT) -> None:
        self._rest = bytearray()
        self._need = _HEAD
        self._limit = limit

    @property
    def held(self) -> int:
        """Bytes of an incomplete frame that are kept."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Frame]:
        """All frames that are complete now. Raises ``FrameError``; the decoder is of no use afterwards."""
        rest = self._rest
        if rest:
            rest += data
            if len(rest) < self._need:
                return []
            data = bytes(rest)
            rest.clear()
        frames: list[Frame] = []
        at, end = 0, len(data)
        view = memoryview(data)
        self._need = _HEAD
        while end - at >= _HEAD:
            (size,) = _LENGTH.unpack_from(data, at)
            if size > self._limit:
                raise FrameError(f"a frame of {size} bytes is over the limit of {self._limit}")
            if end - at - _HEAD < size:
                self._need = size + _HEAD
                break
            at += _HEAD
            frames.append(_decoded(view[at : at + size]))
            at += size
        if at < end:
            rest += view[at:]
        return frames


def _decoded(data: memoryview) -> Frame:
    try:
        frame = _DECODER.decode(data)
        return _restored(frame) if type(frame) is AskFrame and frame.odd else frame
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise FrameError(f"not a frame: {error}") from error
