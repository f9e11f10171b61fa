"""One connection to a backend: a request out, a checked answer in.

The answer is checked as strictly as a client's request: version, lengths, encodings, sizes. Whatever is wrong ends the
connection and becomes an error of ``understudy.errors``; no byte of it reaches a client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import httptools
from msgspec import Struct

from understudy.errors import BackendError, BadAnswer, TooSlow
from understudy.http.status import bodiless
from understudy.http.stream import Stream
from understudy.http.values import Pairs, canonical

if TYPE_CHECKING:
    from understudy.http.deadlines import Deadlines

_INTERIM_LIMIT = 16
_HELD_BYTES = 4096
_SPARE_CHUNK_BYTES = 65536


class AnswerLimits(Struct, frozen=True, kw_only=True):
    """What a backend may send. ``body_bytes`` holds for answers that are kept in memory; None is no limit."""

    head_bytes: int = 1 << 20
    fields: int = 1024
    body_bytes: int | None = None


class Answer:
    """What a backend answered: status, all header fields (canonical names), and the body as it came.

    ``length`` is the declared Content-Length. A streamed body is a ``Stream``.
    """

    __slots__ = ("body", "headers", "length", "status", "tunnel", "url")

    def __init__(self, status: int, headers: Pairs, body: bytes | Stream, length: int | None = None) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.length = length
        self.tunnel: Upstream | None = None
        """After a 101: the connection itself, for whoever relays."""
        self.url: tuple[str, str] = ("", "")
        """Where it came from: the host as configured, and the request-target."""

    def header(self, name: bytes) -> bytes | None:
        """The first value of the field with this canonical name."""
        for n, v in self.headers:
            if n == name:
                return v
        return None


class Upstream(asyncio.Protocol):
    """A client connection. Its owner (the pool) calls ``send`` and awaits the future; one request at a time."""

    __slots__ = (
        "_answer", "_body", "_body_bytes", "_deadlines", "_fed", "_fields", "_future", "_head_bytes", "_headers",
        "_headless", "_held", "_interim", "_keep", "_length", "_limits", "_parser", "_paused", "_released", "_stream",
        "_streaming", "_ticket", "_trailers", "_until_close", "_upgrade", "closed", "drained", "heard", "loop",
        "on_free", "on_lost", "transport", "uses",
    )  # fmt: skip

    def __init__(
        self,
        deadlines: Deadlines,
        limits: AnswerLimits,
        on_free: Callable[[Upstream], None],
        on_lost: Callable[[Upstream], None],
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.on_free = on_free
        self.on_lost = on_lost
        self.closed = False
        self.heard = False
        """Whether any byte of the present answer has arrived."""
        self.uses = 0
        self.drained: asyncio.Future[None] | None = None
        """Set while the backend does not take what we send."""
        self._deadlines = deadlines
        self._limits = limits
        self._parser = httptools.HttpResponseParser(self)
        self._future: asyncio.Future[Answer] | None = None
        self._stream: Stream | None = None
        self._ticket = 0
        self._held: bytearray | None = None
        self._paused = False
        self._released = True
        self._clear()

    def _clear(self) -> None:
        self._answer: Answer | None = None
        self._headers: Pairs = []
        self._body: list[bytes] = []
        self._trailers: Pairs = []
        self._fields = self._head_bytes = self._body_bytes = self._fed = self._interim = 0
        self._length: int | None = None
        self._until_close = False
        self._keep = True

    def send(
        self, data: bytes, deadline: float, *, streaming: bool = False, headless: bool = False, upgrade: bool = False
    ) -> asyncio.Future[Answer]:
        """Writes a request (or its head) and returns the future of its answer.

        ``streaming``: the answer may be given before its body is complete. ``headless``: the request is a HEAD.
        ``deadline`` is absolute and holds to the last byte of the answer.
        """
        self._future = future = self.loop.create_future()
        self._streaming = streaming
        self._headless = headless
        self._upgrade = upgrade
        self._released = False
        self.heard = False
        self.uses += 1
        self._ticket = self._deadlines.add(self, deadline)
        self.transport.write(data)
        return future

    def cut(self) -> None:
        """Ends the connection at once; the answer, when one is awaited, is nobody's any more."""
        future = self._future
        self._future = None
        if future is not None and not future.done():
            future.cancel()
        self._close()

    def expire(self) -> None:
        """The deadline has passed."""
        self._fail(TooSlow())

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited or still arriving."""
        return not self._released

    # ------------------------------------------------------------- the transport's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The backend has closed, or we have."""
        if not self.closed:
            self.closed = True
            if self._until_close and exc is None and self._answer is not None:
                self._complete()
            elif not self._released:
                self._fail(_ended(exc, self.heard))
        self._wake_writer(ConnectionResetError("the backend has closed"))
        self.on_lost(self)

    def eof_received(self) -> bool:
        """The backend sends no more."""
        return False

    def pause_writing(self) -> None:
        """The backend does not take what we send."""
        self.drained = self.loop.create_future()

    def resume_writing(self) -> None:
        """The backend has taken enough."""
        self._wake_writer(None)

    def _wake_writer(self, error: Exception | None) -> None:
        waiter, self.drained = self.drained, None
        if waiter is not None and not waiter.done():
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)
                waiter.exception()

    def data_received(self, data: bytes) -> None:
        """Bytes from the backend."""
        if self._released or self.closed:
            self._close()
            return
        if self._answer is None and self.heard and self._held_back(data):
            return
        if self._held is not None:
            data, self._held = bytes(self._held), None
        self.heard = True
        self._fed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._switched(data[upgrade.args[0] :])
            return
        except httptools.HttpParserCallbackError as wrapped:
            cause = wrapped.__context__
            if isinstance(cause, _HeadOnly):
                self._keep = False
                self._complete()
                return
            self._fail(cause if isinstance(cause, BackendError) else BadAnswer("the answer cannot be read"))
            return
        except httptools.HttpParserError as error:
            self._fail(BadAnswer(f"malformed HTTP response: {error}"))
            return
        if self._released:
            return
        if self._answer is None:
            if self._fed > self._limits.head_bytes:
                self._fail(BadAnswer("the answer's header section is too large", "limit"))
        elif self._stream is None and self._streaming:
            self._open_stream(self._answer)
        elif self._fed > _SPARE_CHUNK_BYTES + 16 * self._body_bytes + self._head_bytes * 2:
            self._fail(BadAnswer("too much chunk overhead", "limit"))

    def _held_back(self, data: bytes) -> bool:
        """Collects the pieces of a dripping head, so that a byte a packet costs no more than a line a packet."""
        held = self._held
        if held is None:
            held = self._held = bytearray()
        held += data
        return len(held) < _HELD_BYTES and b"\n" not in data

    # ------------------------------------------------------------- the parser's callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header field, or, after the head, one trailer field."""
        self._fields += 1
        self._head_bytes += len(name) + len(value) + 4
        if self._fields > self._limits.fields or self._head_bytes > self._limits.head_bytes:
            raise BadAnswer("the answer's header section is too large", "limit")
        if value[-1:] in b" \t":
            value = value.rstrip(b" \t")
        if self._answer is None:
            self._headers.append((canonical(name), value))
        else:
            self._trailers.append((canonical(name), value))

    def on_headers_complete(self) -> None:
        """The head is complete: checked, and made an answer whose body may follow."""
        parser = self._parser
        status = parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._interim += 1
            if self._interim > _INTERIM_LIMIT:
                raise BadAnswer("too many interim answers", "limit")
            return
        if status == 101 and not self._upgrade:
            raise BadAnswer("an upgrade that nobody asked for")
        chunked = False
        for name, value in self._headers:
            if name == b"Content-Length":
                if self._length is not None or not value.isdigit():
                    raise BadAnswer("bad Content-Length")
                self._length = int(value)
            elif name == b"Transfer-Encoding":
                if chunked or value.lower() != b"chunked":
                    raise BadAnswer("unsupported Transfer-Encoding")
                chunked = True
        version = parser.get_http_version()
        if version not in ("1.1", "1.0") or (chunked and (version == "1.0" or self._length is not None)):
            raise BadAnswer("malformed HTTP response")
        if status < 100:
            raise BadAnswer("malformed HTTP status code")
        self._keep = parser.should_keep_alive()
        self._until_close = not chunked and self._length is None and not bodiless(status) and not self._headless
        self._answer = Answer(status, self._headers, b"", self._length)
        self._fed = 0
        if self._headless and not bodiless(status) and (self._length or chunked or self._until_close):
            raise _HeadOnly

    def on_body(self, data: bytes) -> None:
        """A piece of the body, without chunk framing."""
        self._body_bytes += len(data)
        if self._stream is not None:
            self._stream.feed(data)
            return
        limit = self._limits.body_bytes
        if limit is not None and self._body_bytes > limit and not self._streaming:
            raise BadAnswer(f"the answer is larger than {limit} bytes", "limit")
        self._body.append(data)

    def on_message_complete(self) -> None:
        """The answer is complete, unless it was an interim one or ends with the connection."""
        if self._answer is None:
            self._headers = []
            self._fields = self._head_bytes = 0
            return
        if not self._until_close and self._answer.status != 101:
            self._complete()

    # ------------------------------------------------------------- handing over

    def _complete(self) -> None:
        answer, future, stream = self._answer, self._future, self._stream
        keep = self._keep and not self.closed
        if stream is not None:
            stream.trailers = self._trailers
            stream.end()
        elif answer is not None:
            body = self._body
            if body:
                answer.body = body[0] if len(body) == 1 else b"".join(body)
        self._release()
        if future is not None and not future.done() and answer is not None and stream is None:
            future.set_result(answer)
        if keep:
            self.on_free(self)
        else:
            self._close()

    def _open_stream(self, answer: Answer) -> None:
        stream = Stream(self._pause, self._resume)
        for part in self._body:
            stream.feed(part)
        self._body = []
        answer.body = self._stream = stream
        future, self._future = self._future, None
        if future is not None and not future.done():
            future.set_result(answer)
        else:
            self._close()

    def _switched(self, early: bytes) -> None:
        answer, future = self._answer, self._future
        if answer is None or answer.status != 101 or future is None or future.done():
            self._fail(BadAnswer("an upgrade that nobody asked for"))
            return
        answer.tunnel = self
        answer.body = early
        self._release()
        self.transport.pause_reading()
        future.set_result(answer)

    def _release(self) -> None:
        """The exchange is over: forget everything about it."""
        self._released = True
        self._deadlines.remove(self, self._ticket)
        self._future = None
        self._stream = None
        if self._paused:
            self._resume()
        self._clear()

    def _fail(self, error: BaseException) -> None:
        future, stream = self._future, self._stream
        if not self._released:
            self._release()
            if stream is not None:
                stream.fail(error)
            elif future is not None and not future.done():
                future.set_exception(error)
        self._close()

    def _close(self) -> None:
        if not self._released:
            self._release()
        if not self.closed:
            self.closed = True
            if self.transport is not None:
                self.transport.abort()

    def _pause(self) -> None:
        if not self._paused and not self.closed:
            self._paused = True
            self.transport.pause_reading()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            if not self.closed:
                self.transport.resume_reading()


def _ended(exc: Exception | None, heard: bool) -> BadAnswer:
    """Why an answer is missing or incomplete, in the words that operators of Go programs know."""
    if isinstance(exc, ConnectionResetError):
        return BadAnswer("read: connection reset by peer", "reset")
    return BadAnswer("unexpected EOF", "cut") if heard else BadAnswer("EOF", "closed")


class _HeadOnly(Exception):
    """The answer to a HEAD ends with its head; the parser would wait for a body."""
