"""Texts that both databases take: PostgreSQL refuses NUL, and neither takes half a surrogate pair. Pure."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text; characters that cannot be stored are replaced by U+FFFD."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
