"""The only file that knows the order of the stack: from a configuration to a gateway that serves it.

From the outside in: CORS → security headers → bots of the service → route, endpoint (address, headers, query) → bots of
the endpoint → CEL → JSON schema → tap → static → flatmap → merge or sequence → concurrent calls → CEL of the backend →
balance → Martian → HTTP → Martian → status → decode → reshape → and back through both CELs. See docs/architecture.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

from msgspec import structs

from understudy import __version__
from understudy.config.checks import SCHEMA_BYTES
from understudy.config.model import Backend, Endpoint, Service
from understudy.encoding.registry import decoder, recoder
from understudy.gateway import builtin, cel
from understudy.gateway.admission import Admission, Check, Gate
from understudy.gateway.answers import Convert, decoded, opaque, passed, proxied, recoded
from understudy.gateway.backend import HttpBackend
from understudy.gateway.balance import chooser
from understudy.gateway.bot_detector import REFUSED, detector, with_bot_detector
from understudy.gateway.client_address import address_of
from understudy.gateway.concurrent import raced
from understudy.gateway.cors import with_cors
from understudy.gateway.discovery import Discovered, Resolve, system_resolve
from understudy.gateway.endpoint import EndpointHandler
from understudy.gateway.failure import Failures
from understudy.gateway.flatmap import with_flatmap
from understudy.gateway.formatter import formatter
from understudy.gateway.gateway import Gateway
from understudy.gateway.hosts import Host, hosts_of, unusable
from understudy.gateway.json_schema import schema_check
from understudy.gateway.lane import Lane, Part
from understudy.gateway.merge import SHARE, combined, merged
from understudy.gateway.meters import EndpointMeters, OtherMeters, layout
from understudy.gateway.modified import ModifiedBackend
from understudy.gateway.render import renderer
from understudy.gateway.router import Router
from understudy.gateway.secure import with_security
from understudy.gateway.sequential import sequence
from understudy.gateway.static import with_static
from understudy.gateway.types import Proxy
from understudy.http.client_tls import client_context
from understudy.http.deadlines import Deadlines
from understudy.http.outbox import Outbox
from understudy.http.pool import PoolLimits, Pools
from understudy.http.upstream import AnswerLimits
from understudy.telemetry.counters import Board

ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT")


class Surroundings:
    """What a process gives its gateway: its loop's deadlines and outbox, its counters, its taps, its log."""

    def __init__(
        self,
        service: Service,
        deadlines: Deadlines,
        outbox: Outbox,
        board: Board,
        *,
        taps: Mapping[int, Gate] | None = None,
        report: Callable[[Endpoint, BaseException | str], None] | None = None,
        debug_log: Callable[[str], None] | None = None,
        debug: bool = False,
        resolve: Resolve = system_resolve,
        answers: AnswerLimits | None = None,
    ) -> None:
        self.pools = pools_for(service, deadlines, outbox, answers)
        self.board = board
        self.taps = taps or {}
        self.report = report or (lambda endpoint, error: None)
        self.debug_log = debug_log or (lambda text: None)
        self.debug = debug
        self.resolve = resolve
        self.discovered: dict[tuple[str, str], Discovered] = {}

    def background(self) -> list[Coroutine[Any, Any, None]]:
        """What must run beside the requests, each as a task of its own, once everything is built."""
        return [found.keep_looking() for found in self.discovered.values()]

    async def looked_around(self, limit: float) -> None:
        """Waits, ``limit`` seconds at most, until every name has been looked up once: the first clients need hosts."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                for found in self.discovered.values():
                    await found.looked()


def pools_for(
    service: Service, deadlines: Deadlines, outbox: Outbox, answers: AnswerLimits | None = None
) -> Pools:
    """Connections to backends as the configuration wants them."""
    up, process = service.upstreams, service.process
    return Pools(
        deadlines,
        outbox,
        PoolLimits(
            idle=up.max_idle_connections_per_host or 250,
            idle_in_all=up.max_idle_connections,
            connections=process.max_connections_per_host,
            idle_timeout=up.idle_connection_timeout,
            connect_timeout=up.dialer_timeout,
            head_timeout=up.response_header_timeout,
            tcp_keepalive=up.dialer_keep_alive,
            reuse=not up.disable_keep_alives,
        ),
        answers or AnswerLimits(head_bytes=process.max_response_head_bytes, body_bytes=process.max_response_bytes),
        lambda: client_context(up.tls),
    )


def build(service: Service, around: Surroundings) -> Gateway:
    """The gateway of a worker. Raises ``RouteConflict`` when two endpoints cannot stand side by side."""
    options = service.router
    version = b"Version " + (b"undefined" if options.hide_version_header else __version__.encode())
    failures = Failures(version, tell=options.return_error_msg)
    client_address = address_of(options)
    router = routes(service)
    for endpoint in service.endpoints:
        proxy, lane = endpoint_proxy(service, endpoint, around)
        handler = EndpointHandler(
            endpoint,
            proxy,
            renderer(endpoint, service),
            version=version,
            failures=failures,
            client_address=client_address,
            meters=EndpointMeters(around.board, endpoint),
            gate=gate_of(service, endpoint, around.taps.get(endpoint.index)),
            lane=lane,
            report=around.report,
        )
        router.add(endpoint.method, endpoint.path, handler)
    if options.auto_options:
        by_path: dict[str, list[str]] = {}
        for endpoint in service.endpoints:
            by_path.setdefault(endpoint.path, []).append(endpoint.method)
        for path, methods in by_path.items():
            router.add("OPTIONS", path, builtin.options(methods, version))
    _add_builtins(service, around, router)
    gateway = Gateway(
        router,
        version=version,
        error_bodies=dict(options.error_bodies),
        check_params=not options.disable_path_decoding,
        meters=OtherMeters(around.board),
        close=around.pools.close,
    )
    health = "" if options.disable_health else options.health_path
    if service.bot_detector is not None:
        gateway.dispatch = with_bot_detector(
            gateway.dispatch, service.bot_detector, health.encode(), gateway.refuse_bot
        )
    security = service.extra.get("security/http")
    if isinstance(security, Mapping):
        gateway.dispatch = with_security(gateway.dispatch, security, health.encode())
    if service.cors is not None:
        gateway.dispatch = with_cors(gateway.dispatch, service.cors)
    return gateway


def routes(service: Service) -> Router[Any]:
    """An empty router with this service's rules."""
    options = service.router
    return Router(
        redirect_slash=not options.disable_redirect_trailing_slash,
        redirect_fixed=not options.disable_redirect_fixed_path,
        method_not_allowed=not options.disable_handle_method_not_allowed,
        relaxed_params=service.disable_rest,
        remove_extra_slash=options.remove_extra_slash,
    )


def _add_builtins(service: Service, around: Surroundings, router: Router[Any]) -> None:
    if not service.router.disable_health:
        router.add("GET", service.router.health_path, builtin.health)
    if service.debug_endpoint or around.debug:
        for method in ALL_METHODS:
            router.add_below(method, "/__debug/", builtin.debug(around.debug_log))
    if service.echo_endpoint:
        for method in ALL_METHODS:
            router.add_below(method, "/__echo/", builtin.echo)


def gate_of(service: Service, endpoint: Endpoint, tap: Gate | None) -> Gate | None:
    """What looks at an endpoint's requests before its backends are asked."""
    checks: list[Check] = []
    needs_body: int | None = None
    if endpoint.bot_detector is not None:
        is_bot = detector(endpoint.bot_detector)
        checks.append(lambda ask, request: REFUSED if is_bot(request) else None)
    requests = cel.before(endpoint.cel)
    if requests is not None:
        checks.append(cel.request_check(requests))
    if endpoint.json_schema is not None:
        checks.append(schema_check(endpoint.json_schema, tell=service.router.return_error_msg))
        needs_body = SCHEMA_BYTES
    return Admission(checks, tap, needs_body) if checks else tap


def endpoint_proxy(service: Service, endpoint: Endpoint, around: Surroundings) -> tuple[Proxy, Lane | None]:
    """What answers an endpoint, and its short way when every part of it is plain HTTP."""
    regular = endpoint.regular
    alone = len(regular) == 1
    parts = [backend_part(service, endpoint, b, around, alone=alone) for b in regular]
    proxies = [_with_calls(part_proxy(part), endpoint) for part in parts]
    lane: Lane | None = None
    if alone:
        proxy, lane = proxies[0], Lane(parts)
    elif endpoint.sequential:
        proxy = sequence(proxies, regular, endpoint.propagated_params, endpoint.timeout)
    else:
        proxy, lane = merged(proxies, endpoint.timeout), Lane(parts, combined, endpoint.timeout * SHARE)
    if endpoint.flatmap and not alone:
        proxy, lane = with_flatmap(proxy, endpoint.flatmap), None
    if endpoint.static is not None:
        proxy, lane = with_static(proxy, endpoint.static), None
    replies = cel.after(endpoint.cel)
    if replies is not None:
        proxy, lane = cel.with_reply_checks(proxy, replies), None
    if endpoint.concurrent_calls > 1 or any(part.admit or not part.plain for part in parts):
        lane = None
    return proxy, lane


def part_proxy(part: Part) -> Proxy:
    """What asks one backend, behind its own check."""
    proxy = proxied(part.backend, part.convert)
    return cel.with_admission(proxy, part.admit) if part.admit is not None else proxy


def _with_calls(proxy: Proxy, endpoint: Endpoint) -> Proxy:
    if endpoint.concurrent_calls > 1:
        return raced(proxy, endpoint.concurrent_calls, endpoint.timeout)
    return proxy


def backend_part(
    service: Service, endpoint: Endpoint, backend: Backend, around: Surroundings, *, alone: bool
) -> Part:
    """One plain backend of an endpoint."""
    streaming = endpoint.output_encoding == "no-op"
    fetch = http_backend(
        backend,
        host_chooser(service, backend, around),
        around.pools,
        streaming=streaming,
        compress=not service.upstreams.disable_compression,
        decodes=not streaming,
    )
    convert = conversion(endpoint, backend, alone=alone)
    replies = cel.after(backend.cel)
    if replies is not None:
        convert = cel.with_checked_replies(convert, replies)
    return Part(fetch, convert, admit=cel.admission(backend), plain=backend.martian is None)


def http_backend(backend: Backend, *others: Any, answers: bool = True, **options: Any) -> HttpBackend:
    """What asks a backend over HTTP, behind its modifiers if it has any; ``answers``: of answers too."""
    if backend.martian is not None:
        return ModifiedBackend(backend, backend.martian, *others, answers=answers, **options)
    return HttpBackend(backend, *others, **options)


def host_chooser(service: Service, backend: Backend, around: Surroundings) -> Callable[[], Host]:
    """Static hosts, drawn per request, or those behind an SRV name, looked up by a background task."""
    if backend.sd != "dns":
        try:
            return chooser(hosts_of(backend, around.pools))
        except ValueError:
            return unusable(backend.hosts[0])
    name = backend.hosts[0].partition("://")[2] or backend.hosts[0]
    found = around.discovered.get((name, backend.sd_scheme))
    if found is None:
        every = service.upstreams.dns_cache_ttl
        found = Discovered(name, backend.sd_scheme, around.pools, every, around.resolve)
        around.discovered[name, backend.sd_scheme] = found
    return found.choose


def shadow_part(service: Service, endpoint: Endpoint, backend: Backend, around: Surroundings) -> Part:
    """The stack of one shadow, for the mirror.

    Its headers are made by ``shadow/headers.py``. Its answer is streamed, so that one without an end can be cut; it is
    decoded, once it is complete, only where a later shadow of a sequence may want a value of it. It is compared as it
    came, like the primary's: modifiers of answers are for users.
    """
    shadow = backend.shadow
    decodes = endpoint.sequential and len(endpoint.shadows) > 1 and backend.encoding != "no-op"
    fetch = http_backend(
        structs.replace(backend, input_headers=()),
        host_chooser(service, backend, around),
        around.pools,
        answers=False,
        streaming=True,
        compress=not service.upstreams.disable_compression,
        host_header=shadow.host_header if shadow is not None else None,
    )
    plain, admit = backend.martian is None, cel.admission(structs.replace(backend, input_headers=()))
    if not decodes:
        return Part(fetch, opaque, admit=admit, plain=plain)
    later = decoded(backend, decoder(backend.encoding, backend.is_collection), formatter(backend))
    replies = cel.after(backend.cel)
    if replies is not None:
        later = cel.with_checked_replies(later, replies)
    return Part(fetch, opaque, later, admit=admit, plain=plain)


def again_part(service: Service, endpoint: Endpoint, backend: Backend, around: Surroundings) -> Part:
    """The stack of a regular backend for the mirror, which asks it once more and reads what it answers as it comes."""
    fetch = HttpBackend(
        backend,
        host_chooser(service, backend, around),
        around.pools,
        streaming=True,
        compress=not service.upstreams.disable_compression,
    )
    return Part(fetch, opaque)


def conversion(endpoint: Endpoint, backend: Backend, *, alone: bool) -> Convert:
    """From raw answers to replies, in the way that endpoint and backend want them."""
    if endpoint.output_encoding == "no-op":
        return passed
    if backend.encoding == "no-op":
        return opaque
    reshape = formatter(backend)
    if alone and reshape is None and plain_json(endpoint, backend):
        return recoded(backend, recoder)
    return decoded(backend, decoder(backend.encoding, backend.is_collection), reshape)


def plain_json(endpoint: Endpoint, backend: Backend) -> bool:
    """Whether nothing looks into the data between the backend's JSON and the client's."""
    return (
        endpoint.output_encoding == "json"
        and backend.encoding == "json"
        and not backend.is_collection
        and endpoint.static is None
        and not endpoint.sequential
        and not any(check.after for check in (*endpoint.cel, *backend.cel))
    )


__all__ = ["Surroundings", "again_part", "backend_part", "build", "endpoint_proxy", "layout", "pools_for", "routes"]
