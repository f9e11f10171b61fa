"""XML to data and back, by the conventions of mxj, which KrakenD uses.

Attributes are keys that begin with ``-``, text beside them is ``#text``, repeated elements are lists, all scalars are
texts. Namespace prefixes are dropped. Entities that a document defines are refused: they are bombs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from understudy.encoding.json import number_text
from understudy.errors import BadAnswer

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


def decode(body: bytes) -> dict[str, Any]:
    """An XML document as data; raises ``BadAnswer`` when it is none."""
    if not body.strip():
        raise BadAnswer("EOF", "decode")
    try:
        parsed = xmltodict.parse(body, attr_prefix="-", cdata_key="#text", disable_entities=True)
    except (ExpatError, ValueError, RecursionError, LookupError) as error:
        raise BadAnswer(f"XML: {error}", "decode") from error
    try:
        plain = _plain(parsed)
    except RecursionError:
        raise BadAnswer("XML: nested too deeply", "decode") from None
    return plain if isinstance(plain, dict) else {}


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, dict):
        return {_local(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value


def _local(key: str) -> str:
    """The name without its prefix: ``s:e`` is ``e``, ``-xmlns:s`` is ``-s``."""
    dash = "-" if key.startswith("-") else ""
    return dash + key[len(dash) :].rpartition(":")[2]


class Ordered(dict[str, Any]):
    """An object whose keys come in their own order instead of sorted."""


def _keys(value: Mapping[str, Any]) -> Iterable[str]:
    return value if isinstance(value, Ordered) else sorted(value)


def encode(data: Mapping[str, Any] | None) -> bytes:
    """Data as an XML document: its only key is the root element, otherwise ``doc``."""
    if not data:
        return b"<doc/>"
    [(name, value)] = data.items() if len(data) == 1 else (("doc", data),)
    try:
        return _element(name, value).encode("utf-8", "replace")
    except RecursionError:
        raise BadAnswer("the data is nested too deeply for XML", "decode") from None


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if not isinstance(value, Mapping):
        text = _text(value)
        return f"<{name}>{text}</{name}>" if text else f"<{name}/>"
    attributes = "".join(
        f' {key[1:]}="{_text(value[key])}"' for key in _keys(value) if key[:1] == "-" and len(key) > 1
    )
    inner = _text(value["#text"]) if "#text" in value else ""
    inner += "".join(
        _element(key, value[key]) for key in _keys(value) if key[:1] != "-" and key != "#text"
    )
    return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    number = number_text(value)
    return number if number is not None else str(value).translate(_ESCAPES)
