"""HTTP/2 to clients, on h2: over TLS by ALPN, and in clear text where ``use_h2c`` asks for it.

One connection serves many requests at once; each is dispatched like one of HTTP/1.1. Flow control is theirs: an
answer waits for the client's window, an upload opens its window only as fast as it is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from time import monotonic
from typing import TYPE_CHECKING, cast

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import hyperframe.exceptions

from understudy.errors import BadAnswer, BodyTooLarge, RequestError, RequestTimeout
from understudy.http.frames2 import FrameSizes
from understudy.http.head2 import examine2
from understudy.http.status import bodiless
from understudy.http.stream import Stream
from understudy.http.values import HeaderBlock, Pair, Request, Response

if TYPE_CHECKING:
    from understudy.http.server import Pending, Server

STREAMS = 128
WINDOW = 1 << 20
_OF_ALL_STREAMS = 4 * WINDOW
_INITIAL_WINDOW = 65535
_FRAME = 16384
_RESETS = 256
_PLAIN = HeaderBlock([(b"Content-Type", b"text/plain; charset=utf-8")])
_DROPPED = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"})
Forever = float("inf")


class Http2Connection(asyncio.Protocol):
    """One client socket that speaks HTTP/2."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.loop = server.loop
        self.deadline = Forever
        self.transport = cast(asyncio.Transport, None)
        self.peer = ""
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding=None, validate_inbound_headers=True)
        )
        self.h2.local_settings = h2.settings.Settings(
            client=False,
            initial_values={
                h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: STREAMS,
                h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: WINDOW,
                h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE: server.limits.head_bytes,
                h2.settings.SettingCodes.ENABLE_PUSH: 0,
            },
        )
        self.h2.max_inbound_frame_size = _FRAME
        self._sizes = FrameSizes(_FRAME)
        self._lanes: dict[int, Http2Stream] = {}
        self._window = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._resets = 0
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands; our settings go first."""
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.peer = peer[0].removeprefix("::ffff:") if isinstance(peer, tuple) else ""
        self.server.joined(self)
        self._rest()
        self.h2.initiate_connection()
        self._open_window()

    def accepts(self, settings: bytes) -> bool:
        """Prepares to take over from HTTP/1.1; false when the client's settings cannot be read."""
        try:
            self.h2.initiate_upgrade_connection(settings)
        except (h2.exceptions.ProtocolError, hyperframe.exceptions.HyperframeError, ValueError):
            return False
        return True

    def upgraded(self, request: Request, transport: asyncio.Transport) -> None:
        """Takes over after a 101; the request that asked for it becomes stream 1."""
        self.transport = transport
        self.peer = request.peer
        self.server.joined(self)
        self._open_window()
        request.http2, request.upgrade = True, b""
        request.headers = [p for p in request.headers if p[0] not in (b"Upgrade", b"Http2-Settings", b"Connection")]
        lane = self._lanes[1] = Http2Stream(self, 1, request)
        lane.start()

    def _open_window(self) -> None:
        # An upload that nobody reads must not take the whole window of the connection from the others.
        self.h2.increment_flow_control_window(_OF_ALL_STREAMS - _INITIAL_WINDOW)
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone: everything it asked for is cancelled."""
        self._closing = True
        self.server.left(self)
        for lane in list(self._lanes.values()):
            lane.abandon()
        self._lanes.clear()
        self._window.set()
        self._writable.set()

    def pause_writing(self) -> None:
        """The client's socket is full: what wants further answers waits, be it only a ping."""
        self._writable.clear()
        if not self.transport.is_closing():
            self.transport.pause_reading()
        self.deadline = self.loop.time() + self.server.limits.body_timeout

    def resume_writing(self) -> None:
        """The client takes bytes again."""
        self._writable.set()
        if not self.transport.is_closing():
            self.transport.resume_reading()
        self._rest()

    def data_received(self, data: bytes) -> None:
        """Frames from the client."""
        if self._closing:
            return
        if not self._sizes.allow(data):
            self._end(h2.errors.ErrorCodes.FRAME_SIZE_ERROR)
            return
        try:
            events = self.h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            self._end(None)
            return
        for event in events:
            if self._closing:
                return
            self._handle(event)
        if not self._closing:
            self.flush()
            if not self._lanes:
                self._rest()

    def _handle(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived):
            self._begin(event)
        elif isinstance(event, h2.events.DataReceived):
            lane = self._lanes.get(event.stream_id)
            if lane is None:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            else:
                lane.feed(event.data, event.flow_controlled_length)
        elif isinstance(event, h2.events.StreamEnded):
            lane = self._lanes.get(event.stream_id)
            if lane is not None:
                lane.ended()
        elif isinstance(event, h2.events.StreamReset):
            self._resets += 1
            lane = self._lanes.pop(event.stream_id, None)
            if lane is not None:
                lane.abandon()
            if self._resets > _RESETS:
                # More cancelled than served: the rapid-reset attack (CVE-2023-44487).
                self._end(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)
        elif isinstance(event, (h2.events.WindowUpdated, h2.events.RemoteSettingsChanged)):
            self._window.set()
            self._window.clear()
        elif isinstance(event, h2.events.ConnectionTerminated):
            self._end()

    def _begin(self, event: h2.events.RequestReceived) -> None:
        stream_id = event.stream_id
        limits = self.server.limits
        self.deadline = Forever
        try:
            head = examine2(
                [(bytes(n), bytes(v)) for n, v in event.headers], most=limits.fields, target_bytes=limits.target_bytes
            )
            if event.stream_ended is not None and head.length:
                raise RequestError("a body was declared and none came")
            if limits.body_bytes is not None and (head.length or 0) > limits.body_bytes:
                raise BodyTooLarge(f"the body is larger than {limits.body_bytes} bytes")
        except RequestError as error:
            self._refuse(stream_id, error)
            return
        request = Request(
            head.method, head.target, head.headers, b"", head.host, self.peer, self.server.secure, True, True,
            monotonic(),
        )  # fmt: skip
        lane = self._lanes[stream_id] = Http2Stream(self, stream_id, request)
        if event.stream_ended is None:
            lane.open(head.length)
        lane.start()

    def _refuse(self, stream_id: int, error: RequestError) -> None:
        """Malformed requests get an answer and a reset: the stream is over, the connection is not."""
        self._resets += 1
        text = str(error).encode()
        fields = [(b":status", b"%d" % error.status), (b"content-type", b"text/plain; charset=utf-8")]
        try:
            self.h2.send_headers(stream_id, fields)
            self.h2.send_data(stream_id, text, end_stream=True)
            self.h2.reset_stream(stream_id, h2.errors.ErrorCodes.NO_ERROR)
        except h2.exceptions.ProtocolError:
            return

    def flush(self) -> None:
        """Sends what h2 has made."""
        data = self.h2.data_to_send()
        if data and not self.transport.is_closing():
            self.server.outbox.write(self.transport, data)

    def acknowledge(self, stream_id: int, size: int) -> None:
        """Opens the client's window again by what has been read."""
        if size and not self._closing:
            try:
                self.h2.acknowledge_received_data(size, stream_id)
            except h2.exceptions.ProtocolError:
                return
            self.flush()

    async def room(self, stream_id: int) -> int:
        """Waits until the client takes bytes of this stream; how many. Raises ``RequestTimeout``."""
        size = self._room(stream_id)
        if size > 0:
            return size
        self.flush()
        try:
            async with asyncio.timeout(self.server.limits.body_timeout):
                while size <= 0:
                    await (self._window if self._writable.is_set() else self._writable).wait()
                    size = self._room(stream_id)
        except TimeoutError:
            raise RequestTimeout("the client does not take its answer") from None
        return size

    def _room(self, stream_id: int) -> int:
        if self._closing:
            raise ConnectionResetError("the client has gone")
        if not self._writable.is_set():
            return 0
        return min(self.h2.local_flow_control_window(stream_id), self.h2.max_outbound_frame_size)

    def done(self, lane: Http2Stream) -> None:
        """A stream is over."""
        self._lanes.pop(lane.stream_id, None)
        self._resets = max(0, self._resets - 1)
        if not self._lanes:
            if self.server.draining:
                self._end()
            else:
                self._rest()

    def _rest(self) -> None:
        if self._closing or not self._writable.is_set():
            return
        if not self._lanes:
            self.deadline = self.loop.time() + (1.0 if self.server.draining else self.server.limits.idle_timeout)
        else:
            self.deadline = Forever

    def _end(self, code: h2.errors.ErrorCodes | None = h2.errors.ErrorCodes.NO_ERROR) -> None:
        """Closes with a GOAWAY; None where h2 has made it already."""
        if not self._closing:
            self._closing = True
            if code is not None:
                try:
                    self.h2.close_connection(code)
                except h2.exceptions.ProtocolError:
                    pass
            self.flush()
            self.server.outbox.flush()
            self.deadline = self.loop.time() + self.server.limits.body_timeout
            self.transport.close()

    def drain(self, grace: float) -> None:
        """No new streams; what runs is finished."""
        if not self._closing and not self._lanes:
            self.deadline = min(self.deadline, self.loop.time() + grace)

    def abort(self) -> None:
        """Cut the connection."""
        self._closing = True
        self.transport.abort()

    def late(self, now: float) -> None:
        """Time is up: idle for too long, or a client that takes nothing."""
        if self._lanes or self._closing or not self._writable.is_set():
            self.abort()
        else:
            self._end()


class Http2Stream:
    """One request and its answer."""

    __slots__ = ("_arrived", "_body", "_expected", "_pending", "_stall", "_task", "_unread", "connection", "request",
                 "stream_id")

    def __init__(self, connection: Http2Connection, stream_id: int, request: Request) -> None:
        self.connection = connection
        self.stream_id = stream_id
        self.request = request
        self._body: Stream | None = None
        self._expected: int | None = None
        self._unread = 0
        self._arrived = 0.0
        self._stall: asyncio.TimerHandle | None = None
        """Runs as long as the client has to send more."""
        self._pending: Pending | None = None
        self._task: asyncio.Task[None] | None = None

    def open(self, length: int | None) -> None:
        """The body follows; ``length`` is what the client declared."""
        self._expected = length
        self._body = Stream(lambda: None, self._resume)
        self.request.body = self._body
        self.request.chunked = length is None
        self._watch(self.connection.server.limits.body_timeout)

    def _watch(self, seconds: float) -> None:
        loop = self.connection.loop
        self._arrived = self._arrived or loop.time()
        self._stall = loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Fails a body that the client, and not its reader, holds up."""
        limits, body, now = self.connection.server.limits, self._body, self.connection.loop.time()
        left = limits.body_timeout if self._unread else self._arrived + limits.body_timeout - now
        if limits.read_timeout:
            left = min(left, self.request.started + limits.read_timeout - now)
        if body is None or body.ended:
            return
        if left > 0:
            self._watch(left)
        else:
            body.fail(RequestTimeout("the request did not arrive in time"))

    def _unwatch(self) -> bool:
        """Whether the client had to send more."""
        if self._stall is None:
            return False
        self._stall.cancel()
        self._stall = None
        return True

    def feed(self, data: bytes, size: int) -> None:
        """A piece of the body; ``size`` is what it takes of the window."""
        body = self._body
        limit = self.connection.server.limits.body_bytes
        self._arrived = self.connection.loop.time()
        if body is None or body.ended:
            self.connection.acknowledge(self.stream_id, size)
        elif limit is not None and body.received + len(data) > limit:
            self.connection.acknowledge(self.stream_id, size)
            body.fail(BodyTooLarge(f"the body is larger than {limit} bytes"))
        else:
            self._unread += size
            body.feed(data)
            if body.size < WINDOW // 4:
                self._resume()

    def _resume(self) -> None:
        size, self._unread = self._unread, 0
        self.connection.acknowledge(self.stream_id, size)

    def ended(self) -> None:
        """The body is complete."""
        self._unwatch()
        body = self._body
        if body is not None and not body.ended:
            if self._expected is not None and body.received != self._expected:
                body.fail(RequestError("the body is not as long as declared"))
            else:
                body.end()

    def start(self) -> None:
        """Hands the request to the gateway."""
        try:
            outcome = self.connection.server.dispatch(self.request, self._deliver)
        except Exception:
            outcome = Response(500)
        if isinstance(outcome, (Response, Awaitable)):
            self._task = self.connection.loop.create_task(self._serve(outcome))
            if isinstance(outcome, Coroutine):
                # A task that is cancelled before its first step never comes to it.
                self._task.add_done_callback(lambda task: outcome.close())
        else:
            self._pending = outcome

    def abandon(self) -> None:
        """The client does not want it any more."""
        self._unwatch()
        self._resume()
        if self._body is not None:
            self._body.fail(ConnectionResetError("the client has gone"))
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        if self._task is not None:
            self._task.cancel()

    def _deliver(self, response: Response) -> None:
        self._pending = None
        self._task = self.connection.loop.create_task(self._serve(response))

    async def _serve(self, outcome: Response | Awaitable[Response]) -> None:
        try:
            response = outcome if isinstance(outcome, Response) else await outcome
        except RequestError as error:
            response = Response(error.status, _PLAIN, str(error).encode())
        except Exception:
            response = Response(500)
        try:
            await self._send(response)
        except (h2.exceptions.ProtocolError, ConnectionResetError, BadAnswer, RequestTimeout) as error:
            self.request.errors = (*self.request.errors, str(error) or type(error).__name__)
            self._reset()
        finally:
            if isinstance(response.body, Stream) and not response.body.ended:
                response.body.discard()
        self._resume()
        if self._unwatch():
            # The answer is out and the rest of the upload is of no use.
            self._reset(h2.errors.ErrorCodes.NO_ERROR)
        self._note(response.status)
        self.connection.done(self)

    async def _send(self, response: Response) -> None:
        connection, stream_id = self.connection, self.stream_id
        body = response.body
        bare = bodiless(response.status) or self.request.method == b"HEAD"
        fields = self._fields(response, bare)
        if bare or body == b"":
            connection.h2.send_headers(stream_id, fields, end_stream=True)
            connection.flush()
            return
        connection.h2.send_headers(stream_id, fields)
        if isinstance(body, Stream):
            async for chunk in body:
                await self._send_data(chunk)
        else:
            await self._send_data(body)
        connection.h2.end_stream(stream_id)
        connection.flush()

    async def _send_data(self, data: bytes) -> None:
        connection, view = self.connection, memoryview(data)
        while view:
            size = await connection.room(self.stream_id)
            connection.h2.send_data(self.stream_id, bytes(view[:size]))
            connection.flush()
            view = view[size:]

    def _fields(self, response: Response, bare: bool) -> list[Pair]:
        fields: list[Pair] = [(b":status", b"%d" % response.status)]
        fields += [(n.lower(), v) for n, v in response.block.pairs if n.lower() not in _DROPPED]
        if not response.block.dated:
            fields.append((b"date", self.connection.server.date()[6:-2]))
        length = response.length
        if length is None and isinstance(response.body, bytes) and not bare:
            length = len(response.body)
        if length is not None and not bodiless(response.status):
            fields.append((b"content-length", b"%d" % length))
        return fields

    def _reset(self, code: h2.errors.ErrorCodes = h2.errors.ErrorCodes.INTERNAL_ERROR) -> None:
        try:
            self.connection.h2.reset_stream(self.stream_id, code)
        except h2.exceptions.ProtocolError:
            return
        self.connection.flush()

    def _note(self, status: int) -> None:
        access, request = self.connection.server.access, self.request
        if access is not None:
            seconds = monotonic() - request.started
            access.record(request, status, seconds, request.client, request.errors)
