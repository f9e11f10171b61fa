"""What makes pairs comparable: evidence is added up as long as this stays the same. Pure."""

from __future__ import annotations

import hashlib

import msgspec
from msgspec.structs import replace

from understudy.config.model import Backend, Breaker, Endpoint, Guard, Service


def digest(service: Service) -> str:
    """Of all endpoints with shadows: what is asked of whom, and the rules by which answers are compared.

    How much is copied, and when copying steps back, may change while evidence goes on.
    """
    text = msgspec.json.encode([_endpoint(e) for e in service.endpoints if e.shadows], order="deterministic")
    return hashlib.sha256(text).hexdigest()


def _endpoint(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, index=0, extra={}, backends=tuple(map(_backend, endpoint.backends)))


def _backend(backend: Backend) -> Backend:
    shadow = backend.shadow
    if shadow is not None:
        shadow = replace(shadow, percent=100.0, max_in_flight=100, max_rate=None, breaker=Breaker(), guard=Guard())
    return replace(backend, extra={}, shadow=shadow)
