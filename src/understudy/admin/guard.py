"""Who may see and who may change what on the admin side. Pure.

A browser on the same machine can be made to send requests to 127.0.0.1 by any page it shows. So on a loopback
address the Host must name this machine (a page's own name that was made to point here does not), and a change must
come as JSON (which a form cannot send) and not from another origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from ipaddress import ip_address

from msgspec import Struct

OPEN = frozenset(("/health", "/ready"))
"""For everybody: whoever watches over the gateway need know nothing."""
_LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))


class Refusal(Struct, frozen=True):
    """Why a request is not served."""

    status: int
    message: str


class Guard:
    """The rules for one address. ``headers`` are passed with lower-case names."""

    def __init__(self, address: str, token: str | None) -> None:
        self._address = address
        self._token = token
        self._loopback = is_loopback(address)

    def judge(self, method: str, path: str, headers: Mapping[str, str]) -> Refusal | None:
        """None when the request may be served."""
        if path in OPEN:
            return None
        if self._loopback and host_name(headers.get("host", "")) not in _LOCAL | {self._address}:
            return Refusal(403, "This Host is not an address of the admin side; use 127.0.0.1 or localhost.")
        changes = method not in ("GET", "HEAD", "OPTIONS")
        if changes and (refusal := self._cross_site(headers)) is not None:
            return refusal
        return self._unknown(headers, changes)

    def _cross_site(self, headers: Mapping[str, str]) -> Refusal | None:
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Refusal(415, "Changes must be sent with Content-Type: application/json.")
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != headers.get("host"):
            return Refusal(403, "Changes are not taken from pages of another origin.")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return Refusal(403, "Changes are not taken from pages of another origin.")
        return None

    def _unknown(self, headers: Mapping[str, str], changes: bool) -> Refusal | None:
        if self._loopback and (self._token is None or not changes):
            return None
        if self._token is None:
            return Refusal(403, 'Outside this machine only /health and /ready are served without an "admin_token".')
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and compare_digest(given.strip().encode(), self._token.encode()):
            return None
        return Refusal(401, "The token is needed: Authorization: Bearer TOKEN.")


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def host_name(host: str) -> str:
    """The name in a Host field, without port and brackets, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
