"""One connection to a backend: a request out, a checked answer in.

The answer is checked as strictly as a client's request: version, lengths, encodings, sizes. Whatever is wrong ends the
connection and becomes an error of ``understudy.errors``; no byte of it reaches a client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import httptools
from msgspec import Struct

from understudy.errors import BadAnswer, TooSlow
from understudy.http.broken import cause, ended
from understudy.http.status import bodiless
from understudy.http.stream import HIGH_WATER, Stream, complete
from understudy.http.values import Pair, Pairs, canonical, trailing

if TYPE_CHECKING:
    from understudy.http.deadlines import Deadlines
    from understudy.http.outbox import Outbox

_INTERIM_LIMIT = 16
_HELD_BYTES = 4096
_KNOWN_HEAD = 4096
_SPARE_CHUNK_BYTES = 65536


class AnswerLimits(Struct, frozen=True, kw_only=True):
    """What a backend may send. ``body_bytes`` holds for answers that are kept in memory; None is no limit.

    ``waiting_bytes`` of a streamed answer may wait for its reader before the backend has to.
    """

    head_bytes: int = 1 << 20
    fields: int = 1024
    body_bytes: int | None = None
    waiting_bytes: int = HIGH_WATER


class Answer(Struct, weakref=False):
    """What a backend answered: status, all header fields (canonical names), and the body as it came."""

    status: int
    headers: Sequence[Pair]
    body: bytes | Stream
    """Complete bytes, or a stream when the body did not come with the head and streaming was asked for."""
    length: int | None = None
    """The declared Content-Length."""
    tunnel: Upstream | None = None
    """After a 101: the connection itself, for whoever relays."""
    url: tuple[str, str] = ("", "")
    """Where it came from: the host as configured, and the request-target."""
    derived: dict[object, Any] | None = None
    """For a header section that this connection has received before: what others made of it, to be used again."""

    def header(self, name: bytes) -> bytes | None:
        """The first value of the field with this canonical name."""
        for n, v in self.headers:
            if n == name:
                return v
        return None


class Receiver(Protocol):
    """Who gets the answer. Exactly one of the two is called, exactly once, unless the connection is cut before."""

    def answered(self, answer: Answer) -> None:
        """The answer is there: complete, or, when streaming was asked for, with its body still arriving."""

    def failed(self, error: BaseException) -> None:
        """There will be no answer."""


class Waiting:
    """A receiver for coroutines: its ``future`` gets the answer."""

    __slots__ = ("future",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[Answer] = loop.create_future()

    def answered(self, answer: Answer) -> None:
        """The future's result."""
        if self.future.done():
            if isinstance(answer.body, Stream):
                answer.body.discard()
        else:
            self.future.set_result(answer)

    def failed(self, error: BaseException) -> None:
        """The future's exception."""
        if not self.future.done():
            self.future.set_exception(error)


class Upstream(asyncio.Protocol):
    """A client connection. Its owner (the pool) calls ``send`` and awaits the future; one request at a time."""

    __slots__ = (
        "_answer", "_body", "_body_bytes", "_deadline", "_deadlines", "_done", "_fed", "_fields", "_head_bytes",
        "_head_timeout", "_headers", "_headless", "_held", "_interim", "_keep", "_known", "_known_head", "_length",
        "_limits", "_outbox", "_parser", "_paused", "_receiver", "_released", "_stream", "_streaming", "_ticket",
        "_trailers", "_until_close", "_upgrade", "closed", "drained", "heard", "loop", "on_free", "on_lost",
        "transport", "uses",
    )  # fmt: skip

    def __init__(
        self,
        deadlines: Deadlines,
        outbox: Outbox,
        limits: AnswerLimits,
        on_free: Callable[[Upstream], None],
        on_lost: Callable[[Upstream], None],
        head_timeout: float | None = None,
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
        self._outbox = outbox
        self._limits = limits
        self._head_timeout = head_timeout
        self._deadline = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._receiver: Receiver | None = None
        self._known_head = b""
        self._known: Answer | None = None
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
        self._done = False

    def send(
        self,
        receiver: Receiver,
        data: bytes,
        deadline: float,
        *,
        streaming: bool = False,
        headless: bool = False,
        upgrade: bytes = b"",
    ) -> None:
        """Writes a request (or its head); the receiver will get the answer.

        ``streaming``: the answer may be given before its body is complete. ``headless``: the request is a HEAD.
        ``upgrade``: the protocol that it asks to switch to.
        ``deadline`` is absolute and holds to the last byte of the answer.
        """
        self._receiver = receiver
        self._streaming = streaming
        self._headless = headless
        self._upgrade = upgrade
        self._released = False
        self.heard = False
        self.uses += 1
        if self._head_timeout is not None:
            self._deadline = deadline
            deadline = min(deadline, self.loop.time() + self._head_timeout)
        self._ticket = self._deadlines.add(self, deadline)
        self._outbox.write(self.transport, data)

    def cut(self) -> None:
        """Ends the connection at once; the answer, when one is awaited, is nobody's any more."""
        self._receiver = None
        self._close()

    def expire(self) -> None:
        """The deadline has passed."""
        if self._head_timeout is not None and self._answer is None and self.loop.time() < self._deadline:
            self._fail(TooSlow("timeout awaiting response headers"))
        else:
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
                self._fail(ended(exc, self.heard))
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
        if not self.heard and self._repeats(data):
            return
        if self._answer is None and self.heard and self._held_back(data):
            return
        if self._held is not None:
            data, self._held = bytes(self._held), None
        whole = not self.heard
        self.heard = True
        self._fed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._switched(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            if not self._done:
                self._fail(cause(error))
                return
            # The answer is complete; what follows it belongs to nobody, so the connection is not used again.
            self._keep = False
        answer = self._answer
        if self._done:
            if whole and answer is not None and self._keep and not self._interim:
                self._remember(data, answer)
            self._complete()
        elif answer is None:
            if self._fed > self._limits.head_bytes:
                self._fail(BadAnswer("the answer's header section is too large", "limit"))
        elif self._stream is None and self._streaming:
            self._open_stream(answer)
        elif self._fed > _SPARE_CHUNK_BYTES + 16 * self._body_bytes + self._head_bytes * 2:
            self._fail(BadAnswer("too much chunk overhead", "limit"))

    def _repeats(self, data: bytes) -> bool:
        """Takes a short cut when head and length are, byte for byte, those of this connection's answer before."""
        known = self._known
        if known is None or self._headless:
            return False
        end = len(self._known_head)
        if len(data) - end != known.length or not data.startswith(self._known_head):
            return False
        receiver = self._receiver
        self._released = True
        self._receiver = None
        self._deadlines.remove(self, self._ticket)
        self.heard = True
        answer = Answer(known.status, known.headers, data[end:], known.length, None, known.url, known.derived)
        self.on_free(self)
        if receiver is not None:
            receiver.answered(answer)
        return True

    def _remember(self, data: bytes, answer: Answer) -> None:
        """Keeps the head of an answer that came in one piece: the next one may begin with the same bytes."""
        end = len(data) - self._body_bytes
        if answer.length == self._body_bytes and end < _KNOWN_HEAD and data[end - 4 : end] == b"\r\n\r\n":
            answer.derived = {}
            self._known_head = data[:end]
            self._known = Answer(answer.status, answer.headers, b"", answer.length, None, ("", ""), answer.derived)

    def _held_back(self, data: bytes) -> bool:
        """Collects the pieces of a dripping head, so that a byte a packet costs no more than a line a packet."""
        held = self._held
        if held is None:
            held = self._held = bytearray()
        held += data
        return len(held) < _HELD_BYTES and b"\n" not in data

    # ------------------------------------------------------------- the parser's callbacks

    def on_message_begin(self) -> None:
        """An answer begins; after a complete one that is an answer which nobody asked for."""
        if self._done:
            raise BadAnswer("an answer that nobody asked for")

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
        if status == 101 and not self._is_wanted_upgrade():
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
        if self._head_timeout is not None:
            self._deadlines.remove(self, self._ticket)
            self._ticket = self._deadlines.add(self, self._deadline)
        if self._headless and not bodiless(status) and (self._length or chunked or self._until_close):
            self._done = True
            raise _HeadOnly

    def _is_wanted_upgrade(self) -> bool:
        protocols = [value.lower() for name, value in self._headers if name == b"Upgrade"]
        return bool(self._upgrade) and protocols == [self._upgrade.lower()]

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
            self._done = True

    # ------------------------------------------------------------- handing over

    def _complete(self) -> None:
        answer, receiver, stream = self._answer, self._receiver, self._stream
        keep = self._keep and not self.closed
        if stream is not None:
            stream.trailers = trailing(self._trailers)
            stream.end()
        elif answer is not None and self._streaming and self._trailers:
            answer.body = whole = complete(*self._body)
            whole.trailers = trailing(self._trailers)
        elif answer is not None:
            body = self._body
            if body:
                answer.body = body[0] if len(body) == 1 else b"".join(body)
        self._release()
        if keep:
            self.on_free(self)
        else:
            self._close()
        if receiver is not None and answer is not None and stream is None:
            receiver.answered(answer)

    def _open_stream(self, answer: Answer) -> None:
        stream = Stream(self._pause, self._resume, self._limits.waiting_bytes)
        stream.unwanted = self._give_up
        for part in self._body:
            stream.feed(part)
        self._body = []
        answer.body = self._stream = stream
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.answered(answer)
        else:
            self._close()

    def _switched(self, early: bytes) -> None:
        answer, receiver = self._answer, self._receiver
        if answer is None or answer.status != 101 or receiver is None:
            self._fail(BadAnswer("an upgrade that nobody asked for"))
            return
        answer.tunnel = self
        answer.body = early
        self._release()
        self.transport.pause_reading()
        receiver.answered(answer)

    def _release(self) -> None:
        """The exchange is over: forget everything about it."""
        self._released = True
        self._deadlines.remove(self, self._ticket)
        self._receiver = None
        self._stream = None
        if self._paused:
            self._resume()
        self._clear()

    def _fail(self, error: BaseException) -> None:
        receiver, stream = self._receiver, self._stream
        waiting = not self._released
        self._close()
        if waiting and stream is not None:
            stream.fail(error)
        elif waiting and receiver is not None:
            receiver.failed(error)

    def _close(self) -> None:
        if not self._released:
            self._release()
        if not self.closed:
            self.closed = True
            if self.transport is not None:
                self.transport.abort()

    def _give_up(self) -> None:
        """Nobody reads the rest of the answer."""
        self._fail(BadAnswer("the answer was given up", "cut"))

    def _pause(self) -> None:
        if not self._paused and not self.closed:
            self._paused = True
            self.transport.pause_reading()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            if not self.closed:
                self.transport.resume_reading()


class _HeadOnly(Exception):
    """The answer to a HEAD ends with its head; the parser would wait for a body."""
