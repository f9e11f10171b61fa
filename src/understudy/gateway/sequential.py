"""``proxy.sequential``: backends one after the other, where later ones may use what earlier ones answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from understudy.config.model import Backend
from understudy.errors import UnderstudyError
from understudy.gateway.body import buffered
from understudy.gateway.merge import SHARE
from understudy.gateway.types import Ask, Proxy, Reply

_PLACEHOLDER = re.compile(r"\{resp(\d+)_([^{}]+)\}")
_PROPAGATED = re.compile(r"resp(\d+)(?:_(.+))?\Z")

Want = tuple[int, str, str]
"""Index of an earlier backend, dotted path in its data ("" for its whole body), name of the parameter to set."""


def wanted_by(pattern: str, index: int) -> tuple[Want, ...]:
    """What a backend's url_pattern takes from backends before it."""
    return tuple(
        (int(n), path, f"Resp{n}_{path}") for n, path in _PLACEHOLDER.findall(pattern) if int(n) < index
    )


def propagated(listed: Sequence[str]) -> tuple[Want, ...]:
    """``sequential_propagated_params``, parsed; what is no ``respN`` or ``respN_path`` is ignored."""
    out = []
    for text in listed:
        match = _PROPAGATED.match(text)
        if match:
            path = match[2] or ""
            out.append((int(match[1]), path, f"Resp{match[1]}_{path}" if path else f"Resp{match[1]}"))
    return tuple(out)


def sequence(proxies: Sequence[Proxy], backends: Sequence[Backend], shared: Sequence[str], timeout: float) -> Proxy:
    """One after the other inside 85 % of the endpoint's ``timeout`` (seconds).

    The first backend's error is the endpoint's. A later one ends the sequence: what has been merged so far is the
    answer, incomplete. An incomplete part ends it too.
    """
    own = tuple(wanted_by(b.url_pattern, i) for i, b in enumerate(backends))
    everywhere = propagated(shared)
    budget = timeout * SHARE

    async def proxy(ask: Ask) -> Reply:
        ask.deadline = min(ask.deadline, ask.started + budget)
        if type(ask.body) is not bytes:
            await buffered(ask)
        data: dict[str, Any] = {}
        parts: list[Reply] = []
        reply = Reply(data, True)
        for i, step in enumerate(proxies):
            for n, path, name in (*own[i], *[w for w in everywhere if w[0] < i]):
                if name not in ask.params:
                    resolve(parts[n], path, name, ask.params)
            try:
                part = await step(ask)
            except UnderstudyError as error:
                if i == 0:
                    raise
                reply.complete, reply.errors = False, (str(error),)
                break
            if part is None or (part.data is None and part.body is None):
                reply.complete, reply.errors = False, ("invalid response",)
                break
            parts.append(part)
            data.update(part.data or {})
            if not part.complete:
                reply.complete = False
                break
        return reply

    return proxy


def resolve(part: Reply, path: str, name: str, params: dict[str, str]) -> None:
    """Sets a parameter to a value of a part's data, or to its whole body; leaves it unset when there is none."""
    if not path:
        if isinstance(part.body, bytes):
            params[name] = part.body.decode("utf-8", "surrogateescape")
        return
    node: Any = part.data
    for key in path.split("."):
        if not isinstance(node, dict) or key not in node:
            return
        node = node[key]
    params[name] = go_text(node)


def go_text(value: Any) -> str:
    """A JSON value as KrakenD writes it into a URL: text as it is, lists joined by commas, the rest as Go prints it."""
    if isinstance(value, list):
        return ",".join(map(go_print, value))
    return go_print(value)


def go_print(value: Any) -> str:
    """The look of a value in Go's default format: ``map[a:1 b:[x y]]``, ``<nil>``."""
    simple: dict[type, Callable[[Any], str]] = {str: str, bool: lambda v: "true" if v else "false", int: str}
    kind = type(value)
    if kind in simple:
        return simple[kind](value)
    if value is None:
        return "<nil>"
    if kind is dict:
        return "map[" + " ".join(f"{k}:{go_print(value[k])}" for k in sorted(value)) + "]"
    if kind is list:
        return "[" + " ".join(map(go_print, value)) + "]"
    return msgspec.json.encode(value).decode()
