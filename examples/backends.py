"""The services behind an example: ``python -m examples.backends examples/shop.json`` answers on all of its ports.

What they answer stands in ``examples/answers``, by port, method and path. A value is the JSON of a 200, or has
``$status``, ``$headers``, ``$type`` and ``$text`` or ``$json``. In its texts ``{name}`` is a segment of the path,
``{query}``, ``{body}`` and ``{header:name}`` are what arrived.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from understudy.testing.backend import Backend, Seen, reply

HERE = Path(__file__).parent
_PLACE = re.compile(r"\{([^{}]+)\}")


def services(example: str) -> dict[str, Callable[[Seen], bytes]]:
    """By port in the example's file: what answers there."""
    answers = json.loads((HERE / "answers" / f"{example}.json").read_text())
    return {port: _service(answers[table] if isinstance(table, str) else table)
            for port, table in ((port, answers[port]) for port in answers)}  # fmt: skip


def _service(table: Mapping[str, Any]) -> Callable[[Seen], bytes]:
    routes = [(re.compile(_PLACE.sub(r"(?P<\1>[^/]+)", pattern)), answer) for pattern, answer in table.items()]

    def answer(seen: Seen) -> bytes:
        path, _, query = seen.target.partition("?")
        for pattern, made in routes:
            found = pattern.fullmatch(f"{seen.method} {path}")
            if found is not None:
                known = {**found.groupdict(), "query": query, "body": seen.body.decode("latin-1")}
                known |= {f"header:{name}": value for name, value in seen.headers}
                return _reply(_filled(made, known))
        return reply({"error": f"nothing at {seen.method} {path}"}, 404)

    return answer


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _PLACE.sub(lambda found: known.get(found[1], ""), value)
    if isinstance(value, list):
        return [_filled(item, known) for item in value]
    return {key: _filled(item, known) for key, item in value.items()} if isinstance(value, dict) else value


def _reply(made: Any) -> bytes:
    if not isinstance(made, dict) or not any(key.startswith("$") for key in made):
        return reply(made)
    headers = [(name, value) for name, value in made.get("$headers", ())]
    if "$type" in made:
        headers.append(("Content-Type", made["$type"]))
    return reply(made["$json"] if "$json" in made else made["$text"], made.get("$status", 200), headers)


async def serve(example: str) -> None:
    """All services of an example on the ports of its file, until cancelled."""
    async with AsyncExitStack() as stack:
        for port, answer in services(example).items():
            await stack.enter_async_context(Backend(answer, port=int(port)))
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]).stem))
