"""Values as people see them in a difference: JSON text of a bounded length, numbers as written. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec

LONGEST = 200
"""Characters."""

_encode = msgspec.json.Encoder(order="sorted").encode


def shown(value: Any) -> str:
    """A decoded value; a long one is cut."""
    if isinstance(value, str):
        value = value[:LONGEST]
    try:
        text = _encode(value).decode("utf-8", "replace")
    except (ValueError, TypeError, RecursionError):
        text = json.dumps(str(value)[:LONGEST])
    return cut(text)


def digest(kind: str, body: bytes) -> str:
    """A body that has no paths: what it is, how long, and its digest."""
    return json.dumps(f"{kind}, {len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}")


def cut(text: str) -> str:
    """The text, at most ``LONGEST`` characters of it."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
