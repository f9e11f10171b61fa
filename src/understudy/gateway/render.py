"""From a reply to the client's bytes: the endpoint's ``output_encoding``. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.config.model import Endpoint, Service
from understudy.encoding import json, xml, yaml
from understudy.gateway.types import Reply
from understudy.http.values import Request

Render = Callable[[Reply | None, Request], tuple[bytes, bytes]]

JSON = b"application/json; charset=utf-8"
TEXT = b"text/plain; charset=utf-8"
XML = b"application/xml"
YAML = b"application/yaml; charset=utf-8"


def as_json(reply: Reply | None, request: Request) -> tuple[bytes, bytes]:
    """The data as an object; ``{}`` without a reply, ``null`` for one without data."""
    if reply is None:
        return JSON, b"{}"
    return JSON, reply.raw if reply.raw is not None else json.encode(reply.data)


def as_collection(reply: Reply | None, request: Request) -> tuple[bytes, bytes]:
    """What stands under ``collection``; ``[]`` when nothing does."""
    data = reply.data if reply is not None else None
    return JSON, json.encode(data["collection"]) if data and "collection" in data else b"[]"


def as_string(reply: Reply | None, request: Request) -> tuple[bytes, bytes]:
    """What stands under ``content``, when it is a text."""
    content: Any = reply.data.get("content") if reply is not None and reply.data else None
    return TEXT, content.encode("utf-8", "replace") if isinstance(content, str) else b""


def as_xml(reply: Reply | None, request: Request) -> tuple[bytes, bytes]:
    """The data as a document."""
    return XML, xml.encode(reply.data if reply is not None else None)


def as_yaml(reply: Reply | None, request: Request) -> tuple[bytes, bytes]:
    """The data in block style."""
    return YAML, yaml.encode((reply.data if reply is not None else None) or {})


_OFFERS: dict[bytes, Render] = {
    b"application/json": as_json, b"*/*": as_json, b"application/*": as_json,
    b"application/xml": as_xml,
    b"text/plain": as_yaml, b"text/*": as_yaml, b"application/x-yaml": as_yaml,
}  # fmt: skip


def negotiated(reply: Reply | None, request: Request) -> tuple[bytes, bytes]:
    """The first known type in the client's Accept, without regard to quality values; JSON otherwise (KrakenD)."""
    accept = request.header(b"Accept") or b""
    for part in accept.split(b","):
        render = _OFFERS.get(part.partition(b";")[0].strip())
        if render is not None:
            return render(reply, request)
    return as_json(reply, request)


_RENDERS: dict[str, Render] = {
    "json": as_json, "json-collection": as_collection, "string": as_string, "xml": as_xml, "yaml": as_yaml,
    "negotiate": negotiated,
}  # fmt: skip
_BACKEND_NAMES: dict[str, Render] = {"json": as_json, "string": as_string, "xml": as_xml}


def renderer(endpoint: Endpoint, service: Service) -> Render:
    """The renderer of an endpoint; an unknown name falls back to the only backend's encoding, else to JSON."""
    known = _RENDERS.get(endpoint.output_encoding)
    if known is not None:
        return known
    if len(endpoint.backends) == 1:
        return _BACKEND_NAMES.get(endpoint.backends[0].encoding, as_json)
    return as_json
