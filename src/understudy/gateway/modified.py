"""A backend behind ``modifier/martian``: asks and answers are changed on their way."""

from __future__ import annotations

import asyncio
import mimetypes
import posixpath
from pathlib import Path
from typing import Any

from msgspec import structs

from understudy.config.model import Backend, Modifier
from understudy.errors import BackendError
from understudy.gateway.backend import HttpBackend, sieve
from understudy.gateway.forward import HOP_BY_HOP
from understudy.gateway.hosts import Host, host_at
from understudy.gateway.martian import Incoming, Outgoing, changes_of
from understudy.gateway.redirects import REDIRECTS, followed
from understudy.gateway.types import Ask
from understudy.http.stream import Stream
from understudy.http.upstream import Answer
from understudy.http.values import Pair, Pairs

_AGENT: Pair = (b"User-Agent", b"Go-http-client/1.1")
FILE_BYTES = 32 * 1024 * 1024
"""Larger files are not served: they are held in memory."""


class ModifiedBackend(HttpBackend):
    """``HttpBackend`` whose requests and answers go through modifiers. It is asked by coroutines only.

    ``answers``: whether answers are changed too. Redirects are followed with the changed request. The observer of an
    ask sees what the backend answered, unchanged.
    """

    def __init__(
        self, backend: Backend, modifier: Modifier, *others: Any, answers: bool = True, **options: Any
    ) -> None:
        super().__init__(structs.replace(backend, input_headers=()), *others, **options)
        self._sieve = sieve(backend.input_headers)
        self._change_request, change_answer = changes_of(modifier)
        self._change_answer = change_answer if answers else None

    async def __call__(self, ask: Ask) -> Answer:
        """Asks the backend; raises a ``BackendError``."""
        host, path = self.aim(ask)
        headers = self._sieve(ask.headers) if self._sieve is not None else list(ask.headers)
        out = self._outgoing(host, path, headers, ask)
        if out.skipped:
            answer = Answer(200, [], b"")
        else:
            answer = await self._sent(self._changed(ask, out, headers), *self._place(out, host))
        return answer if self._change_answer is None else await self._incoming(out, answer)

    async def _sent(self, ask: Ask, host: Host, path: str) -> Answer:
        asking = self._exchanged(ask, host, path)
        return await (asking if ask.exchange is None else self.observed(ask, asking, ask.exchange))

    async def _exchanged(self, ask: Ask, host: Host, path: str) -> Answer:
        answer = await self.fetch(host, path, ask, self.method, ask.body, list(ask.headers))
        if answer.status in REDIRECTS:
            return await followed(self, host, path, ask, answer)
        return answer

    def _outgoing(self, host: Host, path: str, headers: Pairs, ask: Ask) -> Outgoing:
        scheme, _, rest = host.url.partition("://")
        where, _, query = path.partition("?")
        authority = self._host_header or host.authority
        out = Outgoing((scheme, rest.partition("/")[0], where, query), authority, headers, ask.body)
        if self._change_request is not None:
            self._change_request(out)
        return out

    def _place(self, out: Outgoing, host: Host) -> tuple[Host, str]:
        """Where the changed request goes: the pool of its URL, under the Host field that it has now."""
        path = out.path + (f"?{out.query}" if out.query else "")
        url = f"{out.scheme}://{out.host}"
        try:
            pool = host.pool if url == host.url else host_at(url, self.pools).pool
        except ValueError as error:
            raise BackendError(f"unsupported URL {url}: {error}") from error
        return Host(url, pool, out.authority.decode("latin-1"), ""), path

    def _changed(self, ask: Ask, out: Outgoing, before: Pairs) -> Ask:
        headers = [pair for pair in out.headers if pair[0] not in HOP_BY_HOP]
        if (self._sieve is not None or _has_agent(before)) and not _has_agent(headers):
            headers.append(_AGENT)
        if not out.replaced:
            return structs.replace(ask, headers=headers, wire=None)
        if isinstance(ask.body, Stream):
            ask.body.discard()
        return structs.replace(ask, headers=headers, wire=None, body=out.body, chunked=False, length=None)

    async def _incoming(self, out: Outgoing, answer: Answer) -> Answer:
        """The answer as the modifiers leave it. Headers that a connection repeats are not recognised any more."""
        message = Incoming(out, answer.status, answer.headers, answer.body)
        assert self._change_answer is not None
        self._change_answer(message)
        if message.file is not None:
            folder, path = message.file
            await asyncio.get_running_loop().run_in_executor(None, serve_file, message, folder, path)
        length = answer.length
        if message.replaced:
            length = len(message.body) if isinstance(message.body, bytes) else None
            if isinstance(answer.body, Stream):
                answer.body.discard()
        return Answer(message.status, message.headers, message.body, length, answer.tunnel, answer.url)


def _has_agent(headers: Pairs) -> bool:
    return any(pair[0] == b"User-Agent" for pair in headers)


def serve_file(message: Incoming, folder: str, path: str) -> None:
    """Makes a file below ``folder`` the answer; 404 without it, 401 when it may not be read. Reads the disk."""
    place = Path(folder or ".") / posixpath.normpath("/" + path).lstrip("/")
    try:
        if place.stat().st_size > FILE_BYTES:
            raise IsADirectoryError
        body = place.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        message.status = 404
    except PermissionError:
        message.status = 401
    except (OSError, ValueError):
        message.status = 500
    else:
        message.set(b"Content-Type", (mimetypes.guess_type(place.name)[0] or "").encode())
        message.body, message.replaced = body, True
