"""A configuration without its secrets. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"
_SECRET = re.compile(
    r"passw|secret|token|credential|api_?key|private_?key|authorization|cookie|^key$|_key$|^pass$|^dsn$", re.IGNORECASE
)
_OPEN = frozenset(("private_key", "certificate", "settings_writable", "remote_ip_headers", "sticky_by", "id_field",
                   "credentials"))
"""Names that sound like secrets and hold a file's path or a header's name."""
_USERINFO = re.compile(r"(?<=://)[^/@\s]*@")
_IN_QUERY = re.compile(r"([?&][^=&\s]*(?:token|secret|passw|key|auth|sig)[^=&\s]*=)[^&\s]*", re.IGNORECASE)


def redacted(value: Any, key: str = "") -> Any:
    """The same data; what a secret-sounding key holds, and credentials inside URLs, replaced by ``***``."""
    if isinstance(value, Mapping):
        # The name of a namespace (auth/client-credentials) says what a block is about, not that all of it is secret.
        if _is_secret(key) and "/" not in key:
            return HIDDEN
        return {str(k): redacted(v, str(k)) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        if key == "set_headers":
            return [[name, redacted(content, name)] for name, content in value]
        if _is_secret(key):
            return HIDDEN if value else value
        return [redacted(item) for item in value]
    if _is_secret(key) and value not in (None, "", False, True):
        return HIDDEN
    return _in_text(value) if isinstance(value, str) else value


def _is_secret(key: str) -> bool:
    word = key.replace("-", "_")
    return word not in _OPEN and _SECRET.search(word) is not None


def _in_text(text: str) -> str:
    return _USERINFO.sub(f"{HIDDEN}@", _IN_QUERY.sub(rf"\1{HIDDEN}", text))
