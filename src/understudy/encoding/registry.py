"""Which decoder belongs to a backend's ``encoding``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.encoding import json, rss, xml

Decode = Callable[[bytes, bytes], dict[str, Any] | None]
"""From a body and its content type to data; raises ``BadAnswer``."""


def decoder(encoding: str, is_collection: bool) -> Decode:
    """The decoder for this encoding; an unknown one is read as JSON, and so are fast-json and yaml (KrakenD CE)."""
    name = encoding.lower()
    if name == "safejson":
        return lambda body, kind: json.decode_any(body)
    if name == "string":
        return lambda body, kind: {"content": body.decode("utf-8", "replace")}
    if name == "xml":
        if is_collection:
            return lambda body, kind: {"collection": xml.decode(body)}
        return lambda body, kind: xml.decode(body)
    if name == "rss":
        return lambda body, kind: rss.decode(body)
    if is_collection:
        return lambda body, kind: json.decode_collection(body)
    return lambda body, kind: json.decode_object(body)


recoder: Callable[[bytes], bytes] = json.recode
"""JSON in, the same JSON in the form of an answer out, for endpoints where nothing looks into it."""
