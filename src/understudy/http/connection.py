"""One client socket: HTTP/1.1 in, answers out, in order."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable
from time import monotonic
from typing import TYPE_CHECKING, cast

import httptools

from understudy.errors import (
    BadAnswer,
    BadRequest,
    BodyTooLarge,
    HeadTooLarge,
    RequestError,
    RequestTimeout,
    TargetTooLong,
)
from understudy.http.head import Head, examine
from understudy.http.status import bodiless, status_line
from understudy.http.stream import Stream
from understudy.http.values import HeaderBlock, Pairs, Request, Response, canonical, render, trailing

if TYPE_CHECKING:
    from understudy.http.server import Pending, Server, Tunnel

Forever = float("inf")

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_PLAIN = HeaderBlock([(b"Content-Type", b"text/plain; charset=utf-8")])
_QUEUE, _STREAM, _EARLY = 1, 2, 4
_ODD_METHOD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}) (/[!-~]*) HTTP/1\.1\r\n")
_ODD_HOST = re.compile(rb"\r\nHost: *([!-~]*)\r\n", re.IGNORECASE)
_HELD_BYTES = 4096
_KNOWN_HEAD = 8192
_TARGET = re.compile(rb"/[!-~]*\Z").match
_LINGER = 1.0
_SPARE_CHUNK_BYTES = 65536


class Connection(asyncio.Protocol):
    """One client socket. States: idle, reading a head, reading a body; independently: a request is being answered."""

    __slots__ = (
        "_active", "_body", "_body_bytes", "_buffered", "_closing", "_completed", "_early", "_fed", "_fields",
        "_head", "_head_bytes", "_headers", "_held", "_incoming", "_known", "_known_tail", "_parser", "_pauses",
        "_pending", "_ready", "_refusal", "_started", "_stream", "_target", "_task", "_trailers", "_version_10",
        "_writable", "deadline", "loop", "outbox", "peer", "secure", "server", "transport",
    )  # fmt: skip

    def __init__(self, server: Server) -> None:
        self.server = server
        self.loop = server.loop
        self.outbox = server.outbox
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.deadline = Forever
        self.peer = ""
        self.secure = server.secure
        self._parser = httptools.HttpRequestParser(self)
        self._active: Request | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready: deque[Request] = deque()
        self._incoming: Request | None = None
        self._stream: Stream | None = None
        self._held: bytearray | None = None
        self._early: bytes | None = None
        self._writable: asyncio.Future[None] | None = None
        self._pauses = 0
        self._refusal: RequestError | None = None
        self._pending: Pending | None = None
        self._known_tail = b""
        self._known: Request | None = None
        self._closing = False
        self._buffered = 0
        self._version_10 = False
        self._started = 0.0
        self._fed = 0
        self._completed = 0
        self._head: Head | None = None
        self._reset()

    # ------------------------------------------------------------- the transport's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = cast(asyncio.Transport, transport)
        server = self.server
        peer = transport.get_extra_info("peername")
        self.peer = peer[0].removeprefix("::ffff:") if type(peer) is tuple else ""
        if server.limits.connections and len(server.connections) >= server.limits.connections:
            self._closing = True
            self.transport.abort()
            return
        if self.secure and server.http2 is not None:
            tls = transport.get_extra_info("ssl_object")
            if tls is not None and tls.selected_alpn_protocol() == "h2":
                protocol = server.http2(server)
                self.transport.set_protocol(protocol)
                protocol.connection_made(transport)
                return
        server.joined(self)
        self.deadline = self.loop.time() + (1.0 if server.draining else server.limits.idle_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone: what it asked for is cancelled."""
        self._closing = True
        self.server.left(self)
        if self._stream is not None:
            self._stream.fail(ConnectionResetError("the client has gone"))
        if self._task is not None:
            self._task.cancel()
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.cancel()
        if self._writable is not None and not self._writable.done():
            self._writable.set_exception(ConnectionResetError("the client has gone"))

    def eof_received(self) -> bool:
        """The client sends no more. While an answer is being made this counts as having left, as in KrakenD."""
        return False

    def pause_writing(self) -> None:
        """The client does not take what we send."""
        self._writable = self.loop.create_future()
        self._buffered = self.transport.get_write_buffer_size()
        self.deadline = self.loop.time() + self.server.limits.body_timeout

    def resume_writing(self) -> None:
        """The client has taken enough."""
        waiter, self._writable = self._writable, None
        self.deadline = Forever
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        if self._active is None and not self._closing:
            self._advance()

    def data_received(self, data: bytes) -> None:
        """Bytes from the client."""
        if self._closing:
            return
        if self._early is not None:
            self._early += data
            if len(self._early) > _SPARE_CHUNK_BYTES:
                self._hold(_EARLY)
            return
        if self._started == 0.0:
            if self._active is None and self._repeats(data):
                return
            self._started = monotonic()
            if self.server.h2c and data.startswith(b"PRI * HTTP/2.0") and self._switch(data):
                return
            if b"\n" not in data and data[:1].isalpha() and len(data) < _HELD_BYTES:
                self._held = bytearray(data)
                self.deadline = self._started + self.server.limits.head_timeout
                return
        elif self._incoming is None:
            held = self._collect(data)
            if held is None:
                return
            data = held
        self._completed = 0
        self._feed(data)

    def _repeats(self, data: bytes) -> bool:
        """Takes a short cut when all but the target is, byte for byte, as in this connection's request before."""
        end = data.find(b"\r\n")
        known = self._known
        if known is None or end < 14 or data[end:] != self._known_tail or data[:4] != b"GET ":
            return False
        target = data[4 : end - 9]
        if data[end - 9 : end] != b" HTTP/1.1" or _TARGET(target) is None:
            return False
        if len(target) > self.server.limits.target_bytes:
            return False
        self._version_10 = False
        self._ready.append(Request(
            b"GET", target, known.headers, b"", known.host, self.peer, self.secure, False, True, monotonic(), b"",
            "", (), False, known.derived,
        ))  # fmt: skip
        self._advance()
        return True

    def _remember(self, data: bytes, request: Request, head: Head) -> None:
        """Keeps a head that was all of what arrived: the next request may have the same one."""
        plain = not head.upgrade and not head.chunked and head.length is None and not head.expects_continue
        if plain and request.keep_alive and not self._version_10 and data[-4:] == b"\r\n\r\n":
            self._known_tail = data[data.find(b"\r\n") :]
            request.derived = {}
            self._known = request

    def _collect(self, data: bytes) -> bytes | None:
        """Collects the pieces of a dripping head, so that a byte a packet costs no more than a line a packet."""
        held = self._held
        if held is None:
            held = self._held = bytearray()
        held += data
        if len(held) < _HELD_BYTES and b"\n" not in data:
            return None
        self._held = None
        return bytes(held)

    def _feed(self, data: bytes) -> None:
        if self._fed == 0 and self._incoming is None and b"  " in data[: data.find(b"\n")]:
            # The parser takes several blanks for one; what stands before us or behind may not.
            self._refuse(BadRequest("malformed request line"))
            return
        self._fed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._early = data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as wrapped:
            self._refuse(wrapped.__context__)
            return
        except httptools.HttpParserInvalidMethodError:
            self._odd_method(data)
            return
        except httptools.HttpParserError as error:
            self._refuse(BadRequest(str(error)))
            return
        incoming = self._incoming
        if self._completed == 1 and incoming is None and self._started == 0.0 and data[:5] == b"GET /":
            if len(data) < _KNOWN_HEAD and self._ready and self._head is not None:
                self._remember(data, self._ready[-1], self._head)
        elif incoming is not None:
            if self._stream is None:
                self._open_stream(incoming)
            elif self._fed > _SPARE_CHUNK_BYTES + 16 * self._body_bytes:
                self._refuse(BadRequest("too much chunk overhead"))
                return
            if self._active is None or self._active is incoming:
                self.deadline = self._reading_deadline()
        elif self._started != 0.0 and self._fed > self.server.limits.head_bytes + 4096:
            self._refuse(HeadTooLarge("the header section is too large"))
            return
        elif self._started != 0.0 and self._active is None and not self._ready:
            self.deadline = self._started + self.server.limits.head_timeout
        if self._ready and self._active is None:
            self._advance()
        if self._ready:
            self._hold(_QUEUE)

    def _odd_method(self, data: bytes) -> None:
        """The parser knows no such method, and neither does any endpoint: the router says so, then we close."""
        match = _ODD_METHOD.match(data)
        if match is None or self._active is not None or self._ready:
            self._refuse(BadRequest("bad method"))
            return
        host = _ODD_HOST.search(data)
        self._version_10 = False
        self._ready.append(
            Request(match[1], match[2], [], b"", host=host[1] if host else b"", peer=self.peer, secure=self.secure,
                    started=self._started, keep_alive=False)
        )  # fmt: skip
        self._advance()

    def _reading_deadline(self) -> float:
        limits = self.server.limits
        deadline = self.loop.time() + limits.body_timeout
        if limits.read_timeout:
            deadline = min(deadline, self._started + limits.read_timeout)
        return deadline

    def _switch(self, data: bytes) -> bool:
        """Hands a connection that speaks HTTP/2 at once to the protocol for it."""
        if self.server.http2 is None:
            return False
        protocol = self.server.http2(self.server)
        self.server.left(self)
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        protocol.data_received(data)
        return True

    # ------------------------------------------------------------- the parser's callbacks

    def _reset(self) -> None:
        self._target = b""
        self._headers: Pairs = []
        self._fields = 0
        self._head_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._trailers: Pairs = []

    def on_message_begin(self) -> None:
        """A request begins; leading empty lines do not count."""
        self._reset()
        if self._started == 0.0:
            self._started = monotonic()

    def on_url(self, part: bytes) -> None:
        """A piece of the request-target."""
        self._target = self._target + part if self._target else part
        if len(self._target) > self.server.limits.target_bytes:
            raise TargetTooLong("the request-target is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header field, or, after the head, one trailer field."""
        self._fields += 1
        self._head_bytes += len(name) + len(value) + 4
        limits = self.server.limits
        if self._fields > limits.fields or self._head_bytes > limits.head_bytes:
            raise HeadTooLarge("the header section is too large")
        if value[-1:] in b" \t":
            value = value.rstrip(b" \t")
        if self._incoming is None:
            self._headers.append((canonical(name), value))
        else:
            self._trailers.append((canonical(name), value))

    def on_headers_complete(self) -> None:
        """The head is complete: checked, and made a request whose body may follow."""
        parser = self._parser
        method = parser.get_method()
        version = parser.get_http_version()
        head = self._head = examine(method, self._target, version, self._headers)
        upgrade = b""
        if parser.should_upgrade():
            if method == b"CONNECT":
                raise BadRequest("CONNECT is not served")
            if head.chunked or head.length:
                raise BadRequest("a body on a request that asks for an upgrade")
            upgrade = head.upgrade
        limit = self.server.limits.body_bytes
        if limit is not None and head.length is not None and head.length > limit:
            raise BodyTooLarge(f"the body is larger than {limit} bytes")
        self._version_10 = version == "1.0"
        self._incoming = Request(
            method, head.target, self._headers, b"",
            host=head.host, peer=self.peer, secure=self.secure, started=self._started, upgrade=upgrade,
            keep_alive=parser.should_keep_alive(), chunked=head.chunked,
        )  # fmt: skip
        self._fed = 0

    def on_body(self, data: bytes) -> None:
        """A piece of the body, without chunk framing."""
        self._body_bytes += len(data)
        limit = self.server.limits.body_bytes
        if limit is not None and self._body_bytes > limit:
            error = BodyTooLarge(f"the body is larger than {limit} bytes")
            if self._stream is not None:
                self._stream.fail(error)
            raise error
        if self._stream is not None:
            self._stream.feed(data)
        else:
            self._body.append(data)

    def on_message_complete(self) -> None:
        """The request is complete."""
        request = self._incoming
        if request is None:
            return
        stream = self._stream
        if stream is not None:
            stream.trailers = trailing(self._trailers)
            stream.end()
            self._stream = None
            self.deadline = self._answer_deadline()
        else:
            body = self._body
            if body:
                request.body = body[0] if len(body) == 1 else b"".join(body)
            self._ready.append(request)
        self._incoming = None
        self._started = 0.0
        self._fed = 0
        self._completed += 1

    def _open_stream(self, request: Request) -> None:
        """The body does not come with the head: the request is served while it arrives."""
        stream = Stream(self._pause, self._resume)
        for part in self._body:
            stream.feed(part)
        if self._head is not None and self._head.expects_continue and not self._body:
            stream.wanted = self._say_continue
        request.body = stream
        self._stream = stream
        self._ready.append(request)

    def _say_continue(self) -> None:
        if not self._closing and not self.transport.is_closing():
            self.outbox.write(self.transport, _CONTINUE)

    def _pause(self) -> None:
        self._hold(_STREAM)

    def _resume(self) -> None:
        self._release(_STREAM)

    def _hold(self, reason: int) -> None:
        """Stops reading the client for this reason too."""
        if not self._pauses and not self._closing:
            self.transport.pause_reading()
        self._pauses |= reason

    def _release(self, reason: int) -> None:
        """Reads on once no reason is left."""
        if self._pauses & reason:
            self._pauses &= ~reason
            if not self._pauses and not self._closing:
                self.transport.resume_reading()

    # ------------------------------------------------------------- answering

    def _advance(self) -> None:
        """Serves what waits, in order, until an answer takes time or the client does not take its answers."""
        ready = self._ready
        while ready and self._writable is None and not self._closing:
            request = self._active = ready.popleft()
            if request.upgrade == b"h2c" and self._upgrade_h2c(request):
                return
            if not ready and self._pauses & _QUEUE:
                self._release(_QUEUE)
            self.deadline = self._answer_deadline() if self._stream is None else self._reading_deadline()
            try:
                outcome = self.server.dispatch(request, self._deliver)
            except Exception:
                outcome = Response(500)
            if type(outcome) is Response and type(outcome.body) is bytes and outcome.tunnel is None:
                self._answer(request, outcome)
                continue
            if isinstance(outcome, (Response, Awaitable)):
                self._task = self.loop.create_task(self._serve(request, outcome))
            else:
                self._pending = outcome
            return
        if self._active is None and not self._closing and self._writable is None:
            if self._refusal is not None:
                self._say_refusal(self._refusal)
            else:
                self._rest()

    def _upgrade_h2c(self, request: Request) -> bool:
        """The upgrade of RFC 7540, 3.2: the answer to this request is the first stream of HTTP/2."""
        server = self.server
        settings = [value for name, value in request.headers if name == b"Http2-Settings"]
        if not server.h2c or server.http2 is None or len(settings) != 1 or request.body != b"":
            return False
        protocol = server.http2(server)
        if not protocol.accepts(settings[0]):
            return False
        early, self._early = self._early or b"", None
        self._closing = True
        self.outbox.write(
            self.transport, b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
        )
        server.left(self)
        self.transport.set_protocol(protocol)
        protocol.upgraded(request, self.transport)
        if early:
            protocol.data_received(early)
        return True

    def _deliver(self, response: Response) -> None:
        """The answer to what is being served, from whoever has it."""
        self._pending = None
        request = self._active
        if self._closing or request is None:
            if isinstance(response.body, Stream):
                response.body.discard()
        elif type(response.body) is bytes and response.tunnel is None:
            self._answer(request, response)
            if not self._closing:
                self._advance()
        else:
            self._task = self.loop.create_task(self._serve(request, response))

    def _answer_deadline(self) -> float:
        limit = self.server.limits.write_timeout
        return self.loop.time() + limit if limit else Forever

    def _rest(self) -> None:
        """Nothing to answer: wait for the client, as long as it may take."""
        if self._pauses & _QUEUE:
            self._release(_QUEUE)
        if self._started != 0.0:
            self.deadline = self._started + self.server.limits.head_timeout
        elif self.server.draining:
            self.deadline = self.loop.time() + 1.0
        else:
            self.deadline = self.loop.time() + self.server.limits.idle_timeout

    async def _serve(self, request: Request, outcome: Response | Awaitable[Response]) -> None:
        try:
            response = outcome if isinstance(outcome, Response) else await outcome
        except RequestError as error:
            response = Response(error.status, _PLAIN, str(error).encode(), close=True)
        except Exception:
            response = Response(500)
        if self._closing:
            if isinstance(response.body, Stream):
                response.body.discard()
        elif response.tunnel is not None:
            self._open_tunnel(request, response)
        elif isinstance(response.body, Stream):
            await self._stream_answer(request, response, response.body)
        else:
            self._answer(request, response)
        self._task = None
        if not self._closing:
            self._advance()

    def _head_lines(self, request: Request, response: Response, framing: bytes, close: bool) -> bytes:
        block = response.block
        return b"".join((
            status_line(response.status),
            block.wire,
            b"" if block.dated else self.server.date(),
            framing,
            b"Connection: close\r\n\r\n" if close
            else b"Connection: keep-alive\r\n\r\n" if self._version_10 else b"\r\n",
        ))  # fmt: skip

    def _answer(self, request: Request, response: Response) -> None:
        """Writes a complete answer and goes on."""
        body: bytes = response.body  # type: ignore[assignment]  # callers pass bytes only
        status = response.status
        close = self._must_close(request, response)
        if bodiless(status):
            framing, body = b"", b""
        else:
            framing = b"Content-Length: %d\r\n" % (len(body) if response.length is None else response.length)
            if request.method == b"HEAD":
                body = b""
        self.outbox.write(self.transport, self._head_lines(request, response, framing, close) + body)
        self._done(request, status, close)

    async def _stream_answer(self, request: Request, response: Response, stream: Stream) -> None:
        """Writes an answer as it comes, no faster than the client takes it."""
        close = self._must_close(request, response)
        chunked = False
        if response.length is not None:
            framing = b"Content-Length: %d\r\n" % response.length
        elif self._version_10:
            framing, close = b"", True
        else:
            framing, chunked = b"Transfer-Encoding: chunked\r\n", True
        self.outbox.flush()
        self.transport.write(self._head_lines(request, response, framing, close))
        try:
            await self._relay(stream, response.length, chunked)
        except Exception as error:
            # The head is out: the only honest end is a cut connection.
            request.errors = (*request.errors, str(error) or type(error).__name__)
            self._note(request, response.status)
            self.abort()
            return
        finally:
            if not stream.ended:
                stream.discard()
        if chunked:
            tail = render(stream.trailers) if stream.trailers and _takes_trailers(request) else b""
            self.transport.write(b"0\r\n" + tail + b"\r\n")
        self._done(request, response.status, close)

    async def _relay(self, stream: Stream, left: int | None, chunked: bool) -> None:
        write = self.transport.write
        while (data := await stream.next()) is not None:
            if self._closing:
                raise ConnectionResetError("the client has gone")
            if left is not None:
                left -= len(data)
                if left < 0:
                    raise BadAnswer("the backend sent more than it declared")
            write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
            if self._writable is not None:
                await self._writable
        if left:
            raise BadAnswer("the backend sent less than it declared")

    def _must_close(self, request: Request, response: Response) -> bool:
        # A body that is still arriving when its answer is out cannot be waited for. (A later request's can.)
        unread = self._stream is not None and request.body is self._stream
        return response.close or not request.keep_alive or self.server.draining or unread

    def _open_tunnel(self, request: Request, response: Response) -> None:
        tunnel = cast("Tunnel", response.tunnel)
        self.outbox.flush()
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\n" + response.block.wire
            + b"Connection: Upgrade\r\nUpgrade: " + request.upgrade + b"\r\n\r\n"
        )  # fmt: skip
        self._note(request, 101)
        early, self._early = self._early or b"", None
        self._closing = True
        server = self.server
        relay = tunnel.open(self.transport, early, server.left)
        server.joined(relay)
        server.left(self)
        self.transport.set_protocol(relay)

    def _note(self, request: Request, status: int) -> None:
        access = self.server.access
        if access is not None:
            access.record(request, status, monotonic() - request.started, request.client, request.errors)

    def _done(self, request: Request, status: int, close: bool) -> None:
        """An answer is out: log it; close when that was the last one."""
        if self.server.access is not None:
            self._note(request, status)
        self._active = None
        if close:
            self._finish(linger=self._stream is not None or bool(self._ready))
        elif self._early is not None:
            self._after_refused_upgrade()

    def _after_refused_upgrade(self) -> None:
        """The upgrade was answered like any request: what followed it is HTTP again."""
        early, self._early = self._early, None
        self._release(_EARLY)
        self._parser = httptools.HttpRequestParser(self)
        self._started = 0.0
        if early:
            self.loop.call_soon(self.data_received, early)

    # ------------------------------------------------------------- ends

    def _refuse(self, error: BaseException | None) -> None:
        """The message cannot be served: after what came before it, say so and close."""
        refusal = error if isinstance(error, RequestError) else BadRequest("the request cannot be read")
        self._hold(_QUEUE)
        if self._stream is not None:
            # Its request is being served: whoever reads the body learns it, and the answer ends the connection.
            self._stream.fail(refusal)
            self._advance_if_idle()
            return
        self._refusal = refusal
        self._advance_if_idle()

    def _advance_if_idle(self) -> None:
        if self._active is None:
            self._advance()

    def _say_refusal(self, error: RequestError) -> None:
        request = self._incoming or Request(
            b"-", self._target[:256] or b"-", [], b"", peer=self.peer, started=self._started or monotonic()
        )
        text = str(error).encode()
        framing = b"Content-Length: %d\r\n" % len(text)
        request.errors = (str(error),)
        head = self._head_lines(request, Response(error.status, _PLAIN), framing, True)
        self.outbox.write(self.transport, head + text)
        self._note(request, error.status)
        self._finish(linger=True)

    def _finish(self, linger: bool) -> None:
        """Closes; with unread bytes it waits a little, so that the answer is not lost in a reset."""
        self._closing = True
        self.outbox.flush()
        if linger and not self.transport.is_closing():
            try:
                self.transport.write_eof()
            except (OSError, RuntimeError, NotImplementedError):
                self.transport.close()
                return
            if self._pauses:
                self.transport.resume_reading()
            self.deadline = self.loop.time() + _LINGER
        else:
            self.transport.close()

    def drain(self, grace: float) -> None:
        """Finish what runs, close when idle for the grace."""
        if self._active is None and not self._ready and not self._closing:
            self.deadline = min(self.deadline, self.loop.time() + grace)

    def abort(self) -> None:
        """Cut the connection."""
        self._closing = True
        self.transport.abort()

    def late(self, now: float) -> None:
        """Time is up for whatever this connection is waiting for."""
        if self._writable is not None:
            size = self.transport.get_write_buffer_size()
            if size < self._buffered and not self.server.limits.write_timeout:
                self._buffered = size
                self.deadline = now + self.server.limits.body_timeout
                return
            self.abort()
        elif self._closing:
            self.transport.abort()
        elif self._stream is not None:
            self._stream.fail(RequestTimeout("the body did not arrive in time"))
            self.deadline = Forever
        elif self._active is not None:
            self.abort()
        elif self._started != 0.0:
            self._refuse(RequestTimeout("the request did not arrive in time"))
        else:
            self._closing = True
            self.transport.close()


def _takes_trailers(request: Request) -> bool:
    te = request.header(b"Te")
    return te is not None and b"trailers" in te.lower()
