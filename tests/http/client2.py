"""An HTTP/2 client on a real socket, driven by h2: what is asked for is what goes out, checks of its own are off."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Self

import h2.config
import h2.connection
import h2.events

GET = ((":method", "GET"), (":scheme", "http"), (":path", "/a"), (":authority", "h"))
POST = ((":method", "POST"), (":scheme", "http"), (":path", "/a"), (":authority", "h"))


class Client2:
    """``async with Client2(port) as c``: one connection; ``events`` are all that have come, in order."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None, greet: bool = True) -> None:
        self._port = port
        self._tls = tls
        self._greet = greet
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(
                client_side=True, header_encoding="latin-1", validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )  # fmt: skip
        self.events: list[h2.events.Event] = []
        self.over = False
        self.reading = True
        self.acknowledge = True
        """Whether the windows are opened again for what has come."""
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        name = "localhost" if self._tls else None
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self._port, ssl=self._tls, server_hostname=name
        )
        if self._greet:
            self.h2.initiate_connection()
            await self.flush()
        return self

    async def __aexit__(self, *of_what: object) -> None:
        self.writer.close()

    async def flush(self) -> None:
        """Sends what h2 has made."""
        await self.raw(self.h2.data_to_send())

    async def raw(self, data: bytes) -> None:
        """Exactly these bytes."""
        self.writer.write(data)
        try:
            await self.writer.drain()
        except ConnectionError:
            self.over = True

    async def begin(self, fields: Any = GET, *, end: bool = True) -> int:
        """A new stream with this header list."""
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, list(fields), end_stream=end)
        await self.flush()
        return stream

    async def get(self, path: str = "/a", *more: tuple[str, str]) -> tuple[int, bytes]:
        """One request and its answer."""
        stream = await self.begin([(n, path if n == ":path" else v) for n, v in GET] + list(more))
        return await self.answer(stream)

    async def post(self, body: bytes, *more: tuple[str, str]) -> tuple[int, bytes]:
        """One upload, as fast as the server's windows allow, and its answer."""
        stream = await self.begin([*POST, *more], end=False)
        await self.upload(stream, body)
        return await self.answer(stream)

    async def upload(self, stream: int, body: bytes, *, end: bool = True) -> None:
        """Sends a body, waiting for windows; stops when the stream is over."""
        view = memoryview(body)
        while view and not self._ended(stream):
            size = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(view))
            if size:
                self.h2.send_data(stream, bytes(view[:size]))
                view = view[size:]
                await self.flush()
            else:
                await self.more()
        if end and not self._ended(stream):
            self.h2.end_stream(stream)
            await self.flush()

    async def more(self, seconds: float = 10.0) -> list[h2.events.Event]:
        """Waits for bytes and returns their events; none when the connection has ended."""
        async with asyncio.timeout(seconds):
            try:
                data = await self.reader.read(1 << 16)
            except ConnectionError:
                data = b""
        if not data:
            self.over = True
            return []
        found = self.h2.receive_data(data)
        for event in found:
            if self.acknowledge and isinstance(event, h2.events.DataReceived):
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        self.events += found
        await self.flush()
        return found

    async def answer(self, stream: int, seconds: float = 10.0) -> tuple[int, bytes]:
        """Status and body of a stream; status 0 when there was none, and ``reset`` tells of resets."""
        async with asyncio.timeout(seconds):
            while not self._ended(stream):
                await self.more(seconds)
        return self.status(stream), self.body(stream)

    async def end(self, seconds: float = 10.0) -> int | None:
        """Waits until the server closes; the code of its GOAWAY, None when there was none."""
        async with asyncio.timeout(seconds):
            while not self.over:
                await self.more(seconds)
        said = [e for e in self.events if isinstance(e, h2.events.ConnectionTerminated)]
        return int(said[-1].error_code or 0) if said else None

    def of(self, kind: type, stream: int) -> list[Any]:
        """The events of a kind and a stream."""
        return [e for e in self.events if isinstance(e, kind) and getattr(e, "stream_id", 0) == stream]

    def status(self, stream: int) -> int:
        """The status of a stream's answer; 0 before it."""
        heads = self.of(h2.events.ResponseReceived, stream)
        return int(dict(heads[-1].headers)[":status"]) if heads else 0

    def fields(self, stream: int) -> dict[str, str]:
        """The header section of a stream's answer."""
        return dict(self.of(h2.events.ResponseReceived, stream)[-1].headers)

    def body(self, stream: int) -> bytes:
        """What has come of a stream's body."""
        return b"".join(e.data for e in self.of(h2.events.DataReceived, stream))

    def reset(self, stream: int) -> int | None:
        """The code of a stream's reset, if there was one."""
        resets = self.of(h2.events.StreamReset, stream)
        return int(resets[-1].error_code) if resets else None

    def _ended(self, stream: int) -> bool:
        return self.over or bool(self.of(h2.events.StreamEnded, stream) or self.of(h2.events.StreamReset, stream))
