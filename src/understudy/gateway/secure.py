"""``security/http``: allowed hosts, the way to https, and security header fields on every answer but health's.

Only what is set does anything (the schema's defaults are not KrakenD's code's; krakend-surface, 6.7).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape as html_escape
from typing import Any

from understudy.gateway.cors import Dispatch, extended, extended_outcome
from understudy.http.values import HeaderBlock, Pair, Request, Response, canonical

_NOSNIFF: Pair = (b"X-Content-Type-Options", b"nosniff")
_BAD_HOST = Response(
    500, HeaderBlock([(b"Content-Type", b"text/plain; charset=utf-8"), _NOSNIFF]), b"Bad Host\n"
)


class HttpSecurity:
    """The component's options, compiled. Pure. Values of the wrong type count as absent, as in KrakenD."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        active = options.get("is_development") is not True
        self._hosts = frozenset(h.lower() for h in _texts(options.get("allowed_hosts"))) if active else frozenset()
        self._host_patterns: tuple[re.Pattern[str], ...] = ()
        if self._hosts and options.get("allowed_hosts_are_regex") is True:
            self._host_patterns = tuple(re.compile(p) for p in _texts(options.get("allowed_hosts")))
        self._host_headers = tuple(canonical(h.encode()) for h in _texts(options.get("host_proxy_headers")))
        proxy = options.get("ssl_proxy_headers")
        self._https_headers = (
            tuple((canonical(str(k).encode()), str(v).encode()) for k, v in proxy.items())
            if isinstance(proxy, Mapping) else ()
        )  # fmt: skip
        self._redirect = active and options.get("ssl_redirect") is True
        self._ssl_host = options["ssl_host"] if isinstance(options.get("ssl_host"), str) else ""
        self._fields = tuple(_fields(options))
        self._sts: tuple[Pair, ...] = ()
        seconds = options.get("sts_seconds")
        if active and isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds > 0:
            below = "; includeSubDomains" if options.get("sts_include_subdomains") is True else ""
            self._sts = ((b"Strict-Transport-Security", f"max-age={int(seconds)}{below}".encode()),)
        self._force_sts = options.get("force_sts_header") is True

    def refusal(self, request: Request) -> Response | None:
        """The answer to a request that must not be served: a wrong host, or no TLS."""
        if self._hosts and not self._allows(self._host(request)):
            return _BAD_HOST
        if self._redirect and not self._is_secure(request):
            host = self._ssl_host or request.host.decode("latin-1")
            location = f"https://{host}{request.target.decode('latin-1')}"
            place: Pair = (b"Location", location.encode("latin-1"))
            if request.method not in (b"GET", b"HEAD"):
                return Response(301, HeaderBlock([place]))
            body = f'<a href="{html_escape(location)}">Moved Permanently</a>.\n\n'.encode("latin-1")
            return Response(301, HeaderBlock([(b"Content-Type", b"text/html; charset=utf-8"), place]), body)
        return None

    def fields(self, request: Request) -> tuple[Pair, ...]:
        """The header fields for this request's answer."""
        if self._sts and (self._force_sts or self._is_secure(request)):
            return (*self._sts, *self._fields)
        return self._fields

    def _host(self, request: Request) -> str:
        for name in self._host_headers:
            value = request.header(name)
            if value:
                return value.decode("latin-1")
        return request.host.decode("latin-1")

    def _allows(self, host: str) -> bool:
        if self._host_patterns:
            return any(p.search(host) for p in self._host_patterns)
        return host.lower() in self._hosts

    def _is_secure(self, request: Request) -> bool:
        return request.secure or any(request.header(name) == value for name, value in self._https_headers)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, (list, tuple)) else ()


def _fields(options: Mapping[str, Any]) -> list[Pair]:
    out: list[Pair] = []
    frame = options.get("custom_frame_options_value")
    if isinstance(frame, str) and frame:
        out.append((b"X-Frame-Options", frame.encode("latin-1", "replace")))
    elif options.get("frame_deny") is True:
        out.append((b"X-Frame-Options", b"DENY"))
    if options.get("content_type_nosniff") is True:
        out.append(_NOSNIFF)
    if options.get("browser_xss_filter") is True:
        out.append((b"X-Xss-Protection", b"1; mode=block"))
    for key, name in (("content_security_policy", b"Content-Security-Policy"), ("referrer_policy", b"Referrer-Policy")):
        value = options.get(key)
        if isinstance(value, str) and value:
            out.append((name, value.encode("latin-1", "replace")))
    return out


def with_security(dispatch: Dispatch, options: Mapping[str, Any], health: bytes) -> Dispatch:
    """The same dispatch behind the component; requests for the path ``health`` are not its business."""
    security = HttpSecurity(options)

    def wrapped(request: Request, respond: Callable[[Response], None]) -> Any:
        if request.target.partition(b"?")[0] == health:
            return dispatch(request, respond)
        refused = security.refusal(request)
        if refused is not None:
            return refused
        pairs = security.fields(request)
        if not pairs:
            return dispatch(request, respond)
        outcome = dispatch(request, lambda response: respond(extended(response, pairs)))
        return extended_outcome(outcome, pairs)

    return wrapped
