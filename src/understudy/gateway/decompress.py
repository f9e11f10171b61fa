"""Answers that we asked to be compressed are decompressed before anybody sees them, as Go's transport does."""

from __future__ import annotations

import asyncio
import zlib

from understudy.errors import BadAnswer
from understudy.http.stream import Stream, complete
from understudy.http.upstream import Answer

_GZIP_WINDOW = 31
_AT_ONCE = 4096
"""Bytes that are decompressed in one go although the answer may be streamed: no more than four MiB can come of them."""


def inflated(answer: Answer, *, streaming: bool = False) -> Answer:
    """The same answer without ``Content-Encoding: gzip``; other encodings stay as they are.

    Where the body may be a stream (``streaming``), it becomes one unless it is small: a few bytes can become gigabytes.
    """
    encoding = answer.header(b"Content-Encoding")
    if encoding is None or encoding.lower() != b"gzip" or answer.body == b"":
        return answer
    headers = [p for p in answer.headers if p[0] not in (b"Content-Encoding", b"Content-Length")]
    body = answer.body
    if streaming and type(body) is bytes and len(body) > _AT_ONCE:
        body = complete(body)
    inner = _inflating(body) if isinstance(body, Stream) else gunzip(body)
    plain = Answer(answer.status, headers, inner, len(inner) if isinstance(inner, bytes) else None)
    plain.url = answer.url
    return plain


def gunzip(data: bytes, limit: int | None = None) -> bytes:
    """All members of a gzip body; raises ``BadAnswer`` when it is none, is cut short, or exceeds ``limit`` bytes."""
    out: list[bytes] = []
    size = 0
    while data:
        engine = zlib.decompressobj(_GZIP_WINDOW)
        try:
            part = engine.decompress(data, 0 if limit is None else max(1, limit - size + 1))
        except zlib.error as error:
            raise BadAnswer("gzip: invalid header" if not out else "gzip: invalid data", "decode") from error
        size += len(part)
        if limit is not None and size > limit:
            raise BadAnswer(f"the answer is larger than {limit} bytes when decompressed", "limit")
        if not engine.eof:
            raise BadAnswer("unexpected EOF", "decode")
        out.append(part)
        data = engine.unused_data
    return out[0] if len(out) == 1 else b"".join(out)


def _inflating(source: Stream) -> Stream:
    """A stream of what the source holds decompressed; as fast as its reader takes it."""
    flow = asyncio.Event()
    flow.set()
    sink = Stream(flow.clear, flow.set, source.high)
    task = asyncio.get_running_loop().create_task(_pump(source, sink, flow))
    sink.keeper = task

    def stop() -> None:
        task.cancel()
        source.discard()

    sink.unwanted = stop
    return sink


async def _pump(source: Stream, sink: Stream, flow: asyncio.Event) -> None:
    engine = zlib.decompressobj(_GZIP_WINDOW)
    try:
        while (data := await source.next()) is not None:
            while data:
                sink.feed(engine.decompress(data, min(65536, sink.high)))
                data = engine.unconsumed_tail
                if engine.eof:
                    data = engine.unused_data
                    if data:
                        engine = zlib.decompressobj(_GZIP_WINDOW)
                await flow.wait()
        if not engine.eof:
            raise BadAnswer("unexpected EOF", "decode")
        sink.end()
    except asyncio.CancelledError:
        source.discard()
        raise
    except zlib.error as error:
        sink.fail(BadAnswer(f"gzip: {error}", "decode"))
    except Exception as error:
        sink.fail(error)
